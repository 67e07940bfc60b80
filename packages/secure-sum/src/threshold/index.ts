// The door `@sumus/secure-sum/threshold`: ciphertexts at rest, opened by t of n members of a key that nobody holds. For certified silos
// that follow the protocol: SEMI-HONEST PARTICIPANTS (member.ts says what an encryptor can do that does not). Members and encryptors
// enter here; the server has coordinator.ts.

export { decodeBundle, encodeBundle } from './bundle.ts';
export { type Circle, circleOf, type NumberedMember } from './circle.ts';
export {
  decodeEncryptor,
  type EncryptorEvent,
  type EncryptorSetting,
  type EncryptorState,
  type EncryptorStep,
  encodeEncryptor,
  startEncryptor,
  stepEncryptor,
} from './encryptor.ts';
export { type CertifiedEpoch, type EpochSetting, epochEntry, roundOwn, verifyEpoch } from './epoch.ts';
export { decodeEpochCertificate, type EpochCertificate, encodeEpochCertificate } from './epoch-certificate.ts';
export {
  beginFounding,
  type FoundingStart,
  type FoundingStep,
  sendAgain,
  stepFounding,
  wipeFounding,
} from './founding.ts';
export type { FoundingEvent, FoundingState, MadeKey, MemberSetting } from './founding-state.ts';
export { SEMI_HONEST, type SemiHonest } from './kinds.ts';
export { beginServing, type MemberStep, stepMember } from './member.ts';
export type { MemberEvent, MemberState, OpenedSum, ServingSetting } from './member-state.ts';
export {
  insecureThresholdParameters,
  type ThresholdLiteral,
  type ThresholdParameters,
  thresholdParameters,
} from './parameters.ts';
export { acceptedBy, type Round, requireRound } from './round.ts';
export {
  decodeFounding,
  decodeMember,
  encodeFoundingInTheClear,
  encodeMemberInTheClear,
} from './stored-member.ts';
