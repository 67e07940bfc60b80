// A tensor with a name and a shape: what weight files hold. Row-major, as everywhere in learning.

import { ParameterError } from '../errors.ts';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** More dimensions than any layer has; a bound for shapes that come from elsewhere. */
export const LARGEST_RANK: number = 8;
/** Elements of one tensor: its bytes stay addressable in 32 bits. */
export const LARGEST_COUNT: number = 2 ** 29;

/** The number of elements, or undefined when the shape is none: a rank, a dimension or a product out of range. */
export function elementCount(shape: readonly number[]): number | undefined {
  if (shape.length > LARGEST_RANK) return undefined;
  if (!shape.every((size) => Number.isInteger(size) && size >= 0 && size <= LARGEST_COUNT)) return undefined;
  if (shape.includes(0)) return 0;
  // Each factor is at most 2^29 and the product is cut there, so it never loses a bit.
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (count > LARGEST_COUNT) return undefined;
  }
  return count;
}

/** Throws ParameterError unless the shape says how many elements there are. */
export function checkTensor({ name, shape, data }: NamedTensor): void {
  const count = elementCount(shape);
  if (count === undefined) throw new ParameterError(`tensor ${JSON.stringify(name)} cannot have shape [${shape}]`);
  if (count !== data.length) {
    throw new ParameterError(
      `tensor ${JSON.stringify(name)} of shape [${shape}] needs ${count} numbers, not ${data.length}`,
    );
  }
}

/** The index of the first NaN or infinity, or -1. */
export function firstNonFinite(data: Float32Array): number {
  return data.findIndex((value) => !Number.isFinite(value));
}
