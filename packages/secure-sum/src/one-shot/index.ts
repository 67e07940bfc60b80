// The door `@sumus/secure-sum/one-shot`: a contributor, and what it must know of a round before it begins. Secrets.
export {
  type ContributorEvent,
  type ContributorStep,
  contributorStep,
  ownNullifier,
  startContributor,
} from './contributor/contributor.ts';
export {
  type ContributorState,
  type OpeningKey,
  restoreContributor,
  storeContributorInTheClear,
} from './contributor/contributor-state.ts';
export type { BoxedOpening, OwnOpening } from './contributor/open-boxed.ts';
export type { Contributor, ContributorTools } from './contributor/tools.ts';
export { acceptedBy, corruptInCommittee } from './round/accept.ts';
export { requireCommittee } from './round/committee.ts';
export type { SetIdentity } from './round/contributor-set.ts';
export { COMPLAIN, CONTRIBUTE, DELIVERY, OPEN_SHARE, SIGN } from './round/kinds.ts';
export { firstModel, type ModelVersion, type ModelVersions, stalenessWeight, withModel } from './round/models.ts';
export type { OpenedSum } from './round/opening.ts';
export { type Packing, strictValueBits, usefulPackings } from './round/packings.ts';
export {
  configurationOf,
  type EncodingFields,
  type OneShotLiteral,
  type OneShotParameters,
  oneShotParameters,
  parametersHash,
  proposalOf,
} from './round/parameters.ts';
export { type CommitteeMember, type OneShotRound, oneShotRound, type RoundInput } from './round/round.ts';
export type { Start } from './round/start.ts';
