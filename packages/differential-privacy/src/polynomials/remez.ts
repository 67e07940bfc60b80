// Minimax approximation by Remez's second algorithm (multi-point exchange) in doubles, on a Haar system of Chebyshev
// polynomials. The result is verified, not trusted: the error at n + 1 alternating points bounds the best possible
// error from below (de la Vallée Poussin 1919), so supError / lowerBound − 1 says how far from optimal it can be at
// most.

import { ParameterError } from '../errors.ts';
import { alternatingExtrema, chebyshevGrid, type Extremum } from './extrema.ts';
import type { Interval } from './polynomial.ts';

export interface Minimax {
  /** Weight of each basis function. */
  readonly weights: readonly number[];
  readonly supError: number;
  /** No combination of the basis has a smaller sup error. */
  readonly lowerBound: number;
}

const MOST_EXCHANGES = 100;
const CLOSE_ENOUGH = 1e-9;

/** `start`: one point more than there are basis functions, increasing; near the extrema of the error where that is known. */
export function remez(
  f: (z: number) => number,
  basis: readonly ((z: number) => number)[],
  interval: Interval,
  start: readonly number[] = Array.from(chebyshevGrid(interval, basis.length + 1)),
): Minimax {
  const count = basis.length;
  if (start.length !== count + 1)
    throw new ParameterError(`an exchange of ${count + 1} points starts at ${start.length}`);
  const grid = chebyshevGrid(interval, 40 * (count + 2) + 1);
  let reference = start;
  let best: Minimax | undefined;
  for (let turn = 0; turn < MOST_EXCHANGES; turn++) {
    // Σ w_k φ_k(z_i) + (−1)^i E = f(z_i).
    const matrix = reference.map((z, i) => [...basis.map((phi) => phi(z)), i % 2 === 0 ? 1 : -1, f(z)]);
    const solution = solve(matrix);
    const weights = solution.slice(0, count);
    const error = (z: number): number => f(z) - weights.reduce((sum, w, k) => sum + w * basis[k](z), 0);
    const extrema = alternatingExtrema(error, grid);
    const supError = Math.max(...extrema.map(({ value }) => Math.abs(value)));
    if (extrema.length < count + 1) {
      // Fewer alternations: the error is at the level of rounding, or the function is in the span.
      best ??= { weights, supError, lowerBound: 0 };
      return supError < best.supError ? { weights, supError, lowerBound: 0 } : best;
    }
    const chosen = strongest(extrema, count + 1);
    const lowerBound = Math.min(...chosen.map(({ value }) => Math.abs(value)));
    if (best === undefined || supError < best.supError) best = { weights, supError, lowerBound };
    if (supError <= lowerBound * (1 + CLOSE_ENOUGH)) return best;
    reference = chosen.map(({ z }) => z);
  }
  if (best === undefined) throw new ParameterError('the exchange did not start');
  return best;
}

/** `count` consecutive alternating extrema, dropping the weaker end again and again: keeps the largest. */
function strongest(extrema: readonly Extremum[], count: number): Extremum[] {
  const kept = [...extrema];
  while (kept.length > count) {
    if (Math.abs(kept[0].value) < Math.abs(kept[kept.length - 1].value)) kept.shift();
    else kept.pop();
  }
  return kept;
}

/** Gaussian elimination with partial pivoting on [A | b]; mutates the matrix. */
export function solve(matrix: number[][]): number[] {
  const n = matrix.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(matrix[row][column]) > Math.abs(matrix[pivot][column])) pivot = row;
    }
    const swap = matrix[column];
    matrix[column] = matrix[pivot];
    matrix[pivot] = swap;
    if (matrix[column][column] === 0) throw new ParameterError('the points of a fit do not determine it');
    for (let row = column + 1; row < n; row++) {
      const factor = matrix[row][column] / matrix[column][column];
      for (let k = column; k <= n; k++) matrix[row][k] -= factor * matrix[column][k];
    }
  }
  const solution = new Array<number>(n).fill(0);
  for (let row = n - 1; row >= 0; row--) {
    let sum = matrix[row][n];
    for (let k = row + 1; k < n; k++) sum -= matrix[row][k] * solution[k];
    solution[row] = sum / matrix[row][row];
  }
  return solution;
}
