// From one unit's contribution to the sensitivity of what is released: who counts as neighbours, sum or mean, and what
// arithmetic adds.

import { ParameterError } from '../errors.ts';
import type { Adjacency } from '../mechanisms/mechanism.ts';
import { requireNatural, requireNonNegative } from './gradient-bounds.ts';

export interface Aggregate {
  /** L2 bound of one unit's contribution. */
  readonly contribution: number;
  readonly adjacency: Adjacency;
  /** What the sum is divided by: public, the same for both neighbours. 1 for a sum. */
  readonly divisor: number;
  /**
   * What approximate arithmetic may add: at most `perCoordinate` in each of `dimension` coordinates of the aggregate.
   */
  readonly arithmeticError?: { readonly perCoordinate: number; readonly dimension: number };
}

/** Contributions that differ between neighbours: one appears or vanishes, or one becomes another. */
export function contributionsThatDiffer(adjacency: Adjacency): 1 | 2 {
  switch (adjacency) {
    case 'add-remove':
    case 'zero-out':
      return 1;
    case 'replace-one':
      return 2;
    default:
      return adjacency satisfies never;
  }
}

/**
 * L2 sensitivity of the released aggregate: L/n, twice that for replace-one. An error of up to e a coordinate in either
 * run moves the difference by up to 2e√d. Rounded up.
 */
export function aggregateSensitivity({ contribution, adjacency, divisor, arithmeticError }: Aggregate): number {
  requireNonNegative('a contribution', contribution);
  if (!(Number.isFinite(divisor) && divisor > 0)) throw new ParameterError(`a divisor is positive, not ${divisor}`);
  const exact = (contributionsThatDiffer(adjacency) * contribution) / divisor;
  if (arithmeticError === undefined) return exact * (1 + 2 ** -50);
  const { perCoordinate, dimension } = arithmeticError;
  requireNonNegative('an arithmetic error', perCoordinate);
  requireNatural('a dimension', dimension);
  return (exact + 2 * perCoordinate * Math.sqrt(dimension)) * (1 + 2 ** -50);
}

export interface WeightedMean {
  /** L2 bound of one participant's update. */
  readonly clippingNorm: number;
  /** w_k ≥ 0: public, not computed from data. */
  readonly weights: readonly number[];
  readonly adjacency: Adjacency;
}

/**
 * A weighted sum Σ w_k u_k of updates: C·max w_k, not C/n (Flower divides by n and weights by example counts: nine
 * times too little noise for a participant with nine tenths of the data). Weights have to be public; a private example
 * count is data.
 */
export function weightedSensitivity({ clippingNorm, weights, adjacency }: WeightedMean): number {
  requireNonNegative('a clipping norm', clippingNorm);
  if (weights.length === 0) throw new ParameterError('a weighted mean has at least one weight');
  for (const weight of weights) requireNonNegative('a weight', weight);
  return (
    contributionsThatDiffer(adjacency) *
    clippingNorm *
    weights.reduce((most, weight) => Math.max(most, weight), 0) *
    (1 + 2 ** -50)
  );
}
