// The log of a run as its keeper has it: every entry, and the tree over them. It signs heads; witnesses, who are participants, co-sign what
// continues what they co-signed before, and a head that two thirds of them co-signed is what everybody else believes.

import { ParameterError, ProtocolViolation } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import {
  append,
  type Cosignature,
  cosignedBytes,
  EMPTY_TREE,
  encodeEntry,
  type LogEntry,
  type MerkleTree,
  proveConsistency,
  proveInclusion,
  type SignedTreeHead,
  signTreeHead,
  treeOf,
  withCosignatures,
  witnessQuorum,
} from '@sumus/secure-sum/log';
import type { Hashing } from '@sumus/secure-sum/primitives';
import type { LogPlace } from '../log-place.ts';
import type { CoordinatorSumSetup } from './setup.ts';

export interface LogBook {
  readonly leaves: readonly Uint8Array[];
  readonly tree: MerkleTree;
}

export const EMPTY_LOG: LogBook = Object.freeze({ leaves: [], tree: EMPTY_TREE });

export const openLogBook = (primitives: Hashing, leaves: readonly Uint8Array[]): LogBook =>
  Object.freeze({ leaves, tree: treeOf(primitives, leaves) });

/** An entry whose head waits for its witnesses. */
export interface PendingEntry {
  readonly index: number;
  readonly head: SignedTreeHead;
  readonly consistency: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly path: readonly Uint8Array[];
  readonly cosignatures: ReadonlyMap<MemberId, Cosignature>;
}

/** `seen`: sizes that readers and witnesses may have seen last. */
export async function logEntry(
  { primitives, logSigner, log }: CoordinatorSumSetup,
  { leaves, tree }: LogBook,
  entry: LogEntry,
  seen: Iterable<number>,
  nowMs: number,
): Promise<{ readonly book: LogBook; readonly pending: PendingEntry }> {
  if (log.logKey.some((byte, i) => byte !== logSigner.publicKey[i])) {
    throw new ParameterError('the log is not signed with the key that was agreed on');
  }
  const leaf = encodeEntry(entry);
  const grown = append(primitives, tree, [leaf]);
  const head = await signTreeHead(primitives, logSigner, grown, nowMs);
  const consistency = new Map<number, readonly Uint8Array[]>();
  for (const size of new Set(seen)) {
    if (size > 0 && size < grown.size) consistency.set(size, proveConsistency(primitives, grown, size));
  }
  const index = tree.size;
  const path = proveInclusion(primitives, grown, index);
  const book = Object.freeze({ leaves: [...leaves, leaf], tree: grown });
  return { book, pending: Object.freeze({ index, head, consistency, path, cosignatures: new Map() }) };
}

/** A witness's co-signature of this very head; anything else is refused. */
export async function takeCosignature(
  { primitives, log }: CoordinatorSumSetup,
  pending: PendingEntry,
  cosignature: Cosignature,
): Promise<PendingEntry> {
  const { witness, signature } = cosignature;
  const known = log.witnesses.find((one) => one.memberId === witness);
  if (known === undefined) throw new ProtocolViolation('E_LOG', `${witness} is no witness of this log`);
  if (!(await primitives.ed25519.verify(known.publicKey, cosignedBytes(pending.head, witness), signature))) {
    throw new ProtocolViolation(
      'E_SIG',
      `the co-signature of ${witness} is not for the head of size ${pending.head.size}`,
    );
  }
  return Object.freeze({ ...pending, cosignatures: new Map(pending.cosignatures).set(witness, cosignature) });
}

export const isCosigned = ({ log }: CoordinatorSumSetup, { cosignatures }: PendingEntry): boolean =>
  cosignatures.size >= witnessQuorum(log.witnesses.length);

export const placeOf = ({ head, cosignatures, consistency, index, path }: PendingEntry): LogPlace =>
  Object.freeze({ head: withCosignatures(head, [...cosignatures.values()]), consistency, index, path });
