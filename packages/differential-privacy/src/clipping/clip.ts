// Scaling a contribution into a ball. What comes out is never longer than the bound, rounding included; a contribution
// that is not a number counts as zero, for an error would tell about the record it came from.

import { ParameterError } from '../errors.ts';
import { type Bounded, boundedBy, type Clipped } from './bounded.ts';

/** Below one by more than the rounding of a scaled sum of squares of 2^26 terms. */
const DOWN = 1 - 2 ** -24;

/** v · min(1, C/‖v‖). */
export function clipFlat<C extends Clipped>(of: C, values: Float64Array, norm: number): Bounded<C> {
  requireNorm(norm);
  const length = safeNorm(values);
  return bounded(of, values, norm, length <= norm * DOWN ? 1 : (norm / length) * DOWN);
}

/**
 * v · C/(‖v‖ + γ): always scaled, never longer than C; γ > 0 keeps small gradients small (Bu, Wang, Zha, Karypis 2023,
 * arXiv 2206.07136). Needs no tuned C: it is the learning rate by another name.
 */
export function clipNormalised<C extends Clipped>(
  of: C,
  values: Float64Array,
  { norm, stability }: { readonly norm: number; readonly stability: number },
): Bounded<C> {
  requireNorm(norm);
  if (!(Number.isFinite(stability) && stability > 0))
    throw new ParameterError(`a stability is positive, not ${stability}`);
  return bounded(of, values, norm, (norm / (safeNorm(values) + stability)) * DOWN);
}

/**
 * Each layer to a norm of its own: the whole is bounded by √Σ C_l². `layerEnds` are the ends of the layers, the last
 * being the length.
 */
export function clipPerLayer<C extends Clipped>(
  of: C,
  values: Float64Array,
  layers: { readonly ends: readonly number[]; readonly norms: readonly number[] },
): Bounded<C> {
  const { ends, norms } = layers;
  if (ends.length !== norms.length || ends.length === 0)
    throw new ParameterError(`${ends.length} layers with ${norms.length} norms`);
  if (ends[ends.length - 1] !== values.length)
    throw new ParameterError(`layers end at ${ends[ends.length - 1]}, not ${values.length}`);
  const clipped = new Float64Array(values.length);
  let start = 0;
  let square = 0;
  ends.forEach((end, l) => {
    if (!(end > start)) throw new ParameterError(`layer ${l} ends at ${end}, where it starts or before`);
    clipped.set(clipFlat(of, values.subarray(start, end), norms[l]).values, start);
    square += norms[l] ** 2;
    start = end;
  });
  return boundedBy(of, clipped, Math.sqrt(square) * (1 + 2 ** -50));
}

function bounded<C extends Clipped>(of: C, values: Float64Array, norm: number, scale: number): Bounded<C> {
  // A scale that is not a number belongs to values that are not.
  const usable = Number.isFinite(scale) && values.every(Number.isFinite);
  return boundedBy(of, usable ? values.map((value) => value * scale) : new Float64Array(values.length), norm);
}

/** ‖v‖ without overflow. */
function safeNorm(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}

function requireNorm(norm: number): void {
  if (!(Number.isFinite(norm) && norm > 0)) throw new ParameterError(`a clipping norm is positive, not ${norm}`);
}
