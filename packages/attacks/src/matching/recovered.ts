// Whether an attack succeeded: how many of the true inputs are among its candidates. An input counts as recovered when some candidate's
// mean absolute difference is within a tolerance that no two photographs or digits meet by accident.
//
// Only a test or a bench can ask this, since it holds the truth: an attacker cannot, and need not, because a picture shows itself.

import { ParameterError } from '../errors.ts';
import type { Candidates } from '../first-layer/quotients.ts';

/** Mean absolute error of a pixel in [0, 1]: for a server that only looks, and for one that takes differences of rows. */
export const PASSIVE_TOLERANCE = 1e-3;
export const ACTIVE_TOLERANCE = 2e-3;

/** For every input the source of the first candidate that is within tolerance of it; -1 where there is none. */
export function recovered(
  inputs: Float32Array,
  candidates: Candidates,
  { tolerance }: { readonly tolerance: number },
): Int32Array<ArrayBuffer> {
  const { size, count, values, sources } = candidates;
  if (!(tolerance >= 0)) throw new ParameterError(`a tolerance must not be negative, and ${tolerance} is`);
  if (inputs.length % size !== 0) throw new ParameterError(`${inputs.length} numbers are no whole inputs of ${size}`);
  const found = new Int32Array(inputs.length / size).fill(-1);
  for (let example = 0; example < found.length; example++) {
    const input = inputs.subarray(example * size, (example + 1) * size);
    for (let c = 0; c < count && found[example] < 0; c++) {
      if (isWithin(input, values.subarray(c * size, (c + 1) * size), tolerance * size)) found[example] = sources[c];
    }
  }
  return found;
}

/** Σ|a - b| ≤ bound; gives up as soon as it is not. A candidate that is not a number is near nothing. */
function isWithin(a: Float32Array, b: Float64Array, bound: number): boolean {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum += Math.abs(a[i] - b[i]);
    if (!(sum <= bound)) return false;
  }
  return true;
}

/** The share of inputs that were recovered, in [0, 1]. */
export function recoveryRate(found: Int32Array): number {
  return found.reduce((sum, source) => sum + (source < 0 ? 0 : 1), 0) / found.length;
}
