// What a participant knows of the log: the last head it verified. It moves on only along proofs of consistency, so the history that
// it sees is one; two heads that cannot belong to one history are a split view, and both heads are the evidence that convicts the
// log's key. Whether something is in the log is asked of the last head.

import { sameBytes } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';
import { encodeEntry, type LogEntry } from './entry.ts';
import { isConsistent, isIncluded } from './merkle-proofs.ts';
import {
  encodeTreeHead,
  type LogTrust,
  type SignedTreeHead,
  type VerifiedTreeHead,
  verifyTreeHead,
} from './tree-head.ts';

export interface LogView {
  readonly head: VerifiedTreeHead;
}

declare const logged: unique symbol;

/** An entry that was shown to be in the log. */
export interface LoggedEntry extends LogEntry {
  readonly [logged]: true;
  readonly index: number;
}

/** The first sight of a log: its head is taken on the witnesses' word. */
export async function openLogView(
  primitives: PublicPrimitives,
  trust: LogTrust,
  head: SignedTreeHead,
): Promise<LogView> {
  return Object.freeze({ head: await verifyTreeHead(primitives, trust, head) });
}

/** The next view, after a newer head and the proof that it continues the last one. */
export async function advanceLogView(
  primitives: PublicPrimitives,
  trust: LogTrust,
  view: LogView,
  next: { readonly head: SignedTreeHead; readonly consistency: readonly Uint8Array[] },
): Promise<LogView> {
  const head = await verifyTreeHead(primitives, trust, next.head);
  refuseSplit(view.head, head);
  if (head.size < view.head.size) {
    throw new ProtocolViolation('E_LOG', `a head of size ${head.size} after one of size ${view.head.size}`);
  }
  if (!isConsistent(primitives, { earlier: view.head, later: head, path: next.consistency })) {
    // No evidence for others: a proof can be bad although a good one exists. Whoever has a good one may show it yet.
    throw new ProtocolViolation(
      'E_LOG',
      `the head of size ${head.size} is not shown to continue the one of size ${view.head.size}`,
    );
  }
  return Object.freeze({ head });
}

/** Two heads of one log: throws E_SPLIT with both when they have one size and different roots. Unverified heads convict nobody. */
export function refuseSplit(one: VerifiedTreeHead, other: VerifiedTreeHead): void {
  if (one.size === other.size && !sameBytes(one.root, other.root)) {
    throw new ProtocolViolation('E_SPLIT', `the log signed two roots for size ${one.size}`, {
      evidence: [encodeTreeHead(one), encodeTreeHead(other)],
    });
  }
}

export interface InclusionProof {
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

/** The entry as a logged one, or E_LOG. */
export function requireLogged(
  primitives: PublicPrimitives,
  { head }: LogView,
  entry: LogEntry,
  { index, path }: InclusionProof,
): LoggedEntry {
  const { size, root } = head;
  if (!isIncluded(primitives, { leaf: encodeEntry(entry), index, size, root, path })) {
    throw new ProtocolViolation('E_LOG', `a ${entry.kind} at ${index} is not shown to be in the log of size ${size}`);
  }
  return asLogged(Object.freeze({ ...entry, index }));
}

const asLogged = (entry: LogEntry & { readonly index: number }): LoggedEntry => entry as LoggedEntry;
