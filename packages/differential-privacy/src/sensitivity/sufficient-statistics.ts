// One-shot ridge: everybody sends XᵀX and XᵀY once, the noisy sums are all that is released, and any number of models
// is solved from them for free. One round, sums only: the shape that suits secure summation best.

import { ParameterError } from '../errors.ts';
import type { Adjacency } from '../mechanisms/mechanism.ts';
import { requirePositive } from './gradient-bounds.ts';

/**
 * Joint L2 sensitivity of (XᵀX, XᵀY) in Frobenius norm, ‖x‖ ≤ R, ‖y‖ ≤ Y. One record moves them by ‖x‖²·√(‖x‖² +
 * ‖y‖²)/‖x‖ ≤ R√(R² + Y²). Replacing one by another, with c = cos(x, x′) and s = cos(y, y′) = −1 at worst: R⁴(2 − 2c²)
 * + R²Y²(2 + 2c), largest at c = min(1, Y²/2R²). The upper triangle alone, its off-diagonal entries once, moves by
 * less; scaled by √2 off the diagonal, by exactly this.
 */
export function statisticsSensitivity(bounds: {
  readonly radius: number;
  readonly targetNorm: number;
  readonly adjacency: Adjacency;
}): number {
  const { radius, targetNorm, adjacency } = bounds;
  requirePositive('a radius', radius);
  requirePositive('a target norm', targetNorm);
  const square = radius ** 2;
  const target = targetNorm ** 2;
  switch (adjacency) {
    case 'add-remove':
    case 'zero-out':
      return radius * Math.sqrt(square + target) * (1 + 2 ** -48);
    case 'replace-one': {
      const c = Math.min(1, target / (2 * square));
      return radius * Math.sqrt(square * (2 - 2 * c * c) + target * (2 + 2 * c)) * (1 + 2 ** -48);
    }
    default:
      return adjacency satisfies never;
  }
}

/** ‖e_y − 1/K‖ of centred one-hot targets: √(1 − 1/K); 0.9 squared for ten classes. */
export function centredOneHotNorm(classes: number): number {
  if (!Number.isSafeInteger(classes) || classes < 2)
    throw new ParameterError(`one-hot targets have two classes or more, not ${classes}`);
  return Math.sqrt(1 - 1 / classes);
}
