// The door `@sumus/encrypted-learning/training`: what is trained, in the clear and encrypted, and what a release may claim.

export { type ClipFactor, clipFactor } from '../approximation/clip-factor.ts';
export {
  evaluateAt,
  type FitMethod,
  type SigmoidLiteral,
  type SigmoidPolynomial,
  sigmoidPolynomial,
} from '../approximation/sigmoid.ts';
export { ParameterError } from '../errors.ts';
export {
  type ConsortiumFound,
  type ConsortiumLiteral,
  type ConsortiumPlan,
  type ConsortiumState,
  type ConsortiumStatement,
  consortiumStatement,
  firstState,
  nextState,
  planConsortium,
  recheckConsortium,
} from './consortium.ts';
export {
  authoriseNoisySum,
  ConsortiumMember,
  type ConsortiumMemberLiteral,
  type NoisySum,
} from './consortium-member.ts';
export { batchOf, type DescentOptions, descend, margins, type Trajectory } from './descent.ts';
export {
  type Guarantee,
  type GuaranteeFound,
  type GuaranteeLiteral,
  guarantee,
  type NoisePlacement,
} from './guarantee.ts';
export type { Invariant } from './invariant.ts';
export { noisePlacement, type Placement } from './noise-placement.ts';
export { type EncryptedBlock, type EncryptionKey, encryptRows, openWeights } from './owner.ts';
export { RunDiverged, watchingRefresher } from './owner-refresh.ts';
export { type PackedBlock, packedBlocks } from './packed-inputs.ts';
export { type Packing, type PackingRequest, packing, unpackWeights } from './packing.ts';
export { descendPrivately, type PrivateTrajectory, perturbOnce } from './private-descent.ts';
export { type Barrier, type Model, type Recipe, type RecipeLiteral, recipe } from './recipe.ts';
export { type RefusalCode, type Released, releaseToOwner, releaseWithStatement } from './release.ts';
export { CheckedRows, checkRows, type RowsLiteral, selectRows } from './rows.ts';
export { type LearningRate, type Optimiser, type Step, schedule } from './schedule.ts';
export { type Recheck, recheckStatement, type Statement, statementOf } from './statement.ts';
export { type LeaveOut, type TrainingCircuitRequest, trainingCircuit } from './training-circuit.ts';
export { type DepthQuestion, iterationDepth, placeRefreshes } from './training-depth.ts';
export { planTraining, type TrainingPlan, type TrainingPlanLiteral } from './training-plan.ts';
