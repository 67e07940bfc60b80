// How large one example's gradient can be without clipping, from the model and enforced bounds on its data alone. ‖x‖ ≤
// R must be enforced by whoever holds x, before encryption: nobody can see it afterwards. Data-independent terms
// (ridge, barrier) move nothing between neighbours.

import { ParameterError } from '../errors.ts';
import type { Fit } from '../polynomials/fit.ts';

/** Bounds on the loss of one example, as a function of the weights. */
export interface GradientBound {
  /** L: no gradient is longer. */
  readonly lipschitz: number;
  /** M: no second derivative is larger. */
  readonly smoothness: number;
  /**
   * The bound holds only while |⟨w, x⟩| ≤ this; undefined when it always holds. Then an invariant has to be held
   * (invariant.ts).
   */
  readonly whileWithin: number | undefined;
}

export function requirePositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new ParameterError(`${name} is positive and finite, not ${value}`);
}

export function requireNonNegative(name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0))
    throw new ParameterError(`${name} is non-negative and finite, not ${value}`);
}

export function requireNatural(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ParameterError(`${name} is a positive integer, not ${value}`);
}

/** The radius of rows to which a feature of constant value b₀ is appended: √(R² + b₀²). */
export function withBiasFeature(radius: number, bias: number): number {
  requirePositive('a radius', radius);
  requireNonNegative('a bias feature', Math.abs(bias));
  return Math.hypot(radius, bias) * (1 + 2 ** -50);
}

/** ln(1 + e^(−y⟨w, x⟩)): |σ(z) − y| ≤ 1 and σ′ ≤ 1/4. */
export function logisticRegression({ radius }: { readonly radius: number }): GradientBound {
  requirePositive('a radius', radius);
  return { lipschitz: radius, smoothness: radius ** 2 / 4, whileWithin: undefined };
}

/** Cross-entropy of K classes: ‖p − e_y‖ ≤ √2, and diag(p) − ppᵀ has no eigenvalue above 1/2. */
export function softmaxRegression({ radius }: { readonly radius: number }): GradientBound {
  requirePositive('a radius', radius);
  return { lipschitz: Math.SQRT2 * radius, smoothness: radius ** 2 / 2, whileWithin: undefined };
}

/** K independent logistic heads. */
export function oneVersusRest({ radius, heads }: { readonly radius: number; readonly heads: number }): GradientBound {
  requirePositive('a radius', radius);
  requireNatural('a number of heads', heads);
  return { lipschitz: Math.sqrt(heads) * radius, smoothness: radius ** 2 / 4, whileWithin: undefined };
}

export interface SquaredLoss {
  readonly radius: number;
  /** ‖w‖ ≤ this, held by projection. */
  readonly weightRadius: number;
  /** |y| ≤ this. */
  readonly targetBound: number;
}

/** ½(⟨w, x⟩ − y)²: (BR + Y)·R. */
export function squaredLoss({ radius, weightRadius, targetBound }: SquaredLoss): GradientBound {
  requirePositive('a radius', radius);
  requirePositive('a weight radius', weightRadius);
  requireNonNegative('a target bound', targetBound);
  return {
    lipschitz: (weightRadius * radius + targetBound) * radius,
    smoothness: radius ** 2,
    whileWithin: weightRadius * radius,
  };
}

/**
 * Logistic regression whose sigmoid is a polynomial p with |p − σ| ≤ η on [−B, B]: (1 + η)·R while |⟨w, x⟩| ≤ B,
 * unbounded outside.
 */
export function polynomialLogistic({ radius, fit }: { readonly radius: number; readonly fit: Fit }): GradientBound {
  requirePositive('a radius', radius);
  const { from, to } = fit.polynomial.interval;
  if (fit.target.name !== 'sigmoid')
    throw new ParameterError(`a logistic gradient needs a sigmoid, not ${fit.target.name}`);
  if (from !== -to) throw new ParameterError(`[${from}, ${to}] is not symmetric`);
  const steepest = Math.max(Math.abs(fit.slope.least.value), Math.abs(fit.slope.most.value));
  // The largest error and slope were searched for, to about 1e-12.
  const up = 1 + 1e-9;
  return { lipschitz: (1 + fit.supError) * radius * up, smoothness: steepest * radius ** 2 * up, whileWithin: to };
}
