// The bodies of what founding members say. Public; what is secret in a dealing lies in its box.

import { CanonicalReader, CanonicalWriter, delimited, type MemberId } from '../canonical/index.ts';
import type { Context } from '../context/index.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';
import { MEMBERS_OF_A_KEY_AT_MOST, POLYNOMIAL_BODY_BYTES_AT_MOST } from './kinds.ts';

export const NONCE_BYTES = 32;

/** To one's part of the challenge: nobody knows it before the dealings are out. */
export const nonceCommitment = (
  primitives: Hashing,
  { context, memberId }: { readonly context: Context; readonly memberId: MemberId },
  nonce: Uint8Array,
): Uint8Array<ArrayBuffer> => primitives.sha256(delimited('sumus/1/threshold/nonce', context.hash, memberId, nonce));

/** What the shares are tested with: fixed by everybody's parts, after the last dealing. */
export const challengeOf = (
  primitives: Hashing,
  context: Context,
  transcript: Uint8Array,
  nonces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> =>
  primitives.sha256(delimited('sumus/1/threshold/challenge', context.hash, transcript, delimited(...nonces)));

export interface CommitBody {
  /** Encoded by the lattice. */
  readonly commitment: Uint8Array;
  readonly nonceCommitment: Uint8Array;
}

const COMMITMENT_BYTES_AT_MOST = 256;
export const COMMIT_BODY_BYTES_AT_MOST: number = 4 + COMMITMENT_BYTES_AT_MOST + HASH_BYTES;

export function encodeCommitBody({ commitment, nonceCommitment: nonce }: CommitBody): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter().blob('commitment', commitment).fixed('nonce', nonce, HASH_BYTES).finish();
}

export function decodeCommitBody(body: Uint8Array): CommitBody {
  const reader = new CanonicalReader(body, 'a commitment to a shared key');
  const commitment = reader.blob('commitment', COMMITMENT_BYTES_AT_MOST);
  const nonce = reader.fixed('nonce', HASH_BYTES);
  reader.finish();
  return Object.freeze({ commitment, nonceCommitment: nonce });
}

export interface RevealBody {
  /** Hash of all COMMITs as the sender saw them. */
  readonly commitments: Uint8Array;
  /** Encoded by the lattice. */
  readonly contribution: Uint8Array;
  /** Hash of the box to each other member, in the order of numbers, the own place left out. */
  readonly boxHashes: readonly Uint8Array[];
}

export const REVEAL_BODY_BYTES_AT_MOST: number =
  HASH_BYTES + 8 + POLYNOMIAL_BODY_BYTES_AT_MOST + MEMBERS_OF_A_KEY_AT_MOST * HASH_BYTES;

export function encodeRevealBody({ commitments, contribution, boxHashes }: RevealBody): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(contribution.length + 128 + boxHashes.length * HASH_BYTES)
    .fixed('commitments', commitments, HASH_BYTES)
    .blob('contribution', contribution)
    .u32('boxes', boxHashes.length);
  for (const hash of boxHashes) writer.fixed('hash of a box', hash, HASH_BYTES);
  return writer.finish();
}

export function decodeRevealBody(body: Uint8Array): RevealBody {
  const reader = new CanonicalReader(body, 'a summand of a shared key');
  const commitments = reader.fixed('commitments', HASH_BYTES);
  const contribution = reader.blob('contribution', POLYNOMIAL_BODY_BYTES_AT_MOST);
  const count = reader.count('boxes', MEMBERS_OF_A_KEY_AT_MOST, HASH_BYTES);
  const boxHashes = Array.from({ length: count }, () => reader.fixed('hash of a box', HASH_BYTES));
  reader.finish();
  return Object.freeze({ commitments, contribution, boxHashes });
}

export interface ReceivedBody {
  readonly transcript: Uint8Array;
  readonly nonce: Uint8Array;
}

export const RECEIVED_BODY_BYTES: number = HASH_BYTES + NONCE_BYTES;

export function encodeReceivedBody({ transcript, nonce }: ReceivedBody): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter().fixed('transcript', transcript, HASH_BYTES).fixed('nonce', nonce, NONCE_BYTES).finish();
}

export function decodeReceivedBody(body: Uint8Array): ReceivedBody {
  const reader = new CanonicalReader(body, 'a receipt of dealings');
  const transcript = reader.fixed('transcript', HASH_BYTES);
  const nonce = reader.fixed('nonce', NONCE_BYTES);
  reader.finish();
  return Object.freeze({ transcript, nonce });
}

/** How the coordinator knows whose box it is; what is in it, the box's keys say again. */
export interface DealtBox {
  readonly from: number;
  readonly to: number;
  readonly box: Uint8Array;
}

export function encodeDealtBox({ from, to, box }: DealtBox): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(box.length + 16).u16('from', from).u16('to', to).blob('box', box).finish();
}

export function decodeDealtBox(bytes: Uint8Array): DealtBox {
  const reader = new CanonicalReader(bytes, 'a dealing');
  const from = reader.within('from', 2, 1, 65535);
  const to = reader.within('to', 2, 1, 65535);
  const box = reader.blob('box', POLYNOMIAL_BODY_BYTES_AT_MOST);
  reader.finish();
  return Object.freeze({ from, to, box });
}

/** Two byte strings in one box: dealing and pair seed. */
export function encodePair(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(one.length + other.length + 8).blob('first', one).blob('second', other).finish();
}

export function decodePair(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const reader = new CanonicalReader(bytes, 'what is in a box');
  const first = reader.blob('first', POLYNOMIAL_BODY_BYTES_AT_MOST);
  const second = reader.blob('second', POLYNOMIAL_BODY_BYTES_AT_MOST);
  reader.finish();
  return [first, second];
}
