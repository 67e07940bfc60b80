// How far one row moves what is noised: the length of its gradient, the sum over a step's rows, or the result of a whole descent; with all that
// arithmetic errs by.

import {
  aggregateSensitivity,
  descentSensitivity,
  logisticRegression,
  polynomialLogistic,
  squaredLoss,
} from '@sumus/differential-privacy/sensitivity';
import { ParameterError } from '../errors.ts';
import type { GuaranteeLiteral } from './guarantee-literal.ts';
import { constantRate } from './invariant.ts';

/** Rows are checked to a hair above B. */
const ROW_ROUNDING = 1 + 2 ** -39;

export function gradientBound(literal: GuaranteeLiteral): { readonly lipschitz: number; readonly supError: number } {
  const { recipe, normBound, clippingNorm, targetBound } = literal;
  if (clippingNorm !== undefined) return { lipschitz: clippingNorm, supError: 0 };
  switch (recipe.model.kind) {
    case 'logistic-exact':
      return { lipschitz: logisticRegression({ radius: normBound }).lipschitz * ROW_ROUNDING, supError: 0 };
    case 'linear':
      if (targetBound === undefined || recipe.projectionRadius === undefined) {
        throw new ParameterError(
          'a linear model’s gradient is bounded by a bound on its targets and a projection: state both',
        );
      }
      return {
        lipschitz:
          squaredLoss({ radius: normBound, weightRadius: recipe.projectionRadius, targetBound }).lipschitz *
          ROW_ROUNDING ** 2,
        supError: 0,
      };
    case 'logistic': {
      const { activation } = recipe;
      if (activation === undefined) throw new ParameterError('a logistic recipe without its polynomial');
      return {
        lipschitz: polynomialLogistic({ radius: normBound, fit: activation.fit }).lipschitz,
        supError: activation.supError,
      };
    }
    default:
      return recipe.model satisfies never;
  }
}

/** Of the sum over a step's rows, on the grid. */
export function stepSensitivity(literal: GuaranteeLiteral, lipschitz: number, granularity: number): number {
  const { adjacency, columns, rowCount, arithmeticError = 0 } = literal;
  const doubles = rowCount * roundingOfDoubles(literal, lipschitz);
  return aggregateSensitivity({
    contribution: lipschitz,
    adjacency,
    divisor: 1,
    arithmeticError: { perCoordinate: granularity / 2 + arithmeticError + doubles, dimension: columns },
  });
}

/**
 * Of each coordinate of a mean gradient: naive sums of n doubles, each from d products, are (n + 4d + 64) roundings of terms whose moduli
 * have a mean of at most L.
 */
export function roundingOfDoubles({ rowCount, columns }: GuaranteeLiteral, lipschitz: number): number {
  return (rowCount + 4 * columns + 64) * lipschitz * 2 ** -52;
}

/** Of the result, where noise goes on it once; or why that is not accounted for. */
export function outputSensitivity(
  literal: GuaranteeLiteral,
  lipschitz: number,
): { readonly sensitivity: number } | { readonly reason: string } {
  const { recipe, rowCount, normBound, adjacency, columns, arithmeticError = 0 } = literal;
  const learningRate = constantRate(recipe);
  if (recipe.optimiser !== 'gradient-descent' || recipe.batchSize !== undefined || learningRate === undefined) {
    return { reason: 'noise once at the end is accounted for full-batch gradient descent with one step size only' };
  }
  if (literal.clippingNorm !== undefined || recipe.barrier !== undefined || recipe.model.kind === 'linear') {
    return { reason: 'noise once at the end is accounted for logistic models without clipping and barrier only' };
  }
  const slope = recipe.activation?.fit.slope;
  const [least, most] = slope === undefined ? [0, 0.25] : [Math.min(0, slope.least.value), slope.most.value];
  const strongConvexity = recipe.ridge + least * normBound ** 2 * (1 + 1e-9);
  if (strongConvexity < 0) {
    return {
      reason: `the polynomial falls (p′ ≥ ${least.toPrecision(3)}) more than the ridge ${recipe.ridge} makes up for: the surrogate is not convex, and two runs may drift apart`,
    };
  }
  const steepest = slope === undefined ? most : Math.max(most, -slope.least.value);
  const smoothness = steepest * normBound ** 2 * (1 + 1e-9) + recipe.ridge;
  if (learningRate > 2 / (smoothness + strongConvexity)) {
    return { reason: `a step of ${learningRate} is above 2/(M + m) = ${2 / (smoothness + strongConvexity)}` };
  }
  const exact = descentSensitivity({
    learningRate,
    steps: recipe.steps.length,
    recordCount: rowCount,
    lipschitz,
    adjacency,
    smoothness,
    strongConvexity,
  });
  // A step keeps two points together, so that what doubles err by in each adds up: of gradients, and of iterates no longer than TηL.
  // Encryption errs by what the caller says.
  const steps = recipe.steps.length;
  const doubles = steps * learningRate * (roundingOfDoubles(literal, lipschitz) + 4 * steps * lipschitz * 2 ** -52);
  const arithmetic = 2 * (arithmeticError + doubles) * Math.sqrt(columns);
  return { sensitivity: exact + arithmetic };
}
