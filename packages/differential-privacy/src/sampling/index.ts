// The door `@sumus/differential-privacy/sampling`.
export { priceOf } from './amplification.ts';
// Not drawBatch and drawEpoch, which draw without a charge, and PaidBatch as a type only: who could make one would not have paid.
export { type Charged, ChargedEpochs, ChargedSampler, type PaidBatch } from './charged-sampler.ts';
export { exactCoin } from './draw.ts';
export {
  type BallsAndBinsPlan,
  type EpochPlan,
  type FixedSizePlan,
  type FullPlan,
  type PoissonPlan,
  publicDivisor,
  type SamplingPlan,
  type ShuffledPlan,
  type StepPlan,
  samplingPlan,
  type TruncatedPoissonPlan,
} from './sampling-plan.ts';
