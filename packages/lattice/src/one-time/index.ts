// The door `@sumus/lattice/one-time`: key-homomorphic encryption on a public polynomial, one key a message, and the packed sharing
// of the key with which a committee opens sums.
export { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
export { NoiseAboveBound } from '../integers/noise-above-bound.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export {
  type Committee,
  capacityBits,
  insecureOneTimeParameters,
  type OneTimeLiteral,
  type OneTimeParameters,
  oneTimeParameters,
} from '../parameters/one-time-parameters.ts';
export { chunkCount, type OneTimeCiphertext, oneTimeRing } from './ciphertext.ts';
export { encryptOnce, encryptOncePacked, type OneTimeInput } from './encrypt-once.ts';
export { type KeyShare, sumShares } from './key-share.ts';
export { shareKey } from './key-sharing.ts';
export { type KeySum, reconstructKeySum } from './key-sum.ts';
export { locateWrongAnswers } from './locate-answers.ts';
export { OneTimeKey, oneTimeKey } from './one-time-key.ts';
export { OneTimeSum, type Opening, openSum } from './one-time-sum.ts';
export { packedContributionBytes } from './packed-contribution.ts';
export { PackedSum } from './packed-sum.ts';
