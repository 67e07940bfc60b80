// The door `@sumus/secure-sum/floors`: what a participant never accepts.
export {
  type Accepted,
  committeeQuorum,
  corruptAmong,
  defineFloors,
  type Floors,
  type MaskProposal,
  maskThreshold,
  type OneShotProposal,
  type Proposal,
  requireFloors,
  type ThresholdProposal,
  tighten,
} from './floors.ts';
export { NO_ROUNDS, type RoundBudget, spendRound } from './round-budget.ts';
