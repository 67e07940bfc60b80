// The door `@sumus/lattice/wire/sums`: what a server needs that only adds, and opens one-time sums from a committee's answers. No
// import path from here reaches a secret key (sums.test.ts holds that), which is what lets the server's own graph show that it cannot look.
export { MalformedMessage, ParameterError } from '../errors.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export { type Kind, kindOfMessage, WIRE_VERSION } from './envelope.ts';
export {
  decodeEncryptedVector,
  decodeIntegerCiphertext,
  encodeEncryptedVector,
  encodeIntegerCiphertext,
} from './integers.ts';
export { decodeOneTimeCiphertext, encodeOneTimeCiphertext } from './one-time.ts';
export { decodeOneTimeKeyShare, decodeOneTimeKeySum, encodeOneTimeKeySum } from './one-time-keys.ts';
