// The door `@sumus/lattice/shared-keys`: keys that nobody holds alone. Semi-honest participants: read partial-decryption.ts on who may
// encrypt, and decryption-ledger.ts on why there is one answer per ciphertext.
export { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
export type { Lattice, LatticePrimitives } from '../lattice.ts';
export type { Measure } from '../random/index.ts';
export { certify, requireCertified } from './certification.ts';
export { activeSetStatement, type SharedCiphertext } from './ciphertext.ts';
export {
  authoriseCkks,
  type CkksRequest,
  openCkks,
  type SharedCkksLiteral,
  type SharedCkksParameters,
  sharedCkksParameters,
  switchCkks,
} from './ckks.ts';
export { DecryptionLedger, type DecryptionRequest, type DecryptionToken } from './decryption-ledger.ts';
export { foundEpoch, type KeyEpoch } from './epoch.ts';
export {
  beginRelinearisation,
  collectiveGaloisKey,
  collectiveRelinearisationKey,
  continueRelinearisation,
  galoisContribution,
  type RelinearisationBegun,
} from './evaluation-keys.ts';
export {
  authoriseVector,
  insecureSharedIntegerParameters,
  openIntegers,
  openVector,
  partialDecryptVector,
  type SharedIntegerLiteral,
  type SharedIntegerParameters,
  sharedCiphertext,
  sharedIntegerParameters,
  switchIntegers,
  type VectorTokens,
} from './integers.ts';
export {
  beginKey,
  collectivePublicKey,
  finishKey,
  type KeyBegun,
  type KeyRevealed,
  revealKey,
} from './key-generation.ts';
export { KeyShare } from './key-share.ts';
export { combineSwitch, type SwitchAnswer, switchToReceiver } from './key-switching.ts';
export type { Commitment, Contribution, Dealing, PairSeed, Step } from './messages.ts';
export type { Opening, SharedKeyLiteral, SharedKeyParameters } from './parameters.ts';
export { combineAnswers, type PartialDecryption, partialDecrypt } from './partial-decryption.ts';
export {
  type RefreshLiteral,
  type RefreshRule,
  refreshOperandLevel,
  refreshRule,
} from './refresh-rule.ts';
export {
  authoriseCkksRefresh,
  combineRefresh,
  type RefreshAnswer,
  type RefreshTarget,
  refreshAnswer,
} from './refreshing.ts';
export { beginReshare, dealReshare, finishReshare, type ReshareBegun, reshareEpoch } from './resharing.ts';
export { type ActiveSet, activeSet, type Roster, roster } from './roster.ts';
export { type Content, type Flooding, freshSumStddev } from './smudging.ts';
export { switchVector, switchVectorToReceiver } from './vector-switching.ts';
