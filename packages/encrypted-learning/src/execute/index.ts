// The door `@sumus/encrypted-learning/execute`.

export { ParameterError } from '../errors.ts';
