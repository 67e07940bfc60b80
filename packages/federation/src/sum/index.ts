// The door `@sumus/federation/sum`: a participant's half of one sum, whatever protects it. Secret; the coordinator's half is behind
// `@sumus/federation/coordinator`.
export { rotationContext, sumsOfEpoch } from './agreement.ts';
export { loadSumEngines } from './engines.ts';
export { type PublishedWords, readPublished } from './opened.ts';
export {
  freshStanding,
  openSum,
  phaseOf,
  restoreSum,
  standingOf,
  stepSum,
  storeSumInTheClear,
  wantsWords,
} from './participant/machine.ts';
export type { ParticipantSumSetup } from './participant/setup.ts';
export type { SecretStanding } from './participant/standing.ts';
export type { SecretSum, SumStep } from './participant/state.ts';
export { thresholdKeyOf } from './participant/threshold-key.ts';
export type {
  OpenedSum,
  ParticipantSum,
  ParticipantSumEvent,
  SumAgreement,
  SumContributor,
  SumEngines,
  SumPhase,
  SumPoint,
  ThresholdKey,
} from './sum.ts';
