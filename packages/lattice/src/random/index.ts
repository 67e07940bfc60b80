// The door `@sumus/lattice/random`.
export {
  CENTRED_BINOMIAL_21,
  type Distribution,
  stddevOf,
  TERNARY,
} from '../parameters/distributions.ts';
export { RandomStream, SEED_BYTES, type StreamDomain } from './random-stream.ts';
export { freshSeed } from './seed.ts';
export { sampleSmall } from './small.ts';
export {
  LARGEST_SMUDGING_LOG2,
  largestSmudging,
  type Measure,
  type StatisticalSecurity,
  sampleSmudgingBlock,
  smudgingShape,
  smudgingStddevLog2,
  statisticalSecurity,
} from './smudging.ts';
export { expandUniform, sampleUniformBlock } from './uniform.ts';
