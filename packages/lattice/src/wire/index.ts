// The door `@sumus/lattice/wire`: everything public that travels. Secrets have a door of their own (secrets.ts); whoever adds
// ciphertexts and may not know of secrets enters by sums.ts.
export { MalformedMessage, ParameterError } from '../errors.ts';
export { decodeCkksCiphertext, encodeCkksCiphertext } from './ckks.ts';
export { decodeGaloisKeys, encodeGaloisKeys } from './galois-keys.ts';
export { encodeOneTimeKeyShare } from './one-time-keys.ts';
export { decodeCoefficients, decodeEvaluations, encodeCoefficients, encodeEvaluations } from './polynomials.ts';
export {
  decodeGaloisKey,
  decodePublicKey,
  decodeRelinearisationKey,
  encodeGaloisKey,
  encodePublicKey,
  encodeRelinearisationKey,
} from './public-keys.ts';
export {
  decodeCommitment,
  decodeContribution,
  decodePartialDecryption,
  decodeRefreshAnswer,
  decodeSwitchAnswer,
  encodeCommitment,
  encodeContribution,
  encodePartialDecryption,
  encodeRefreshAnswer,
  encodeSwitchAnswer,
} from './shared-keys.ts';
export * from './sums.ts';
export type { Trace } from './writer.ts';
