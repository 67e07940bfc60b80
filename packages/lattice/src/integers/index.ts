// The door `@sumus/lattice/integers`: exact encryption for sums.
export { ParameterError } from '../errors.ts';
export type { PublicKey } from '../keys/public-key.ts';
export type { SecretKey } from '../keys/secret-key.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export { fewestByteIntegerParameters, type IntegerRequest, vectorBytes } from '../parameters/integer-choice.ts';
export type { IntegerPlaintext } from '../parameters/integer-layout.ts';
export {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
  integerParameters,
} from '../parameters/integer-parameters.ts';
export { Accumulator } from './accumulator.ts';
export {
  type EncryptedVector,
  type IntegerCiphertext,
  integerRing,
  type UniformSeed,
} from './ciphertext.ts';
export { decodeSum, decrypt, decryptVector } from './decrypt.ts';
export { encrypt, encryptSymmetric, encryptVector, encryptVectorSymmetric } from './encrypt.ts';
export { publicKey, secretKey } from './keys.ts';
export { NoiseAboveBound } from './noise-above-bound.ts';
export {
  add,
  addVectors,
  multiplyByPolynomial,
  multiplyByScalar,
  multiplyVectorByScalar,
  subtract,
  subtractVectors,
} from './operations.ts';
export type { IntegerValues } from './values.ts';
