// What is wrong with a log, or with what stands beside it.

export type LogFindingCode =
  /** A line that is no event, or not in its one form. */
  | 'unreadable'
  /** An event that cannot come after those before it. */
  | 'out of order'
  /** The plan is not what its owner signed, or is signed by another key than the one that was named. */
  | 'plan'
  /** A certificate that the plan's authority did not sign, or not for this project and moment. */
  | 'certificate'
  /** The coordinator's ledger in the log is not what it signed. */
  | 'ledger'
  /** A published sum whose signature, contributors or record do not belong together. */
  | 'published sum'
  /** A participant's own ledger that is damaged, of another key, or says otherwise. */
  | 'participant'
  /** Not what was there when the digest was kept. */
  | 'digest';

export interface LogFinding {
  /** The event, counted from 0; null for the log as a whole. */
  readonly at: number | null;
  readonly code: LogFindingCode;
  readonly what: string;
}
