// What distributed noise costs, as a mechanism for a budget: of the promised noise, carried by the fewest honest
// survivors, on the grid on which it was drawn.

import { ParameterError } from '../errors.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Adjacency, Mechanism, Unit } from '../mechanisms/mechanism.ts';
import type { DistributedNoise } from './distributed.ts';

export interface SharedRelease {
  /** L2 bound of one unit's contribution before it is put on the grid. */
  readonly norm: number;
  readonly dimension: number;
  /** Width of a grid cell; the noise's deviations are in cells. */
  readonly granularity: number;
  readonly adjacency: Adjacency;
  readonly unit: Unit;
}

/**
 * One release of a sum that carries these shares. Rounding adds up to √d cells to a contribution's norm, which the
 * accountant counts; a replaced contribution would count it twice, for which it has no term: refused.
 */
export function priceOfShares(noise: DistributedNoise, release: SharedRelease): Mechanism {
  const { norm, dimension, granularity, adjacency, unit } = release;
  if (adjacency === 'replace-one') {
    throw new ParameterError(
      'shared noise is accounted under add-remove or zero-out: rounding of two contributions is not',
    );
  }
  if (!(granularity > 0)) throw new ParameterError(`a granularity is positive, not ${granularity}`);
  const { promisedStddev, shareStddev, honestSurvivors } = noise;
  if (!(shareStddev * Math.sqrt(honestSurvivors) >= promisedStddev * (1 - 2 ** -50))) {
    throw new ParameterError(
      `${honestSurvivors} shares of deviation ${shareStddev} do not carry the ${promisedStddev} that was promised`,
    );
  }
  const mechanisms = under({ adjacency, unit });
  const rounded = { l2Sensitivity: norm, dimension, roundingBias: 0 };
  switch (noise.law) {
    case 'skellam':
      return mechanisms.skellam({
        ...rounded,
        gridScale: 1 / granularity,
        noiseStddev: noise.promisedStddev * granularity,
      });
    case 'discrete-gaussian':
      return mechanisms.distributedDiscreteGaussian({
        ...rounded,
        gridStep: granularity,
        localStddev: (noise.promisedStddev / Math.sqrt(noise.honestSurvivors)) * granularity,
        participantCount: noise.honestSurvivors,
      });
    default:
      return noise.law satisfies never;
  }
}
