// The door `@sumus/secure-sum/encoding`: floats to words that are summed, and a sum of words back to a mean.
export type { Counter, PlacedCounter } from './counters.ts';
export { type DecodedSum, decode, type OpenedSum } from './decode.ts';
export { describeEncoding, type EncodingDescription, encodingBytes } from './description.ts';
export { type EncodedVector, type EncodingPrimitives, encode, type VectorToEncode } from './encode.ts';
export { defineEncoding, type Encoding, type EncodingOptions, SQUARED_NORM_STEPS } from './encoding.ts';
export {
  type NormProver,
  type NormStatement,
  type NormVerdict,
  type NormVerifier,
  normStatement,
  worstNormWithinRange,
  worstShiftOfMean,
} from './input-bounds.ts';
export {
  type GuaranteedHonest,
  type Noise,
  type NoiseSampler,
  noiseHeadroom,
  participantNoiseVariance,
} from './noise.ts';
export { type Rotation, rotationOf } from './rotation.ts';
export type { Windows } from './windows.ts';
