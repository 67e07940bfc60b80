// The door `@sumus/encrypted-learning/refresh`: new levels for spent ciphertexts. model.ts is what a plan must know of a refresh,
// refresher.ts what an executor asks for; owner.ts and collective.ts are the two that exist.

export { ParameterError } from '../errors.ts';
export {
  answerRefresh,
  type CollectiveModel,
  type CollectiveRefresh,
  collectiveRefresh,
  collectiveRefresher,
  type RefreshMember,
} from './collective.ts';
export type { RefreshModel } from './model.ts';
export { type OwnerOptions, ownerRefresh, ownerRefresher } from './owner.ts';
export type { Refresher } from './refresher.ts';
