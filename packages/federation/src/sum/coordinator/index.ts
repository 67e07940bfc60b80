// What `@sumus/federation/coordinator` shows of sums: the server's half, and no import path to a secret.
export { rotationContext, sumsOfEpoch } from '../agreement.ts';
export { loadSumEngines } from '../engines.ts';
export { type PublishedWords, readPublished } from '../opened.ts';
export type {
  CoordinatorSum,
  CoordinatorSumEvent,
  OpenedSum,
  SumAgreement,
  SumContributor,
  SumEngines,
  SumPhase,
  SumPoint,
  ThresholdKey,
} from '../sum.ts';
export {
  freshStanding,
  isComplete,
  phaseOf,
  restoreSum,
  standingOf,
  startSum,
  stepSum,
  storeSum,
} from './machine.ts';
export type { CoordinatorSumSetup } from './setup.ts';
export type { CoordinatorStanding } from './standing.ts';
export type { CoordinatorSumState, CoordinatorSumStep } from './state.ts';
