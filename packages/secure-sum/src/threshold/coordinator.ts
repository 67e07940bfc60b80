// The door `@sumus/secure-sum/threshold/coordinator`: what a server does for threshold sums. It carries signed messages, keeps ciphertexts
// and takes the sum that members signed. No import path from here reaches a key, an encryption or an opening.
export { decodeBundle, encodeBundle } from './bundle.ts';
export { type Circle, circleOf, type NumberedMember } from './circle.ts';
export { type Contribution, receiveContribution } from './contributions.ts';
export {
  type FoundingCoordinatorEvent,
  type FoundingCoordinatorSetting,
  type FoundingCoordinatorState,
  type FoundingCoordinatorStep,
  startFoundingCoordinator,
  stepFoundingCoordinator,
} from './coordinator-founding.ts';
export {
  type CoordinatedSum,
  requestAgain,
  type SumCoordinatorEvent,
  type SumCoordinatorSetting,
  type SumCoordinatorState,
  type SumCoordinatorStep,
  startSumCoordinator,
  stepSumCoordinator,
} from './coordinator-sum.ts';
export { decodeEpochCertificate, type EpochCertificate, encodeEpochCertificate } from './epoch-certificate.ts';
export { ALARM, RESULT, SEMI_HONEST, type SemiHonest } from './kinds.ts';
export { decodeResultBody, type ResultBody } from './results.ts';
export { openingStatement, resultHash } from './statements.ts';
export { decodeSum, encodeSum } from './stored-sum.ts';
export type { VectorShape } from './vectors.ts';
