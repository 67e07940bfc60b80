// The door `@sumus/federation/plan`: what a run is. Everybody, the server too.
export type { Problem } from '../schema/schema.ts';
export { withLeastNoise } from './calibration.ts';
export { type CheckedPlan, checkPlan, type PlanCheck, type PlanProblem } from './check.ts';
export { columnSumsOf, preparedWidth, rowNorm, sumsBeforeRounds, sumsInPlan } from './column-sums.ts';
export { FEWEST_CONTRIBUTORS, RULES, type RuleName } from './consistency.ts';
export { canonicalPlan, planHash, planId, signPlan, type VerifiedPlan, verifyPlan } from './identity.ts';
export { metricCounters, metricsInSum, unitsForMetrics } from './metrics.ts';
export type {
  Amplification,
  ArchitectureData,
  Asynchronous,
  Batching,
  CentralPrivacy,
  Combine,
  Contributors,
  Deadline,
  Encoding,
  Exchange,
  Json,
  LocalOptimiser,
  LocalPrivacy,
  LocalWork,
  Metric,
  Model,
  NoPrivacy,
  OneRound,
  Plan,
  Privacy,
  Promised,
  Protection,
  Release,
  Robustness,
  Schedule,
  ServerOptimiser,
  Sharing,
  SparseVectorPrivacy,
  SpeedKnobs,
  Stopping,
  Synchronous,
  Turns,
  Upload,
} from './plan.ts';
export { type PlanFile, type PlanFileRead, problemLines, readPlanFile, type SignedPlan } from './plan-file.ts';
export { planJsonSchema } from './plan-schema.ts';
export type {
  AsGiven,
  ColumnStep,
  Preparation,
  ScatteringPreparation,
  TableColumn,
  TablePreparation,
} from './preparation.ts';
export { checkTablePreparation } from './preparation-schema.ts';
export { epsilonAfter, priceOfColumns, priceOfRound, roundsWithinBudget, sparseVectorEpsilon } from './price.ts';
export { statisticsNorm } from './privacy-rules.ts';
export {
  contributionsInSum,
  divisorOf,
  maskParametersOf,
  noiseOf,
  oneShotLiteralOf,
  oneShotOf,
  type PlannedNoise,
  unitNormOf,
  vectorLengthOf,
  wordEncodingOf,
} from './sums.ts';
export { planTemplate, type TemplateOptions } from './template.ts';
export type { FeaturesWanted } from './template-one-round.ts';
