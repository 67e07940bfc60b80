// What members sign, by its hash: an epoch, an opening, a result. Whoever has the same values has the same 32 bytes.

import { asciiBytes, delimited, type MemberId, u32Bytes, u64Bytes } from '../canonical/index.ts';
import type { AnyContext } from '../context/index.ts';
import type { Hashing } from '../primitives.ts';

export interface EpochFields {
  readonly context: AnyContext;
  /** The lattice's name of the epoch. */
  readonly run: Uint8Array;
  /** Encoded. */
  readonly publicKey: Uint8Array;
  /** Hash of all REVEALs. */
  readonly transcript: Uint8Array;
  /** The last millisecond at which anything is encrypted or answered. */
  readonly endsAtMs: number;
}

export const epochHash = (
  primitives: Hashing,
  { context, run, publicKey, transcript, endsAtMs }: EpochFields,
): Uint8Array<ArrayBuffer> =>
  primitives.sha256(
    delimited(
      'sumus/1/threshold/epoch',
      context.hash,
      run,
      primitives.sha256(publicKey),
      transcript,
      u64Bytes(endsAtMs),
    ),
  );

export interface OpeningFields {
  /** Of the round. */
  readonly context: AnyContext;
  readonly epoch: Uint8Array;
  /** In the order of names: who contributed, and the digest of the signed message. */
  readonly contributions: readonly { readonly memberId: MemberId; readonly digest: Uint8Array }[];
  /** Numbers of the active set, rising. */
  readonly activeSet: readonly number[];
}

/** What fixes the active set: t members sign it before anybody answers. */
export const openingStatement = (
  primitives: Hashing,
  { context, epoch, contributions, activeSet }: OpeningFields,
): Uint8Array<ArrayBuffer> =>
  primitives.sha256(
    delimited(
      'sumus/1/threshold/opening',
      context.hash,
      epoch,
      delimited(...contributions.flatMap(({ memberId, digest }) => [asciiBytes(memberId), digest])),
      delimited(...activeSet.map(u32Bytes)),
    ),
  );

/** Hash of an opened sum, bound to its statement. */
export const resultHash = (primitives: Hashing, statement: Uint8Array, sum: Int32Array): Uint8Array<ArrayBuffer> =>
  primitives.sha256(delimited('sumus/1/threshold/result', statement, sumBytes(sum)));

/** Four bytes a value, lowest first. */
export function sumBytes(sum: Int32Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * sum.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < sum.length; i++) view.setInt32(4 * i, sum[i]!, true);
  return bytes;
}

export function sumOfBytes(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true));
}
