// The door `@sumus/differential-privacy/sampling`.
export { priceOf } from './amplification.ts';
export { type Charged, ChargedEpochs, ChargedSampler, PaidBatch } from './charged-sampler.ts';
export { drawBatch, drawEpoch, exactCoin } from './draw.ts';
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
