// What the page and the worker that holds the log say to each other. Plain data; a request is answered once, by its number.
import type { Receipt } from '@sumus/federation/ledger';
import type { RunEventKind } from '@sumus/federation/run';
import type { LogSource } from './log-source.ts';
import type { RunSummary, Scene } from './summary.ts';

export type Request =
  | { readonly kind: 'scene'; readonly position: number }
  | { readonly kind: 'position'; readonly atMs: number }
  | { readonly kind: 'verify' }
  | { readonly kind: 'plan' }
  | { readonly kind: 'receipt'; readonly member: string; readonly round: number }
  | { readonly kind: 'events'; readonly from: number; readonly to: number }
  | { readonly kind: 'key'; readonly member: string };

export interface Verified {
  readonly isIntact: boolean;
  readonly records: number;
  /** Hash of the last record, hexadecimal; of a damaged ledger the last that is there. */
  readonly head: string;
  readonly findings: readonly string[];
  readonly published: number;
  readonly refused: number;
}

export interface ShownEvent {
  readonly index: number;
  readonly atMs: number;
  readonly kind: RunEventKind;
  readonly member: string | null;
}

export interface Answers {
  readonly scene: Scene;
  readonly position: number;
  readonly verify: Verified;
  /** Why the plan is not what its owner signed; null where it is. */
  readonly plan: string | null;
  /** Null where that member is not in that round's sum. */
  readonly receipt: { readonly receipt: Receipt; readonly holds: boolean } | null;
  readonly events: readonly ShownEvent[];
  /** SHA-256 of the member's certificate, hexadecimal; null where there is none. */
  readonly key: string | null;
}

export type ToWorker =
  | { readonly type: 'open'; readonly source: LogSource }
  | { readonly type: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: 'ask'; readonly number: number; readonly request: Request };

export type FromWorker =
  /** While a log is read, a few times a second, and once more at its end. */
  | {
      readonly type: 'summary';
      readonly summary: RunSummary;
      readonly bytesRead: number;
      readonly bytesInAll: number | null;
      readonly isWhole: boolean;
    }
  | { readonly type: 'damage'; readonly line: number; readonly text: string }
  | { readonly type: 'failed'; readonly text: string }
  | { readonly type: 'answer'; readonly number: number; readonly answer: Answers[Request['kind']] }
  | { readonly type: 'refused'; readonly number: number; readonly text: string };
