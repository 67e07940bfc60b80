// The door `@sumus/lattice/ckks`: CKKS on encrypted real and complex numbers. Reading order: context, keys, encryptor, ciphertext,
// arithmetic, multiply, rescale, rotate; then what is built on them; decryptor and release last.
//
// For learning and prediction, not for sums: a published sum needs no product, and exactly (integers/) it costs less and gives nothing
// away; an approximate result must be flooded before anyone but the key's owner sees it (release.ts).

export { ParameterError } from '../errors.ts';
export type { GaloisKey, GaloisKeys, RelinearisationKey } from '../keys/evaluation-key.ts';
export { keyBytes, relinearisationErrorFactor, rotationElement } from '../keys/evaluation-key.ts';
export type { PublicKey } from '../keys/public-key.ts';
export type { SecretKey } from '../keys/secret-key.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export { applyTransform } from './apply-transform.ts';
export {
  add,
  addConstant,
  addPlain,
  addTensors,
  multiplyByConstant,
  multiplyByInteger,
  multiplyPlain,
  negate,
  subtract,
  subtractPlain,
  sum,
} from './arithmetic.ts';
export {
  type Ciphertext,
  type CiphertextKind,
  type CiphertextOf,
  type CiphertextProduct,
  declareError,
  declareMagnitude,
  expand,
  type NoiseBudget,
  noiseBudget,
  type SeededCiphertext,
  scaleOf,
  type TensorProduct,
} from './ciphertext.ts';
export { type CkksContext, ckksContext } from './context.ts';
export { type DecryptionOptions, decrypt, decryptComplex } from './decryptor.ts';
export type { ComplexVector, SlotVector } from './encoding-blocks.ts';
export { type EncryptionOptions, encrypt, encryptSymmetric } from './encryptor.ts';
export {
  afterAddition,
  afterFactor,
  afterProduct,
  coefficientStddev,
  type Estimate,
  encodingError,
  freshPublic,
  freshSymmetric,
  keySwitchingError,
  ofPlaintext,
  roundingError,
  withError,
} from './estimate.ts';
export { type GaloisRequest, galoisKeys, publicKey, relinearisationKey, secretKey } from './keys.ts';
export { type LinearTerm, linearCombination } from './linear-combination.ts';
export {
  encodeTransform,
  type LinearTransform,
  matrixDiagonals,
  rotationsOf,
  type TransformOptions,
  transformRotations,
} from './linear-transform.ts';
export { multiply, relinearise, square, tensor } from './multiply.ts';
export { type EncodingOptions, encode, type Plaintext, type Values } from './plaintext.ts';
export {
  evaluatePolynomial,
  type PolynomialOptions,
  polynomialDepth,
  polynomialEstimate,
  polynomialProducts,
} from './polynomial.ts';
export { ContentAboveDeclared } from './reading.ts';
export { decryptForRelease, type Release, type ReleaseOptions } from './release.ts';
export { align, dropTo, rescale } from './rescale.ts';
export { conjugate, innerSum, innerSumSteps, rotate, rotateMany } from './rotate.ts';
export { sumOfPlainProducts, sumOfProducts } from './sum-of-products.ts';
