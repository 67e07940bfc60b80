// The door `@sumus/secure-sum/one-shot/coordinator`: collecting, opening, results. No import path from here reaches code that handles
// a secret: sums come from @sumus/lattice/one-time/sums, which knows sums of keys alone.
export {
  type AnswerBody,
  type BoxedAnswer,
  type BoxedAnswers,
  decodeAnswer,
  decodeBoxedAnswers,
  encodeBoxedAnswers,
} from '../round/answers.ts';
export { type CertifiedSet, decodeSetCertificate, verifySetCertificate } from '../round/certificate-of-set.ts';
export { chooseCommittee, requireCommittee } from '../round/committee.ts';
export { type Contribution, contributionBytesAtMost, decodeContribution } from '../round/contribution.ts';
export type { SetIdentity } from '../round/contributor-set.ts';
export { COMPLAIN, CONTRIBUTE, DELIVERY, OPEN_SHARE, SIGN } from '../round/kinds.ts';
export { type ModelVersion, type ModelVersions, stalenessWeight } from '../round/models.ts';
export type { OpenedSum } from '../round/opening.ts';
export { type Packing, strictValueBits, usefulPackings } from '../round/packings.ts';
export {
  configurationOf,
  type EncodingFields,
  type OneShotLiteral,
  type OneShotParameters,
  oneShotParameters,
  parametersHash,
  proposalOf,
} from '../round/parameters.ts';
export { type CommitteeMember, type OneShotRound, oneShotRound, type RoundInput } from '../round/round.ts';
export {
  type CollectorEvent,
  type CollectorState,
  type CollectorStep,
  collectorStep,
  startCollector,
} from './collector.ts';
export { type Complaint, readComplaint } from './complaint.ts';
export { type OpenerEvent, type OpenerState, type OpenerStep, openerStep, startOpener } from './opener.ts';
export { hashOfResult, type OneShotResult, requireRecomputed } from './result.ts';
export { restoreCollector, storeCollector } from './stored.ts';
export { restoreOpener, storeOpener } from './stored-opener.ts';
export type { Coordinator } from './tools.ts';
