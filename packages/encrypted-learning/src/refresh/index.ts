// The door `@sumus/encrypted-learning/refresh`: new levels for spent ciphertexts.

export { ParameterError } from '../errors.ts';
export type { RefreshModel } from './model.ts';
export type { Refresher } from './refresher.ts';
