// How a vector is rotated without padding it to a power of two (the specification's point 18; docs/decisions/overlapping-windows.md).
//
// The transform needs 2^k values. One window of 2^k covers the first values, a second one the last values; they overlap, and the
// overlap goes through both, with new signs in between. Each window is an orthogonal transform, so both together are one. Every
// rotated value is a sum Σ ± z_j / √2^k with independent public signs over values of norm at most the clip, hence (Hoeffding 1963)
//   P[some |y_i| > clip · κ] ≤ δ   for   κ = √(2 ln(2d / δ) / 2^k),   δ = 2^-20,   d values in all,
// whatever the vector is: one window may hold the whole norm, and κ is that of a window.

import { ParameterError } from '../errors.ts';

export interface Windows {
  /** d: values after rotation, a multiple of 4. */
  readonly length: number;
  /** k: the windows have 2^k values. 0: nothing is rotated. */
  readonly layers: number;
  /** Where the second window begins; 0 when the first covers everything. */
  readonly secondAt: number;
}

/** Values behind one another that two windows of 2^25 cover, far more than fits a memory in practice. */
export const VALUES_AT_MOST: number = 2 ** 25;

const SMALLEST_LAYERS = 4;
/** log2 of 1/δ: how improbable it is that a value leaves the range. */
const RANGE_FAILURE_BITS = 20;

/** One window where that pads by at most a 32nd (or the vector is tiny), else two. */
export function windowsOver(length: number): Windows {
  requireLength(length);
  const layersAbove = Math.max(SMALLEST_LAYERS, bitsOf(length - 1));
  const padded = 2 ** layersAbove;
  const covered = Math.ceil(length / 4) * 4;
  if (covered === padded || padded <= 16 || padded * 31 <= length * 32) {
    return { length: padded, layers: layersAbove, secondAt: 0 };
  }
  return { length: covered, layers: layersAbove - 1, secondAt: covered - padded / 2 };
}

/** No rotation: for vectors that are sums of coordinates already, such as sketches, and for comparison. */
export function noWindows(length: number): Windows {
  requireLength(length);
  return { length: Math.ceil(length / 4) * 4, layers: 0, secondAt: 0 };
}

/** κ: what part of the clip a rotated value may reach. ln(2d/δ) by whole bits, upwards: a logarithm would differ between platforms. */
export function rangeOf({ length, layers }: Windows): number {
  if (layers === 0) return 1;
  const exponent = Math.LN2 * (bitsOf(length - 1) + 1 + RANGE_FAILURE_BITS);
  return Math.min(1, Math.sqrt((2 * exponent) / 2 ** layers));
}

/** Bits of a whole number: ⌈log2(n + 1)⌉. */
export const bitsOf = (n: number): number => (n === 0 ? 0 : 32 - Math.clz32(n));

function requireLength(length: number): void {
  if (!Number.isInteger(length) || length < 1 || length > VALUES_AT_MOST) {
    throw new ParameterError(`a vector of ${length} values is not one of 1 to ${VALUES_AT_MOST}`);
  }
}
