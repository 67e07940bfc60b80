// The door `@sumus/encrypted-learning/refresh`.

export { ParameterError } from '../errors.ts';
