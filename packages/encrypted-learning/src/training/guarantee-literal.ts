// What a guarantee is asked for. Refused: counts, targets and grids that are none.

import type { Adjacency } from '@sumus/differential-privacy/mechanisms';
import { ParameterError } from '../errors.ts';
import type { Recipe } from './recipe.ts';

export type NoisePlacement = 'every-step' | 'once';

export interface GuaranteeLiteral {
  readonly recipe: Recipe;
  /** n: public. */
  readonly rowCount: number;
  readonly columns: number;
  /** B. */
  readonly normBound: number;
  /** |y| ≤ this, for linear models. */
  readonly targetBound?: number;
  readonly adjacency: Adjacency;
  readonly epsilon: number;
  readonly delta: number;
  readonly placement?: NoisePlacement;
  /** Rows clipped to this: the comparison's. */
  readonly clippingNorm?: number;
  /** Width of a grid cell, a power of two; default 2^-14 at every step, 2^-16 of Δ once, coarser where the sampler needs it. */
  readonly granularity?: number;
  /** Bound on what approximate arithmetic may add to each coordinate of the noised quantity; default 0 beyond that of doubles. */
  readonly arithmeticError?: number;
}

export function requireLiteral({
  rowCount,
  columns,
  epsilon,
  delta,
  granularity,
  arithmeticError = 0,
}: GuaranteeLiteral): void {
  for (const [name, value] of [
    ['a row count', rowCount],
    ['a number of columns', columns],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value > 0)) throw new ParameterError(`${name} of ${value}`);
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0)) throw new ParameterError(`a target ε of ${epsilon}`);
  if (!(delta > 0 && delta < 1)) throw new ParameterError(`a target δ of ${delta}`);
  if (granularity !== undefined && !(granularity > 0 && Number.isInteger(Math.log2(granularity)))) {
    throw new ParameterError(`a granularity is a power of two, not ${granularity}`);
  }
  if (!(Number.isFinite(arithmeticError) && arithmeticError >= 0)) {
    throw new ParameterError(`an arithmetic error of ${arithmeticError}`);
  }
}
