// The door `@sumus/differential-privacy/sensitivity`.
export {
  type Aggregate,
  aggregateSensitivity,
  contributionsThatDiffer,
  type WeightedMean,
  weightedSensitivity,
} from './aggregate.ts';
export {
  type GradientBound,
  logisticRegression,
  oneVersusRest,
  polynomialLogistic,
  type SquaredLoss,
  softmaxRegression,
  squaredLoss,
  withBiasFeature,
} from './gradient-bounds.ts';
export {
  confiningBarrier,
  confiningRidge,
  convergenceBound,
  couplingDelta,
  type Descent,
  decayedRadius,
  noiseEscape,
  noiseForSteps,
  outwardDrift,
  projectInPlace,
  safeWeightRadius,
  surrogateDistance,
} from './invariant.ts';
export {
  type BoundedLayer,
  type LayerBound,
  type NetworkBound,
  networkBound,
  type PolynomialNetwork,
  polynomialNetworkBound,
} from './lipschitz-layers.ts';
export {
  convexPasses,
  decreasingPasses,
  decreasingStep,
  descentSensitivity,
  equivalentOutputNoise,
  type FullBatchDescent,
  hiddenStateMu,
  minimiserSensitivity,
  stronglyConvexPasses,
} from './output-perturbation.ts';
export { centredOneHotNorm, statisticsSensitivity } from './sufficient-statistics.ts';
