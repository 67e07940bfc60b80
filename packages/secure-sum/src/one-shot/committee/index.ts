// The door `@sumus/secure-sum/one-shot/committee`: a member of the committee that opens sums. Secrets.

export { acceptedBy, corruptInCommittee } from '../round/accept.ts';
export { COMPLAIN, DELIVERY, OPEN_SHARE, SIGN } from '../round/kinds.ts';
export { firstModel, type ModelVersion, type ModelVersions, withModel } from '../round/models.ts';
export { oneShotParameters, proposalOf } from '../round/parameters.ts';
export { type OneShotRound, oneShotRound, type RoundInput } from '../round/round.ts';
export type { Start } from '../round/start.ts';
export { type MemberEvent, type MemberStep, memberStep, startMember } from './member.ts';
export {
  type MemberState,
  type Reader,
  restoreMember,
  type SignedFlush,
  storeMemberInTheClear,
} from './member-state.ts';
export type { Member } from './tools.ts';
