// The twin with its noise: a descent whose every release is the Gaussian mechanism on integers, exactly as a guarantee worked it out.
//
// The summed gradient is rounded to the grid and an exactly rounded Gaussian is added: no floating-point Gaussian ever carries the
// guarantee. The recipe, the bounds and the noise come from one frozen guarantee, so that what runs is what was accounted.

import { type RandomSource, roundedGaussian } from '@sumus/differential-privacy/noise';
import { projectInPlace } from '@sumus/differential-privacy/sensitivity';
import { ParameterError } from '../errors.ts';
import { type DescentOptions, descend, type RowBounds, type Trajectory } from './descent.ts';
import type { Guarantee } from './guarantee.ts';
import type { CheckedRows } from './rows.ts';

export interface PrivateTrajectory extends Trajectory {
  readonly guarantee: Guarantee;
}

export function descendPrivately(
  rows: CheckedRows,
  guarantee: Guarantee,
  source: RandomSource,
  options: Pick<DescentOptions, 'onStep'> = {},
): PrivateTrajectory {
  const { literal, placement } = guarantee;
  requireAccounted(rows, guarantee);
  const { recipe, clippingNorm } = literal;
  const clipped = clippingNorm === undefined ? {} : { clippingNorm };
  if (placement === 'every-step') {
    const noisy = gridPerturbation(guarantee, source);
    return Object.freeze({ ...descend(rows, recipe, { ...options, ...clipped, perturb: noisy }), guarantee });
  }
  return perturbOnce(descend(rows, recipe, { ...options, ...clipped }), guarantee, source);
}

/**
 * Noise once, on w_T of a descent by the guarantee's own recipe. What comes of it is what the guarantee is about; the trajectory itself
 * stays with whoever holds the rows. Perturbing it again and releasing both costs twice.
 */
export function perturbOnce(trajectory: Trajectory, guarantee: Guarantee, source: RandomSource): PrivateTrajectory {
  const { recipe } = guarantee.literal;
  if (guarantee.placement !== 'once' || trajectory.recipe !== recipe) {
    throw new ParameterError('this guarantee is not for noise on the result of this descent');
  }
  requireAccounted(trajectory.bounds, guarantee);
  const weights = Float64Array.from(trajectory.weights);
  gridPerturbation(guarantee, source)(weights);
  if (recipe.projectionRadius !== undefined) projectInPlace(weights, recipe.projectionRadius);
  return Object.freeze({ ...trajectory, weights, guarantee });
}

/** Rounds to the grid and adds the noise, in place. σ in cells stays within what the sampler takes by a coarser grid. */
export function gridPerturbation(
  { granularity, noiseStddev, literal }: Guarantee,
  source: RandomSource,
): (values: Float64Array) => void {
  const sampler = roundedGaussian(noiseStddev / granularity, source);
  const noise = new Int32Array(literal.columns);
  return (values) => {
    if (values.length !== noise.length)
      throw new ParameterError(`${values.length} coordinates, accounted were ${noise.length}`);
    sampler.sampleInto(noise);
    for (let j = 0; j < values.length; j += 1) {
      values[j] = (Math.round(values[j] / granularity) + noise[j]) * granularity;
    }
    noise.fill(0);
  };
}

/** What runs is what was accounted: the same number of rows and columns, and no row longer than B. */
function requireAccounted(rows: RowBounds, { literal }: Guarantee): void {
  if (rows.count !== literal.rowCount || rows.columns !== literal.columns) {
    throw new ParameterError(
      `the guarantee is for ${literal.rowCount} rows of ${literal.columns} columns, these are ${rows.count} of ${rows.columns}`,
    );
  }
  if (rows.normBound > literal.normBound) {
    throw new ParameterError(
      `the guarantee is for rows up to B = ${literal.normBound}, these were checked against ${rows.normBound}`,
    );
  }
  if (typeof rows.labelSet === 'number' && !(rows.labelSet <= (literal.targetBound ?? 0))) {
    throw new ParameterError(
      `the guarantee is for targets within ±${literal.targetBound}, these lie within ±${rows.labelSet}`,
    );
  }
}
