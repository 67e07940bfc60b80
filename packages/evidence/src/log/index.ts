// The door `@sumus/evidence/log`: a run's log and the ledgers beside it, examined.
export type { CertificateOfMember } from './certificates.ts';
export { type ExaminedLog, examineLog, type LogToExamine } from './examine.ts';
export type { LogFinding, LogFindingCode } from './finding.ts';
export { type LogHead, logHead, NO_LINE } from './log-digest.ts';
export type { MemberLedger, ReadLedger } from './member-ledgers.ts';
