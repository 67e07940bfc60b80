// Error feedback: what a participant does not get to share this round it keeps and adds to the next (Stich and others 2018). A value, its
// owner's alone: a round that fails is forgotten by going on with the value from before it.
//
//   r ← r + g;  shared = clip(selected(r at the support));  r ← r − shared
//
// The encoding clips what is weighted, and weights only shrink: what is within the clip here is not clipped again there.

import { ParameterError } from '../errors.ts';
import { type Selection, zeroUnselected } from './selection.ts';
import { gather, requireVector, type Support } from './support.ts';

/** What was not shared so far: as telling as a gradient, and never sent. */
export interface Residual {
  readonly values: Float32Array;
}

export interface Share {
  /** What goes into the encoding: one value a coordinate of the support, its norm within the clip but for rounding of floats. */
  readonly values: Float32Array;
  /** What to go on with when the round succeeds. */
  readonly residual: Residual;
}

export const noResidual = (vectorLength: number): Residual => ({ values: new Float32Array(vectorLength) });

export function shareOf(
  residual: Residual,
  gradient: Float32Array,
  {
    support,
    selection,
    clippingNorm,
  }: { readonly support: Support; readonly selection: Selection; readonly clippingNorm: number },
): Share {
  requireVector(residual.values, support.vectorLength);
  requireVector(gradient, support.vectorLength);
  if (!(clippingNorm > 0)) throw new ParameterError(`clippingNorm is ${clippingNorm}, not positive`);
  const pending = residual.values.slice();
  for (let i = 0; i < pending.length; i++) pending[i] += gradient[i];
  const values = zeroUnselected(gather(support, pending), selection);
  let squares = 0;
  for (const value of values) squares += value * value;
  if (!Number.isFinite(squares)) throw new ParameterError('the gradient has a value that is not finite');
  const norm = Math.sqrt(squares);
  if (norm > clippingNorm) for (let i = 0; i < values.length; i++) values[i] *= clippingNorm / norm;
  for (let i = 0; i < values.length; i++) pending[support.indices === undefined ? i : support.indices[i]] -= values[i];
  return { values, residual: { values: pending } };
}
