// The door `@sumus/encrypted-learning/circuit`.

export { ParameterError } from '../errors.ts';
