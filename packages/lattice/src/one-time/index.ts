// The door `@sumus/lattice/one-time`: key-homomorphic encryption on a public polynomial, one key a message.
export { ParameterError } from '../errors.ts';
