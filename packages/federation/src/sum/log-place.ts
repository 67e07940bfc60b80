// Where something stands in the log of a run, with all that its readers need to see it: a head, a path, and proofs that the head continues what
// each of them saw last. Public; the coordinator makes it, a participant believes none of it before secure-sum has checked it.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import {
  advanceLogView,
  decodeTreeHead,
  encodeTreeHead,
  keptTreeHead,
  type LogEntry,
  type LoggedEntry,
  type LogView,
  openLogView,
  requireLogged,
  type SignedTreeHead,
} from '@sumus/secure-sum/log';
import { HASH_BYTES, type PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { SumAgreement } from './sum.ts';

/** Sizes that somebody saw last, and the proof from each; none for a size that the head itself has. */
export type Consistency = ReadonlyMap<number, readonly Uint8Array[]>;

/** A head that witnesses are asked to co-sign. */
export interface ProposedHead {
  readonly head: SignedTreeHead;
  readonly consistency: Consistency;
}

/** The place of one entry under a co-signed head. */
export interface LogPlace extends ProposedHead {
  readonly index: number;
  readonly path: readonly Uint8Array[];
}

const HEAD_BYTES_AT_MOST = 2 ** 20;
const SIZES_AT_MOST = 4096;
/** log2 of the largest tree, twice. */
const PATH_AT_MOST = 128;

function writePath(writer: CanonicalWriter, path: readonly Uint8Array[]): void {
  writer.u8('hashes', path.length);
  for (const hash of path) writer.fixed('a hash', hash, HASH_BYTES);
}

const readPath = (reader: CanonicalReader): Uint8Array[] =>
  Array.from({ length: reader.within('hashes', 1, 0, PATH_AT_MOST) }, () => reader.fixed('a hash', HASH_BYTES));

function writeHead(writer: CanonicalWriter, { head, consistency }: ProposedHead): CanonicalWriter {
  writer.blob('head', encodeTreeHead(head)).u32('sizes', consistency.size);
  for (const [size, path] of consistency) {
    writer.u64('a size', size);
    writePath(writer, path);
  }
  return writer;
}

function readHead(reader: CanonicalReader): ProposedHead {
  const head = decodeTreeHead(reader.blobView('head', HEAD_BYTES_AT_MOST));
  const count = reader.count('sizes', SIZES_AT_MOST, 9);
  const consistency = new Map<number, readonly Uint8Array[]>();
  for (let i = 0; i < count; i++) consistency.set(reader.u64('a size'), readPath(reader));
  return { head, consistency };
}

export const encodeProposedHead = (proposed: ProposedHead): Uint8Array<ArrayBuffer> =>
  writeHead(new CanonicalWriter(1024), proposed).finish();

export function decodeProposedHead(bytes: Uint8Array): ProposedHead {
  const reader = new CanonicalReader(bytes, 'a head to co-sign');
  const proposed = readHead(reader);
  reader.finish();
  return proposed;
}

export function encodePlace(place: LogPlace): Uint8Array<ArrayBuffer> {
  const writer = writeHead(new CanonicalWriter(1024), place).u64('index', place.index);
  writePath(writer, place.path);
  return writer.finish();
}

export function decodePlace(bytes: Uint8Array): LogPlace {
  const reader = new CanonicalReader(bytes, 'a place in the log');
  const proposed = readHead(reader);
  const place = { ...proposed, index: reader.u64('index'), path: readPath(reader) };
  reader.finish();
  return place;
}

/** The proof from this size, which is empty for the first sight and for the same head. */
export function continuing({ head, consistency }: ProposedHead, size: number | undefined): readonly Uint8Array[] {
  if (size === undefined || size === 0 || size === head.size) return [];
  const path = consistency.get(size);
  if (path === undefined) {
    throw new ProtocolViolation('E_LOG', `a head of size ${head.size} without a proof that it continues size ${size}`);
  }
  return path;
}

/** The entry is in the log: the next view of it, and the entry as a logged one. */
export async function seeInLog(
  primitives: PublicPrimitives,
  { log }: Pick<SumAgreement, 'log'>,
  view: LogView | undefined,
  entry: LogEntry,
  place: LogPlace,
): Promise<{ readonly view: LogView; readonly logged: LoggedEntry }> {
  const { head } = place;
  const seen =
    view === undefined
      ? await openLogView(primitives, log, head)
      : await advanceLogView(primitives, log, view, { head, consistency: continuing(place, view.head.size) });
  return { view: seen, logged: requireLogged(primitives, seen, entry, place) };
}

/**
 * What this side has seen in the log itself, from its own storage: witnesses of later sums may be others, so only the log's signature and the
 * entry's place under the head of then are looked at again. Never for what somebody sends.
 */
export async function seenBefore(
  primitives: PublicPrimitives,
  { log }: Pick<SumAgreement, 'log'>,
  entry: LogEntry,
  place: LogPlace,
): Promise<LoggedEntry> {
  const head = await keptTreeHead(primitives, log.logKey, place.head);
  return requireLogged(primitives, Object.freeze({ head }), entry, place);
}
