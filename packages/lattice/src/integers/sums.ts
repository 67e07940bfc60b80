// The door `@sumus/lattice/integers/sums`: what a server that only adds exact ciphertexts needs. No import path from here reaches a
// secret key or decryption (wire/sums.test.ts holds that).
export { ParameterError } from '../errors.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export { fewestByteIntegerParameters, type IntegerRequest, vectorBytes } from '../parameters/integer-choice.ts';
export type { IntegerPlaintext } from '../parameters/integer-layout.ts';
export { type IntegerLiteral, type IntegerParameters, integerParameters } from '../parameters/integer-parameters.ts';
export { Accumulator } from './accumulator.ts';
export { type EncryptedVector, type IntegerCiphertext, integerRing, type UniformSeed } from './ciphertext.ts';
export { add, addVectors, multiplyByScalar, multiplyVectorByScalar, subtract, subtractVectors } from './operations.ts';
