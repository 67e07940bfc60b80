// What the signed messages of mask say, in bytes. Members stand for their index in the roster, lists ascend, and every reader is
// bounded by the sharing set before it allocates.
//
//   1 SHARE     seed commitment ‖ for each of the sharing set: box (none for the sender itself) ‖ two share commitments
//   1 COMPLAINT who sent what cannot be used
//   2 MASKED    the masked vector, packed
//   3 ALIVE     complete: hash of the list of the living; sparse: a MAC for each living neighbour
//   4 UNMASK    for each member of the sharing set: a share of its seed, when it lives, or of its key, when it is gone

import { CanonicalReader, CanonicalWriter } from '../canonical/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { MessageKind } from '../messages/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { INDEX_AT_MOST, type IndexedList, readIndexedList } from './indexed-list.ts';
import { SHARING_SET_AT_MOST } from './parameters.ts';

export const SHARE: MessageKind = Object.freeze({ phase: 1, type: 'mask/share' });
export const COMPLAINT: MessageKind = Object.freeze({ phase: 1, type: 'mask/complaint' });
export const MASKED: MessageKind = Object.freeze({ phase: 2, type: 'mask/masked' });
export const ALIVE: MessageKind = Object.freeze({ phase: 3, type: 'mask/alive' });
export const UNMASK: MessageKind = Object.freeze({ phase: 4, type: 'mask/unmask' });

export const SHARE_BYTES = 32;
/** point ‖ share of the seed ‖ share of the key. */
export const BOX_PLAINTEXT_BYTES: number = 1 + 2 * SHARE_BYTES;
/** nonce ‖ plaintext ‖ tag */
export const BOX_BYTES: number = 12 + BOX_PLAINTEXT_BYTES + 16;
export const MAC_BYTES = 16;

/** To the two shares that one member gets of another's secrets. */
export interface ShareCommitments {
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
}

export interface ShareEntry extends ShareCommitments {
  /** Empty for the sender's own. */
  readonly box: Uint8Array;
}

/** As it is written. */
export interface ShareBodyFields {
  readonly seedCommitment: Uint8Array;
  /** In the order of the sharing set. */
  readonly entries: readonly ShareEntry[];
}

/** As it was read: a thousand members send a hundred entries each, so an entry is looked at where it lies. */
export interface ShareBody {
  readonly seedCommitment: Uint8Array;
  /** `place`: in the sharing set. Views, not to be changed. */
  entryAt(place: number): ShareEntry;
  /** Box and both commitments as they lie there, one behind the other: what is delivered to the member at this place. */
  deliveredAt(place: number): Uint8Array;
}

const SHARE_HEAD_BYTES = HASH_BYTES + 2;
export const COMMITMENTS_BYTES: number = 2 * HASH_BYTES;
/** Of the others; the sender's own has no box. */
const SHARE_ENTRY_BYTES: number = 4 + BOX_BYTES + COMMITMENTS_BYTES;

export const SHARE_BODY_BYTES_AT_MOST: number = HASH_BYTES + 2 + SHARING_SET_AT_MOST * (4 + BOX_BYTES + 2 * HASH_BYTES);

export function encodeShareBody({ seedCommitment, entries }: ShareBodyFields): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(SHARE_BODY_BYTES_AT_MOST)
    .fixed('seed commitment', seedCommitment, HASH_BYTES)
    .u16('entries', entries.length);
  for (const { box, seed, key } of entries) {
    writer.blob('box', box).fixed('of the seed', seed, HASH_BYTES).fixed('of the key', key, HASH_BYTES);
  }
  return writer.finish();
}

/**
 * `ownPlace`: where in the sharing set the sender itself stands; there, and nowhere else, the box is missing. Keeps `body`, which the
 * caller does not change.
 */
export function decodeShareBody(body: Uint8Array, sharingSet: number, ownPlace: number): ShareBody {
  const reader = new CanonicalReader(body, 'a message of shares');
  const seedCommitment = reader.fixed('seed commitment', HASH_BYTES);
  const count = reader.u16('entries');
  if (count !== sharingSet) reader.refuse('E_LEN', `${count} entries for a sharing set of ${sharingSet}`);
  const length = SHARE_HEAD_BYTES + count * SHARE_ENTRY_BYTES - BOX_BYTES;
  if (body.length !== length) reader.refuse('E_LEN', `${body.length} bytes for ${count} entries, not ${length}`);
  const boxBytes = (place: number): number => (place === ownPlace ? 0 : BOX_BYTES);
  const startOf = (place: number): number =>
    SHARE_HEAD_BYTES + place * SHARE_ENTRY_BYTES - (place > ownPlace ? BOX_BYTES : 0);
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  for (let place = 0; place < count; place++) {
    const box = view.getUint32(startOf(place), true);
    if (box !== boxBytes(place)) reader.refuse('E_LEN', `box ${place} has ${box} bytes, not ${boxBytes(place)}`);
  }
  const boxAt = (place: number): number => {
    if (!(place >= 0 && place < count)) throw new ParameterError(`there is no entry ${place} of ${count}`);
    return startOf(place) + 4;
  };
  return {
    seedCommitment,
    deliveredAt: (place) => body.subarray(boxAt(place), boxAt(place) + boxBytes(place) + COMMITMENTS_BYTES),
    entryAt(place) {
      const box = boxAt(place);
      const seed = box + boxBytes(place);
      const key = seed + HASH_BYTES;
      return {
        box: body.subarray(box, seed),
        seed: body.subarray(seed, key),
        key: body.subarray(key, key + HASH_BYTES),
      };
    },
  };
}

/** What was wrong with what a member sent to the complainer. */
export const COMPLAINTS = ['box', 'point', 'seed share', 'key share'] as const;
export type ComplaintReason = (typeof COMPLAINTS)[number];

export interface Complaint {
  readonly index: number;
  readonly reason: ComplaintReason;
}

export const COMPLAINT_BODY_BYTES_AT_MOST: number = 4 + SHARING_SET_AT_MOST * 5;

export function encodeComplaints(complaints: readonly Complaint[]): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter().u32('complaints', complaints.length);
  for (const { index, reason } of complaints) writer.u32('member', index).u8('reason', COMPLAINTS.indexOf(reason));
  return writer.finish();
}

export function decodeComplaints(body: Uint8Array): readonly Complaint[] {
  const reader = new CanonicalReader(body, 'a complaint');
  const complaints = ascending(reader, 'complaints', SHARING_SET_AT_MOST, 5, (index) => ({
    index,
    reason: COMPLAINTS[reader.within('reason', 1, 0, COMPLAINTS.length - 1)]!,
  }));
  if (complaints.length === 0) reader.refuse('E_LEN', 'complains of nobody');
  reader.finish();
  return complaints;
}

/** For each of the living neighbours: that they live, in a form that only they can check. */
export interface AliveMac {
  readonly index: number;
  readonly mac: Uint8Array;
}

export const ALIVE_BODY_BYTES_AT_MOST: number = 4 + SHARING_SET_AT_MOST * (4 + MAC_BYTES);

export function encodeAliveMacs(macs: readonly AliveMac[]): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(ALIVE_BODY_BYTES_AT_MOST).u32('macs', macs.length);
  for (const { index, mac } of macs) writer.u32('member', index).fixed('mac', mac, MAC_BYTES);
  return writer.finish();
}

/** For each of the sender's living neighbours, where it lies. */
export const readAliveMacs = (body: Uint8Array): IndexedList =>
  readIndexedList(body, 'a list of alive-MACs', 'macs', SHARING_SET_AT_MOST, MAC_BYTES);

export function decodeAliveMacs(body: Uint8Array): readonly AliveMac[] {
  const read = readAliveMacs(body);
  return Array.from({ length: read.count }, (_, place) => ({
    index: read.indexAt(place),
    mac: new Uint8Array(read.bytesAt(place)),
  }));
}

/** A share that is revealed: of the seed of a member who lives, of the key of one who is gone. Never both. */
export interface UnmaskEntry {
  readonly index: number;
  readonly of: 'seed' | 'key';
  readonly share: Uint8Array;
}

const SEED = 0;
const KEY = 1;
export const UNMASK_BODY_BYTES_AT_MOST: number = 4 + SHARING_SET_AT_MOST * (5 + SHARE_BYTES);

export function encodeUnmaskEntries(entries: readonly UnmaskEntry[]): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(UNMASK_BODY_BYTES_AT_MOST).u32('shares', entries.length);
  for (const { index, of, share } of entries) {
    writer
      .u32('member', index)
      .u8('of', of === 'seed' ? SEED : KEY)
      .fixed('share', share, SHARE_BYTES);
  }
  return writer.finish();
}

/** As they were read. */
export interface RevealedShares extends Pick<IndexedList, 'count' | 'indexAt' | 'placeOf'> {
  ofAt(place: number): UnmaskEntry['of'];
  /** A view, not to be changed. */
  shareAt(place: number): Uint8Array;
}

/** A member occurs once, so never with both shares. Keeps `body`, which the caller does not change. */
export function readRevealedShares(body: Uint8Array): RevealedShares {
  const message = 'a list of revealed shares';
  const list = readIndexedList(body, message, 'shares', SHARING_SET_AT_MOST, 1 + SHARE_BYTES);
  for (let place = 0; place < list.count; place++) {
    const of = list.bytesAt(place)[0]!;
    if (of > KEY) throw new MalformedMessage('E_RANGE', `${message}: of is ${of}, not in [${SEED}, ${KEY}]`);
  }
  const { count, indexAt, placeOf } = list;
  return Object.freeze<RevealedShares>({
    count,
    indexAt,
    placeOf,
    ofAt: (place) => (list.bytesAt(place)[0] === KEY ? 'key' : 'seed'),
    shareAt: (place) => list.bytesAt(place).subarray(1),
  });
}

export function decodeUnmaskEntries(body: Uint8Array): readonly UnmaskEntry[] {
  const read = readRevealedShares(body);
  return Array.from({ length: read.count }, (_, place) => ({
    index: read.indexAt(place),
    of: read.ofAt(place),
    share: new Uint8Array(read.shareAt(place)),
  }));
}

/** A list of members in ascending order, each with what `read` finds behind its index. */
export function ascending<Item>(
  reader: CanonicalReader,
  what: string,
  atMost: number,
  bytesEach: number,
  read: (index: number) => Item,
): readonly Item[] {
  const count = reader.count(what, atMost, bytesEach);
  const items: Item[] = [];
  for (let i = 0, last = -1; i < count; i++) {
    const index = reader.within('member', 4, 0, INDEX_AT_MOST);
    if (index <= last) reader.refuse('E_MALFORMED', `member ${index} after ${last}: ${what} must ascend`);
    last = index;
    items.push(read(index));
  }
  return items;
}
