// The door `@sumus/encrypted-learning/prediction`.

export { ParameterError } from '../errors.ts';
