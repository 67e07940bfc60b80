// How deep an iteration of a training is, and where its refreshes go: what a circuit and its plan are made from.

import type { ClipFactor } from '../approximation/clip-factor.ts';
import { ParameterError } from '../errors.ts';
import type { Packing } from './packing.ts';
import type { Recipe } from './recipe.ts';
import { type OddPolynomial, residualDepth } from './residual-product.ts';

export interface DepthQuestion {
  readonly recipe: Recipe;
  readonly packing: Packing;
  /** Where γ/n multiplies; default 'before' the sum. */
  readonly scaling?: 'before' | 'after';
  readonly clip?: ClipFactor;
}

/** Levels that one iteration takes, and how many more the first refresh or output takes after the last. */
export function iterationDepth({ recipe, packing, scaling = 'before', clip }: DepthQuestion): number {
  const polynomial = residualPolynomial(recipe);
  const residual =
    polynomial === undefined ? 1 : clip === undefined ? residualDepth(polynomial) : clippedDepth(polynomial, clip);
  return 1 + (packing.doubled ? 0 : 1) + residual + (scaling === 'after' ? 1 : 0);
}

/** ρ, ρ²·‖x‖², h of it, and the product with the row. */
function clippedDepth({ coefficients }: OddPolynomial, { degree }: ClipFactor): number {
  return Math.ceil(Math.log2(2 * coefficients.length)) + 2 + Math.ceil(Math.log2(degree + 1)) + 1;
}

/** p(−R·u) − p(0) as an odd polynomial of u; undefined for linear models. */
export function residualPolynomial({ activation }: Pick<Recipe, 'activation'>): OddPolynomial | undefined {
  if (activation === undefined) return undefined;
  const { coefficients, interval } = activation;
  return { coefficients: coefficients.filter((_, k) => k % 2 === 1).map((a, i) => -a * interval ** (2 * i + 1)) };
}

/** Greedy: a refresh before every iteration that `levels` no longer reach. The result's own level after the last is kept free. */
export function placeRefreshes(request: DepthQuestion, levels: number): readonly number[] {
  const each = iterationDepth(request);
  // w lies one level below v where γ/n went in before; the first iteration takes one level.
  const tail = request.scaling === 'after' ? 0 : 1;
  if (each + tail > levels) {
    throw new ParameterError(`an iteration takes ${each + tail} levels, and there are ${levels} between refreshes`);
  }
  const before: number[] = [];
  let used = request.recipe.model.kind === 'linear' || request.clip !== undefined ? each : 1;
  for (let t = 1; t < request.recipe.steps.length; t += 1) {
    if (used + each + tail > levels) {
      before.push(t);
      used = 0;
    }
    used += each;
  }
  return before;
}
