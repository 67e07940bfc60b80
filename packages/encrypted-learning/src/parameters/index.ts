// The door `@sumus/encrypted-learning/parameters`.

export { ParameterError } from '../errors.ts';
