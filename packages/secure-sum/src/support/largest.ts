// The largest magnitudes of a vector, the same ones on every platform: floats without their sign are ordered as their bits are, so
// the bound is found by counting bits, and where magnitudes are equal, lower indices go first.

import { ParameterError } from '../errors.ts';

/** Indices of the `count` largest |values|, in rising order. Not for values that are not numbers. */
export function largestIndices(values: Float32Array, count: number): Uint32Array<ArrayBuffer> {
  if (!Number.isInteger(count) || count < 0 || count > values.length) {
    throw new ParameterError(`the ${count} largest of ${values.length} values`);
  }
  const chosen = new Uint32Array(count);
  if (count === 0) return chosen;
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const { bound, atBound } = boundOf(bits, count);
  let left = atBound;
  let written = 0;
  for (let i = 0; i < bits.length; i++) {
    const magnitude = bits[i] & 0x7fffffff;
    if (magnitude > bound || (magnitude === bound && left-- > 0)) chosen[written++] = i;
  }
  return chosen;
}

/** The magnitude of which `count` values are at least as large, and how many of those that equal it are among them. */
function boundOf(bits: Uint32Array, count: number): { readonly bound: number; readonly atBound: number } {
  const high = new Uint32Array(2 ** 16);
  for (const word of bits) high[(word & 0x7fffffff) >>> 16]++;
  const upper = bucketOf(high, count);
  const low = new Uint32Array(2 ** 16);
  for (const word of bits) if ((word & 0x7fffffff) >>> 16 === upper.bucket) low[word & 0xffff]++;
  const lower = bucketOf(low, upper.within);
  return { bound: upper.bucket * 2 ** 16 + lower.bucket, atBound: lower.within };
}

/** The bucket, counted from the top, in which the count-th value lies, and which of that bucket's values it is. */
function bucketOf(counts: Uint32Array, count: number): { readonly bucket: number; readonly within: number } {
  let bucket = counts.length - 1;
  let within = count;
  while (within > counts[bucket]) within -= counts[bucket--];
  return { bucket, within };
}
