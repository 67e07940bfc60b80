// The door `@sumus/encrypted-learning/training`.

export { ParameterError } from '../errors.ts';
