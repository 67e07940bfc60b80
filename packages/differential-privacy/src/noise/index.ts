// The door `@sumus/differential-privacy/noise`.
export { referenceDiscreteGaussian, referenceDiscreteLaplace } from './coin-flips.ts';
export { discreteGaussian, discreteGaussianStddev, LARGEST_STDDEV } from './discrete-gaussian.ts';
export { discreteLaplace, discreteLaplaceStddev, LARGEST_SCALE } from './discrete-laplace.ts';
export {
  type DistributedNoise,
  distributedGaussianGap,
  distributedNoise,
  noiseShare,
  type Survivorship,
} from './distributed.ts';
export {
  fromGrid,
  type GaussianGrid,
  type GridChoice,
  gaussianGrid,
  gridNoise,
  releaseSum,
  toGrid,
} from './gaussian-grid.ts';
export { addNoise, type IntegerSampler, type NoiseLaw } from './integer-sampler.ts';
export { type RandomSource, RandomWords } from './random-source.ts';
export { roundedGaussian } from './rounded-gaussian.ts';
export { priceOfShares, type SharedRelease } from './share-price.ts';
export { LARGEST_VARIANCE, skellam } from './skellam.ts';
