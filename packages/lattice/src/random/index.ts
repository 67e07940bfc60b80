// The door `@sumus/lattice/random`: streams, whole polynomials drawn from them, and the samplers at addresses of the engine's memory,
// inside its scopes, that schemes are written on.
export type { Engine } from '../engine/engine.ts';
export { ParameterError } from '../errors.ts';
export type { LatticePrimitives } from '../lattice.ts';
export {
  CENTRED_BINOMIAL_21,
  type Distribution,
  stddevOf,
  TERNARY,
} from '../parameters/distributions.ts';
export { smallPolynomial, smudgingPolynomial, uniformPolynomial } from './polynomials.ts';
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
