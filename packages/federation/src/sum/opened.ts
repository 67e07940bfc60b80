// The end of a sum as the coordinator tells it to everybody: who is in it, 32 bytes that name what was opened, and where everybody may see it
// the sum, in the form in which its protocol lets a participant check it. Both sides compute the name alike:
//
//   to everyone      SHA-256("sumus/1/sum/result" ‖ sum's id ‖ contributors ‖ their contributions, then the words, lowest byte first)
//   to participants  SHA-256("sumus/1/sum/certified" ‖ sum's id ‖ contributors ‖ their contributions ‖ hash of the set)

import { CanonicalReader, CanonicalWriter, compareNames, delimited, sameBytes } from '@sumus/secure-sum/canonical';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import { HASH_BYTES, type Hashing } from '@sumus/secure-sum/primitives';
import { decodeFrame, FRAME, sumId } from './frame.ts';
import type { OpenedSum, SumAgreement, SumContributor, SumPoint } from './sum.ts';

export interface Opened extends OpenedSum {
  /** What a protocol checks the sum by; empty where sums are opened to participants. */
  readonly carrier: Uint8Array;
}

const CONTRIBUTORS_AT_MOST = 2 ** 20;
const CARRIER_BYTES_AT_MOST = 2 ** 30;

const named = (contributors: readonly SumContributor[]): (Uint8Array | string)[] =>
  contributors.flatMap(({ memberId, contribution }) => [memberId, contribution]);

/** By name; one a member. */
export function contributorsOf(contributions: ReadonlyMap<MemberId, Uint8Array>): readonly SumContributor[] {
  return [...contributions]
    .map(([memberId, contribution]) => Object.freeze({ memberId, contribution }))
    .sort((a, b) => compareNames(a.memberId, b.memberId));
}

export const resultOfWords = (
  { sha256 }: Hashing,
  id: Uint8Array,
  contributors: readonly SumContributor[],
  sum: Int32Array,
): Uint8Array<ArrayBuffer> => sha256(delimited('sumus/1/sum/result', id, ...named(contributors)), wordBytes(sum));

export const resultOfSet = (
  { sha256 }: Hashing,
  id: Uint8Array,
  contributors: readonly SumContributor[],
  setHash: Uint8Array,
): Uint8Array<ArrayBuffer> => sha256(delimited('sumus/1/sum/certified', id, ...named(contributors), setHash));

/** Where memory lies as the bytes do, words are copied whole: a sum has a million of them. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Whole numbers of 32 bits, lowest byte first, whatever the machine. */
export function wordBytes(words: Int32Array): Uint8Array<ArrayBuffer> {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(words.buffer, words.byteOffset, words.byteLength).slice();
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (let i = 0; i < words.length; i++) view.setInt32(4 * i, words[i]!, true);
  return new Uint8Array(view.buffer);
}

export function wordsOfBytes(bytes: Uint8Array, count: number): Int32Array<ArrayBuffer> {
  if (bytes.length !== 4 * count) {
    throw new MalformedMessage('E_LEN', `${bytes.length} bytes are not ${count} words`);
  }
  if (IS_LITTLE_ENDIAN) return new Int32Array(new Uint8Array(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Int32Array(count);
  for (let i = 0; i < count; i++) words[i] = view.getInt32(4 * i, true);
  return words;
}

/** E_SUM unless so many vectors of so many bits can have this sum. */
export function requireRange(sum: Int32Array, contributions: number, valueBits: number): void {
  const most = contributions * (2 ** (valueBits - 1) - 1);
  // A loop: a call a word costs tens of milliseconds where there are a million.
  for (let i = 0; i < sum.length; i++) {
    if (sum[i]! <= most && sum[i]! >= -most) continue;
    throw new ProtocolViolation('E_SUM', `no sum of ${contributions} vectors has values that large`);
  }
}

export function encodeOpened({ contributors, result, carrier }: Opened): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(carrier.length + 128 * (contributors.length + 1));
  writer.fixed('result', result, HASH_BYTES).u32('contributors', contributors.length);
  for (const { memberId, contribution } of contributors) {
    writer.name('a contributor', memberId).fixed('its contribution', contribution, HASH_BYTES);
  }
  return writer.blob('carrier', carrier).finish();
}

export function decodeOpened(body: Uint8Array): Opened {
  const reader = new CanonicalReader(body, 'an opened sum');
  const result = reader.fixed('result', HASH_BYTES);
  const count = reader.count('contributors', CONTRIBUTORS_AT_MOST, 5 + HASH_BYTES);
  const contributors: SumContributor[] = [];
  for (let i = 0; i < count; i++) {
    const memberId = reader.member('a contributor');
    const last = contributors.at(-1);
    if (last !== undefined && memberId <= last.memberId) {
      reader.refuse('E_MALFORMED', `contributor ${memberId} is not above ${last.memberId}`);
    }
    contributors.push(Object.freeze({ memberId, contribution: reader.fixed('its contribution', HASH_BYTES) }));
  }
  const carrier = reader.blob('carrier', CARRIER_BYTES_AT_MOST);
  reader.finish();
  return Object.freeze({ result, contributors, carrier });
}

/** A sum that was published, for who was away when it was: the coordinator's word, checked as far as words go. */
export interface PublishedWords extends OpenedSum {
  readonly sum: Int32Array;
}

export function requireWords(
  primitives: Hashing,
  id: Uint8Array,
  { encoding }: Pick<SumAgreement, 'encoding'>,
  opened: Opened,
  sum: Int32Array,
): void {
  requireRange(sum, opened.contributors.length, encoding.valueBits);
  if (!sameBytes(resultOfWords(primitives, id, opened.contributors, sum), opened.result)) {
    throw new ProtocolViolation('E_SUM', 'the sum is not the one that its result names');
  }
}

/** `bytes`: CoordinatorSum.published. */
export function readPublished(
  primitives: Hashing,
  agreement: SumAgreement,
  point: SumPoint,
  bytes: Uint8Array,
): PublishedWords {
  const id = sumId(primitives, agreement, point);
  const { type, body } = decodeFrame(id, bytes);
  if (type !== FRAME.opened) throw new ProtocolViolation('E_PHASE', `${type} is no published sum`);
  const opened = decodeOpened(body);
  const sum = wordsOfBytes(opened.carrier, agreement.encoding.words);
  requireWords(primitives, id, agreement, opened, sum);
  return Object.freeze({ contributors: opened.contributors, result: opened.result, sum });
}
