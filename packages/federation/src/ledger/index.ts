// The door `@sumus/federation/ledger`: what left, what it cost, who contributed, what was refused. Everybody keeps one, the server too.
export type {
  Charged,
  LedgerContent,
  PlanAccepted,
  ReceiptKept,
  Refused,
  SumPublished,
  WhatLeft,
} from './content.ts';
export { appendTo, type Entry, emptyLedger, type Ledger } from './ledger.ts';
export { ledgerText, readLedgerText, recordLine } from './ledger-text.ts';
export {
  type Contributor,
  type OwnContribution,
  type PublishedSum,
  publishSum,
  type Receipt,
  readReceipt,
  type SumToPublish,
  verifyReceipt,
} from './receipt.ts';
export { type LedgerRecord, NO_RECORD, recordHash } from './record.ts';
export { chargesOn, epsilonSpent, type Spent, spentOf } from './spent.ts';
export {
  type Damage,
  type Finding,
  type KnownHead,
  type LedgerVerdict,
  type VerifiedLedger,
  verifyLedger,
} from './verify.ts';
