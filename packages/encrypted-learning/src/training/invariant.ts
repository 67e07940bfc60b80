// How |⟨w, x⟩| ≤ R is known to hold at every step, for every data set, before any data is read. Outside [−R, R] a polynomial activation
// is not bounded, so a gradient has no sensitivity and a release no guarantee: without one of these the release is refused.
//
//   always      the activation is exact, or rows are clipped: nothing depends on R;
//   projection  iterates are opened (already noisy) and projected on the ball of radius R/B; exact, by Cauchy and Schwarz;
//   reach       no noise on the way, and so few or so short steps that ‖w_t‖ ≤ R/B whatever the data (differential-privacy's
//               decayedRadius);
//   coupling    noise on the way, never projected: the noise leaves the margin that `reach` leaves over with probability at most δ′,
//               and δ grows by (1 + e^ε)δ′.

import { decayedRadius, noiseEscape, safeWeightRadius } from '@sumus/differential-privacy/sensitivity';
import type { Recipe } from './recipe.ts';

export type Invariant =
  | { readonly kind: 'always' }
  | { readonly kind: 'projection'; readonly radius: number }
  | { readonly kind: 'reach'; readonly radius: number }
  | { readonly kind: 'coupling'; readonly failure: number };

export type InvariantFound = Invariant | { readonly kind: 'unproved'; readonly reason: string };

export interface InvariantQuestion {
  readonly recipe: Recipe;
  readonly normBound: number;
  /** Bound on one row's gradient while |z| ≤ R. */
  readonly lipschitz: number;
  /** Deviation of the noise on each coordinate of each mean gradient; 0 for none. */
  readonly noiseStddev: number;
  readonly columns: number;
  /** How far rounding and approximate arithmetic take each mean gradient from the one that is bounded: a length; default 0. */
  readonly gradientError?: number;
  /** And what they add to an iterate beside that; default 0. */
  readonly iterateError?: number;
}

export function proveInvariant(question: InvariantQuestion): InvariantFound {
  const { recipe, normBound } = question;
  if (recipe.model.kind === 'logistic-exact') return { kind: 'always' };
  if (recipe.model.kind === 'linear') {
    return recipe.projectionRadius === undefined
      ? unproved('a linear model’s gradient is bounded only on a ball: project')
      : { kind: 'projection', radius: recipe.projectionRadius };
  }
  const interval = recipe.activation?.interval ?? 0;
  const safe = safeWeightRadius({ interval, dataRadius: normBound });
  const { projectionRadius } = recipe;
  if (projectionRadius !== undefined) {
    return projectionRadius <= safe
      ? { kind: 'projection', radius: projectionRadius }
      : unproved(
          `projection on ‖w‖ ≤ ${projectionRadius} does not keep |⟨w, x⟩| ≤ ${interval} for ‖x‖ ≤ ${normBound}: R/B is ${safe}`,
        );
  }
  return withoutProjection(question, interval, safe);
}

function withoutProjection(question: InvariantQuestion, interval: number, safe: number): InvariantFound {
  const { recipe, lipschitz, noiseStddev, columns, gradientError = 0, iterateError = 0 } = question;
  const rate = constantRate(recipe);
  if (rate === undefined || recipe.optimiser !== 'gradient-descent' || recipe.barrier !== undefined) {
    return unproved(
      `nothing keeps |⟨w, x⟩| ≤ ${interval}: without projection this is proved for gradient descent with one step size and no barrier only`,
    );
  }
  const run = { learningRate: rate, decay: recipe.ridge, steps: recipe.steps.length };
  if (run.learningRate * run.decay > 1) return unproved(`step times ridge is ${run.learningRate * run.decay}, above 1`);
  const reach = decayedRadius({ ...run, lipschitz: lipschitz + gradientError }) + iterateError;
  if (reach >= safe) {
    return unproved(
      `${run.steps} steps of ${rate} can reach ‖w‖ = ${reach.toPrecision(4)}, and |⟨w, x⟩| ≤ ${interval} needs ${safe.toPrecision(4)}: project, or take fewer or shorter steps`,
    );
  }
  if (noiseStddev === 0) return { kind: 'reach', radius: reach };
  const failure = noiseEscape({ ...run, noiseStddev, dimension: columns, margin: safe - reach });
  return { kind: 'coupling', failure };
}

export function constantRate({ steps }: Pick<Recipe, 'steps'>): number | undefined {
  const first = steps[0]?.rate;
  return steps.every(({ rate }) => rate === first) ? first : undefined;
}

const unproved = (reason: string): InvariantFound => ({ kind: 'unproved', reason });
