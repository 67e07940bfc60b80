// The door `@sumus/lattice/one-time/sums`: what a server needs that adds one-time contributions and opens their sum from the committee's
// answers. No import path from here reaches a single contributor's key (wire/sums.test.ts holds that).
export { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
export { NoiseAboveBound } from '../integers/noise-above-bound.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export {
  type Committee,
  capacityBits,
  type OneTimeLiteral,
  type OneTimeParameters,
  oneTimeParameters,
} from '../parameters/one-time-parameters.ts';
export { chunkCount, type OneTimeCiphertext, oneTimeRing } from './ciphertext.ts';
export type { KeyShare } from './key-share.ts';
export { type KeySum, reconstructKeySum } from './key-sum.ts';
export { locateWrongAnswers } from './locate-answers.ts';
export { OneTimeSum, type Opening, openSum } from './one-time-sum.ts';
export { packedContributionBytes } from './packed-contribution.ts';
export { PackedSum } from './packed-sum.ts';
