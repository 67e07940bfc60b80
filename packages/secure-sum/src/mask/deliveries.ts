// What the coordinator sends down. It is not signed: participants believe none of it, and take only what keys, MACs and signatures of
// other members prove. The context at its head tells a mixed-up round from an attack.
//
//   1 BOXES     for each neighbour who shared: its box for the receiver, and its commitments to what is in it
//   3 LIVING    the members whose masked vectors arrived (sparse: those of the receiver's sharing set)
//   4 VOUCHERS  complete: signatures on the hash of the living; sparse: MACs of neighbours that the receiver lives
//   5 RESULT    the sum, packed, whose values it holds, and a digest of what was revealed to open it

import { CanonicalReader, sameBytes } from '../canonical/index.ts';
import type { Context } from '../context/index.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { HASH_BYTES, SIGNATURE_BYTES } from '../primitives.ts';
import { ascending, BOX_BYTES, COMMITMENTS_BYTES, MAC_BYTES, type ShareCommitments } from './bodies.ts';
import { packedBytes } from './key-stream.ts';
import { SHARING_SET_AT_MOST } from './parameters.ts';

const LETTERS = Uint8Array.from('SUMD', (letter) => letter.charCodeAt(0));
const VERSION = 1;
const HEAD_BYTES = LETTERS.length + 1 + HASH_BYTES + 1;
const MEMBERS_AT_MOST = 100_000;

export const DELIVERIES = ['mask/boxes', 'mask/living', 'mask/vouchers', 'mask/result'] as const;
export type DeliveryType = (typeof DELIVERIES)[number];

export interface DeliveredBox extends ShareCommitments {
  readonly index: number;
  readonly box: Uint8Array;
}

/** A signature on the hash of the living, or a MAC. */
export interface Voucher {
  readonly index: number;
  readonly proof: Uint8Array;
}

export interface MaskResult {
  /** Indices in the roster of the members whose values are in the sum. */
  readonly contributors: readonly number[];
  /** SHA-256 over the seeds and keys that were revealed. */
  readonly revealedDigest: Uint8Array;
  readonly packed: Uint8Array;
}

export type Delivery =
  | { readonly type: 'mask/boxes'; readonly boxes: readonly DeliveredBox[] }
  | { readonly type: 'mask/living'; readonly living: readonly number[] }
  | { readonly type: 'mask/vouchers'; readonly vouchers: readonly Voucher[] }
  | ({ readonly type: 'mask/result' } & MaskResult);

/** What a receiver knows of its round: enough to bound every list. */
export interface DeliveryBounds {
  readonly context: Context;
  readonly graph: 'complete' | 'sparse';
  readonly vectorLength: number;
  readonly wordBits: number;
}

function beginDelivery(context: Context, type: DeliveryType, bodyLength: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEAD_BYTES + bodyLength);
  bytes.set(LETTERS);
  bytes[LETTERS.length] = VERSION;
  bytes.set(context.hash, LETTERS.length + 1);
  bytes[HEAD_BYTES - 1] = DELIVERIES.indexOf(type);
  return bytes;
}

/** What one member says to another, as it wrote it: of an owner box and commitments, of a neighbour a MAC. */
export interface Forwarded {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The same bytes as encodeDelivery, without a look at what is in them: a thousand members get a hundred entries each. */
export function encodeForwarded(
  context: Context,
  type: 'mask/boxes' | 'mask/vouchers',
  entries: readonly Forwarded[],
): Uint8Array<ArrayBuffer> {
  const length = type === 'mask/boxes' ? BOX_BYTES + COMMITMENTS_BYTES : MAC_BYTES;
  const bytes = beginDelivery(context, type, 4 + entries.length * (4 + length));
  const view = new DataView(bytes.buffer);
  view.setUint32(HEAD_BYTES, entries.length, true);
  let at = HEAD_BYTES + 4;
  for (const { index, bytes: entry } of entries) {
    if (entry.length !== length) throw new ParameterError(`an entry of ${type} has ${entry.length} bytes`);
    view.setUint32(at, index, true);
    bytes.set(entry, at + 4);
    at += 4 + length;
  }
  return bytes;
}

/** Written straight into bytes of the right length. */
export function encodeDelivery(context: Context, delivery: Delivery): Uint8Array<ArrayBuffer> {
  const bytes = beginDelivery(context, delivery.type, bodyBytes(delivery));
  const view = new DataView(bytes.buffer);
  let at = HEAD_BYTES;
  const number = (value: number): void => {
    if (!Number.isInteger(value) || value < 0 || value > MEMBERS_AT_MOST) {
      throw new ParameterError(`${value} is no member, and no number of members`);
    }
    view.setUint32(at, value, true);
    at += 4;
  };
  const fixed = (field: string, value: Uint8Array, length: number): void => {
    if (value.length !== length) throw new ParameterError(`${field} has ${value.length} bytes, not ${length}`);
    bytes.set(value, at);
    at += length;
  };
  switch (delivery.type) {
    case 'mask/boxes':
      number(delivery.boxes.length);
      for (const { index, box, seed, key } of delivery.boxes) {
        number(index);
        fixed('a box', box, BOX_BYTES);
        fixed('a commitment', seed, HASH_BYTES);
        fixed('a commitment', key, HASH_BYTES);
      }
      break;
    case 'mask/living':
      number(delivery.living.length);
      for (const index of delivery.living) number(index);
      break;
    case 'mask/vouchers':
      number(delivery.vouchers.length);
      for (const { index, proof } of delivery.vouchers) {
        number(index);
        fixed('a proof', proof, proof.length);
      }
      break;
    case 'mask/result':
      number(delivery.contributors.length);
      for (const index of delivery.contributors) number(index);
      fixed('a digest', delivery.revealedDigest, HASH_BYTES);
      fixed('a sum', delivery.packed, delivery.packed.length);
      break;
    default:
      return delivery satisfies never;
  }
  return bytes;
}

function bodyBytes(delivery: Delivery): number {
  switch (delivery.type) {
    case 'mask/boxes':
      return 4 + delivery.boxes.length * (4 + BOX_BYTES + 2 * HASH_BYTES);
    case 'mask/living':
      return 4 + 4 * delivery.living.length;
    case 'mask/vouchers':
      return delivery.vouchers.reduce((bytes, { proof }) => bytes + 4 + proof.length, 4);
    case 'mask/result':
      return 4 + 4 * delivery.contributors.length + HASH_BYTES + delivery.packed.length;
    default:
      return delivery satisfies never;
  }
}

export function decodeDelivery(
  bytes: Uint8Array,
  { context, graph, vectorLength, wordBits }: DeliveryBounds,
): Delivery {
  const reader = new CanonicalReader(bytes, 'a delivery');
  if (!sameBytes(reader.fixed('letters', LETTERS.length), LETTERS)) {
    reader.refuse('E_MALFORMED', "does not begin with 'SUMD'");
  }
  const version = reader.u8('version');
  if (version !== VERSION) reader.refuse('E_MALFORMED', `version ${version} is not ${VERSION}`);
  if (!sameBytes(reader.fixed('context', HASH_BYTES), context.hash)) {
    throw new ProtocolViolation('E_CTX', 'a delivery of another round');
  }
  const type = DELIVERIES[reader.within('type', 1, 0, DELIVERIES.length - 1)]!;
  const listed = graph === 'complete' ? MEMBERS_AT_MOST : SHARING_SET_AT_MOST;
  const delivery = readDelivery(reader, type, listed, graph, packedBytes(vectorLength, wordBits));
  reader.finish();
  if (delivery.type === 'mask/result') requireSpareBitsZero(delivery.packed, vectorLength, wordBits);
  return delivery;
}

function readDelivery(
  reader: CanonicalReader,
  type: DeliveryType,
  listed: number,
  graph: 'complete' | 'sparse',
  sumBytes: number,
): Delivery {
  switch (type) {
    case 'mask/boxes': {
      const each = 4 + BOX_BYTES + 2 * HASH_BYTES;
      const boxes = ascending(reader, 'boxes', SHARING_SET_AT_MOST, each, (index) => ({
        index,
        box: reader.fixed('box', BOX_BYTES),
        seed: reader.fixed('of the seed', HASH_BYTES),
        key: reader.fixed('of the key', HASH_BYTES),
      }));
      return { type, boxes };
    }
    case 'mask/living':
      return { type, living: ascending(reader, 'living', listed, 4, (index) => index) };
    case 'mask/vouchers': {
      const proofBytes = graph === 'complete' ? SIGNATURE_BYTES : MAC_BYTES;
      const vouchers = ascending(reader, 'vouchers', listed, 4 + proofBytes, (index) => ({
        index,
        proof: reader.fixed('proof', proofBytes),
      }));
      return { type, vouchers };
    }
    case 'mask/result': {
      const contributors = ascending(reader, 'contributors', MEMBERS_AT_MOST, 4, (index) => index);
      const revealedDigest = reader.fixed('digest', HASH_BYTES);
      return { type, contributors, revealedDigest, packed: reader.fixed('sum', sumBytes) };
    }
    default:
      return type satisfies never;
  }
}

/** One form for one vector: bits behind the last word are 0 (attack 57). */
export function requireSpareBitsZero(packed: Uint8Array, count: number, wordBits: number): void {
  const used = (count * wordBits) % 8;
  if (used !== 0 && packed.at(-1)! >> used !== 0) {
    throw new MalformedMessage('E_RANGE', 'the bits behind the last packed word are not zero');
  }
}
