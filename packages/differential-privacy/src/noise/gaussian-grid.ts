// The Gaussian mechanism for real vectors, on a grid. A Gaussian rounded to doubles is not the Gaussian of the proof:
// its low bits tell the inputs apart (Mironov 2012 for Laplace; Haney, Desfontaines, Hartman, Shrestha, Hay 2022,
// arXiv 2207.13793, for any noise that is added in floating point), and even the sum's sensitivity grows (Casacuberta,
// Shoemate, Vadhan, Wagaman 2022; arXiv 2207.10635). So: each contribution is bounded, scaled to a grid of granularity
// g and rounded to integers; integers are summed, exactly and in any order; a Gaussian of σ/g, rounded to integers, is
// added (rounded-gaussian.ts: that is the Gaussian mechanism and post-processing); the integer leaves, and whoever
// wants reals multiplies by g.
//
// Granularity: rounding moves a contribution by at most g/2 a coordinate, g√d/2 in L2. An L2 bound C is, in grid units,
// at most C/g + √d/2; as a sum of integer vectors that bound is exact. The noise is scaled to *that*: coarser grids
// cost noise, never privacy.

import { ParameterError } from '../errors.ts';
import { addNoise, type IntegerSampler } from './integer-sampler.ts';
import type { RandomSource } from './random-source.ts';
import { roundedGaussian } from './rounded-gaussian.ts';

export interface GridChoice {
  /** L2 bound on one unit's contribution, enforced before it gets here. */
  readonly norm: number;
  readonly dimension: number;
  /** Width of a grid cell; a power of two, so that scaling is exact. */
  readonly granularity: number;
  /** σ over the L2 bound on the integers: what the accountant is told. */
  readonly noiseMultiplier: number;
}

export interface GaussianGrid extends GridChoice {
  /** L2 bound of a rounded contribution, in grid units, rounded up. */
  readonly gridNorm: number;
  /** σ of the Gaussian before it is rounded, in grid units. */
  readonly gridStddev: number;
  /** By how much rounding raises the noise: gridNorm · g / norm. Near 1 for a grid fine enough. */
  readonly inflation: number;
}

export function gaussianGrid(choice: GridChoice): GaussianGrid {
  const { norm, dimension, granularity, noiseMultiplier } = choice;
  if (!(Number.isFinite(norm) && norm > 0)) throw new ParameterError(`a norm bound is positive, not ${norm}`);
  if (!Number.isSafeInteger(dimension) || dimension < 1) throw new ParameterError(`a dimension of ${dimension}`);
  if (!(granularity > 0) || !Number.isInteger(Math.log2(granularity))) {
    throw new ParameterError(`a granularity is a power of two, not ${granularity}`);
  }
  if (!(Number.isFinite(noiseMultiplier) && noiseMultiplier > 0)) {
    throw new ParameterError(`a noise multiplier is positive, not ${noiseMultiplier}`);
  }
  const gridNorm = (norm / granularity + Math.sqrt(dimension) / 2) * (1 + 2 ** -50);
  return Object.freeze({
    norm,
    dimension,
    granularity,
    noiseMultiplier,
    gridNorm,
    gridStddev: noiseMultiplier * gridNorm * (1 + 2 ** -50),
    inflation: (gridNorm * granularity) / norm,
  });
}

/**
 * A contribution on the grid, rounded to nearest. Refuses one that exceeds the bound: whoever holds the data clips it,
 * nobody else can.
 */
export function toGrid(grid: GaussianGrid, contribution: ArrayLike<number>): Int32Array {
  if (contribution.length !== grid.dimension) {
    throw new ParameterError(`a contribution of ${contribution.length} numbers to a grid of ${grid.dimension}`);
  }
  const rounded = new Int32Array(grid.dimension);
  let square = 0;
  for (let i = 0; i < rounded.length; i++) {
    const cell = Math.round(contribution[i] / grid.granularity);
    if (!(Math.abs(cell) < 2 ** 31)) throw new ParameterError('a contribution is outside the range of the grid');
    rounded[i] = cell;
    square += cell * cell;
  }
  // On the integers, where it counts. Squares of integers below 2^31 and their sum: one part in 2^50 covers the
  // rounding.
  if (Math.sqrt(square) > grid.gridNorm * (1 + 2 ** -50)) {
    throw new ParameterError(`a contribution exceeds its bound ${grid.norm}`);
  }
  return rounded;
}

/** The noise of this grid. */
export function gridNoise(grid: GaussianGrid, source: RandomSource): IntegerSampler {
  return roundedGaussian(grid.gridStddev, source);
}

/** Noisy sum in grid units. Mutates nothing. */
export function releaseSum(sum: ArrayLike<number>, noise: IntegerSampler): Float64Array {
  const noisy = Float64Array.from(sum);
  for (const entry of noisy) {
    if (!Number.isSafeInteger(entry)) throw new ParameterError('a sum on the grid holds integers only');
  }
  addNoise(noise, noisy);
  return noisy;
}

/** Grid units to reals. Exact unless the product leaves the doubles. */
export function fromGrid(grid: GaussianGrid, sums: ArrayLike<number>): Float64Array {
  return Float64Array.from(sums, (entry) => entry * grid.granularity);
}
