// What the page knows of a whole log at once, as plain data that a worker can hand over: the plan, the members and a row for every round.
// Nothing in it grows with the number of events.

import type { SignedPlan } from '@sumus/federation/plan';
import type { BlobName, EndOfRun, Released } from '@sumus/federation/run';
import type { Phase } from './codes.ts';

export interface RoundRow {
  readonly round: number;
  /** Of the model that was trained from. */
  readonly version: number;
  readonly openedAtMs: number;
  readonly endedAtMs: number | null;
  readonly outcome: 'open' | 'released' | 'failed';
  readonly members: number;
  readonly contributors: number;
  readonly metrics: Released['metrics'];
  /** Why it failed; null where it did not. */
  readonly failure: { readonly code: string; readonly reason: string } | null;
  /** That the coordinator took, by step: keys, sealing, agreeing, opening. */
  readonly bytes: readonly number[];
  readonly frames: number;
  /** How many events had happened when it opened and when it ended. */
  readonly from: number;
  readonly to: number;
  /** One update that was sealed for it: the first. */
  readonly sealed: { readonly member: string; readonly frame: BlobName } | null;
  readonly sum: BlobName | null;
  readonly model: BlobName | null;
  readonly modelHash: string | null;
  readonly supportHash: string;
}

export interface Evidence {
  readonly atMs: number;
  readonly round: number | null;
  readonly code: string;
  readonly reason: string;
  readonly accused: readonly string[];
}

export interface RunSummary {
  readonly runId: string;
  readonly projectId: string;
  readonly plan: SignedPlan;
  /** The coordinator's key, hexadecimal. */
  readonly coordinator: string;
  readonly createdAtMs: number;
  readonly lastAtMs: number;
  readonly events: number;
  readonly phase: Phase;
  readonly members: readonly string[];
  readonly rounds: readonly RoundRow[];
  readonly releases: number;
  readonly failures: number;
  readonly declined: number;
  readonly leftCount: number;
  readonly ignored: number;
  /** By member, in the order of `members`. */
  readonly bytesOfMember: Float64Array;
  readonly contributedOf: Uint16Array;
  readonly missedOf: Uint16Array;
  readonly evidence: readonly Evidence[];
  /** Who declined the plan, and why: the first of them. */
  readonly declines: readonly { readonly member: string; readonly reasons: readonly string[] }[];
  readonly end: { readonly why: EndOfRun; readonly text: string } | null;
}

/** The run at one moment. */
export interface Scene {
  /** How many events have happened, of how many. */
  readonly position: number;
  readonly atMs: number;
  readonly phase: Phase;
  readonly sinceMs: number;
  /** Index into the summary's rounds; −1 before the first. */
  readonly round: number;
  /** By member: of codes.ts. */
  readonly doing: Uint8Array;
}
