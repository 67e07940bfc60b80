// What travels between a participant and the coordinator of a sum: whose sum, what it is, and its bytes. A frame proves nothing: what is in it
// is signed, boxed or masked by secure-sum, or said by the coordinator and checked against that. Its name tells a mixed-up round from
// an attack.

import {
  asciiBytes,
  CanonicalReader,
  CanonicalWriter,
  delimited,
  sameBytes,
  u32Bytes,
  u64Bytes,
} from '@sumus/secure-sum/canonical';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import { HASH_BYTES, type Hashing } from '@sumus/secure-sum/primitives';
import { planHash } from '../plan/identity.ts';
import type { SumAgreement, SumPoint } from './sum.ts';

/** Frames of this module; whatever else a frame carries is a message of secure-sum under its own name. */
export const FRAME = {
  /** Up: a roster entry, and how much of the log its sender has seen. */
  entry: 'sum/entry',
  /** Down: a head of the log, to be co-signed by witnesses. Up: a co-signature. */
  head: 'sum/head',
  cosignature: 'sum/cosignature',
  /** Down: the roster, with its place in the log. Up: a commitment. */
  roster: 'sum/roster',
  commitment: 'sum/commitment',
  /** Down: all commitments, with their place in the log. Up: what was committed to. */
  commitments: 'sum/commitments',
  reveal: 'sum/reveal',
  /** Down: all that was revealed; everybody draws the beacon. */
  reveals: 'sum/reveals',
  /** Down: the certificate of a key, with its place in the log (threshold). */
  key: 'sum/key',
  /** Up: words, signed and not protected (none). */
  words: 'sum/words',
  /** Up: nothing to add to this sum. */
  abstain: 'sum/abstain',
  /** Down: contributors, and the sum where everybody may see it. */
  opened: 'sum/opened',
} as const;

/** What is said before a protocol begins: late in it, and no reason to refuse anybody. */
export const PREPARING: ReadonlySet<string> = new Set([
  FRAME.entry,
  FRAME.cosignature,
  FRAME.roster,
  FRAME.commitment,
  FRAME.commitments,
  FRAME.reveal,
  FRAME.reveals,
]);

export interface Frame {
  readonly type: string;
  /** A view. */
  readonly body: Uint8Array;
}

const LABEL = 'sumus/1/sum';
/** Above what any message of secure-sum may have. */
const BODY_BYTES_AT_MOST = 2 ** 30;

/** Everything that a sum is about, as 32 bytes. */
export function sumId(primitives: Hashing, agreement: SumAgreement, point: SumPoint): Uint8Array<ArrayBuffer> {
  const { plan, projectId, runId } = agreement;
  const { round, flush, epoch, modelHash, supportHash } = point;
  return primitives.sha256(
    delimited(
      LABEL,
      asciiBytes(projectId),
      asciiBytes(runId),
      planHash(primitives, plan),
      u64Bytes(round),
      u32Bytes(flush),
      u64Bytes(epoch),
      modelHash,
      supportHash,
    ),
  );
}

export function encodeFrame(id: Uint8Array, type: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(body.length + 160)
    .name('a label', LABEL)
    .fixed('the sum', id, HASH_BYTES)
    .name('type', type)
    .blob('body', body)
    .finish();
}

/** Of this sum: E_CTX otherwise. */
export function decodeFrame(id: Uint8Array, bytes: Uint8Array): Frame {
  const reader = new CanonicalReader(bytes, 'a frame');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a frame of a sum');
  const claimed = reader.fixed('the sum', HASH_BYTES);
  const type = reader.name('type');
  const body = reader.blobView('body', BODY_BYTES_AT_MOST);
  reader.finish();
  if (!sameBytes(claimed, id)) throw new ProtocolViolation('E_CTX', `${type} belongs to another sum`);
  return { type, body };
}

const LISTED_AT_MOST = 2 ** 20;

/** Several byte strings as one. */
export function encodeList(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const total = parts.reduce((bytes, { length }) => bytes + length + 4, 4);
  const writer = new CanonicalWriter(total).u32('parts', parts.length);
  for (const part of parts) writer.blob('a part', part);
  return writer.finish();
}

/** The parts are views. `count`: how many there must be, where that is fixed. */
export function decodeList(bytes: Uint8Array, what: string, count?: number): Uint8Array[] {
  const reader = new CanonicalReader(bytes, what);
  const listed = reader.count('parts', LISTED_AT_MOST, 4);
  if (count !== undefined && listed !== count) {
    throw new MalformedMessage('E_LEN', `${what} has ${listed} parts, not ${count}`);
  }
  const parts = Array.from({ length: listed }, () => reader.blobView('a part', BODY_BYTES_AT_MOST));
  reader.finish();
  return parts;
}

/** A whole number below 2^53 as a part. */
export const numberPart = (value: number): Uint8Array => u64Bytes(value);

export function readNumber(part: Uint8Array, what: string): number {
  const reader = new CanonicalReader(part, what);
  const value = reader.u64(what);
  reader.finish();
  return value;
}

export const textPart = (text: string): Uint8Array => asciiBytes(text);

export const readText = (part: Uint8Array): string => String.fromCharCode(...part);
