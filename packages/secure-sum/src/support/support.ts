// Which coordinates of a long vector a round sums. Everybody sums the same ones, so indices say nothing of anybody; the hash of the
// set is in the round's configuration, so who was told another set is in another context, and nothing of it opens.

import { delimited, sameBytes, u32Bytes } from '../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Hashing } from '../primitives.ts';

declare const supportBrand: unique symbol;

/** Public. */
export interface Support {
  readonly [supportBrand]: true;
  readonly vectorLength: number;
  /** In rising order; undefined when all coordinates take part. */
  readonly indices: Uint32Array | undefined;
  /** How many coordinates take part. */
  readonly count: number;
  /** For RoundConfiguration.supportHash: of the bitmap, and of nothing when all take part. */
  readonly hash: Uint8Array;
}

export const LENGTH_AT_MOST: number = 2 ** 25;

export function wholeSupport(primitives: Hashing, vectorLength: number): Support {
  requireLength(vectorLength);
  const hash = primitives.sha256(new Uint8Array(0));
  return Object.freeze({ vectorLength, indices: undefined, count: vectorLength, hash }) as Support;
}

/** From indices in rising order. */
export function supportOf(primitives: Hashing, vectorLength: number, indices: Uint32Array): Support {
  requireLength(vectorLength);
  if (indices.length === 0) throw new ParameterError('a support without coordinates');
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] >= vectorLength || (i > 0 && indices[i] <= indices[i - 1])) {
      throw new ParameterError(`index ${indices[i]} at ${i} is out of order or not below ${vectorLength}`);
    }
  }
  const kept = indices.slice();
  const hash = primitives.sha256(delimited('sumus/1/support', u32Bytes(vectorLength), bitmapOf(vectorLength, kept)));
  return Object.freeze({ vectorLength, indices: kept, count: kept.length, hash }) as Support;
}

/** Everybody derives the support itself; one that was announced is only compared. */
export function requireAnnounced({ hash }: Support, announced: Uint8Array): void {
  if (!sameBytes(hash, announced)) {
    throw new ProtocolViolation('E_CTX', 'the round is configured with another support than the one derived here');
  }
}

/** One bit a coordinate, lowest bit of a byte first. */
function bitmapOf(vectorLength: number, indices: Uint32Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(vectorLength / 8));
  for (const index of indices) bits[index >> 3] |= 1 << (index & 7);
  return bits;
}

/** The values at the support's coordinates: what is encoded. */
export function gather({ vectorLength, indices }: Support, values: Float32Array): Float32Array<ArrayBuffer> {
  requireVector(values, vectorLength);
  if (indices === undefined) return values.slice();
  const gathered = new Float32Array(indices.length);
  for (let i = 0; i < indices.length; i++) gathered[i] = values[indices[i]];
  return gathered;
}

/** A vector with the values at the support's coordinates, zeros elsewhere. */
export function scatter({ vectorLength, indices, count }: Support, values: Float32Array): Float32Array<ArrayBuffer> {
  requireVector(values, count);
  if (indices === undefined) return values.slice();
  const scattered = new Float32Array(vectorLength);
  for (let i = 0; i < indices.length; i++) scattered[indices[i]] = values[i];
  return scattered;
}

export function requireVector(values: Float32Array, length: number): void {
  if (!(values instanceof Float32Array) || values.length !== length) {
    throw new ParameterError(`the vector is not one of ${length} floats`);
  }
}

function requireLength(vectorLength: number): void {
  if (!Number.isInteger(vectorLength) || vectorLength < 1 || vectorLength > LENGTH_AT_MOST) {
    throw new ParameterError(`a vector of ${vectorLength} values is not one of 1 to ${LENGTH_AT_MOST}`);
  }
}
