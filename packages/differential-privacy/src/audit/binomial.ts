// Binomial tails and the Clopper-Pearson interval: what an audit's confidence rests on. Sums of positive terms, so
// relative precision is kept in both tails.

import { ParameterError } from '../errors.ts';
import { logBinomial } from '../numerics/logarithms.ts';

/** P[Bin(n, p) = k]. */
export function binomialMass(n: number, p: number, k: number): number {
  if (k < 0 || k > n) return 0;
  if (p === 0) return k === 0 ? 1 : 0;
  if (p === 1) return k === n ? 1 : 0;
  return Math.exp(logBinomial(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/** P[Bin(n, p) ≥ k]. */
export function atLeast(n: number, p: number, k: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  // The smaller side is summed; the larger is one minus it.
  return k > n * p ? sumFrom(n, p, k, 1) : 1 - sumFrom(n, p, k - 1, -1);
}

/** P[Bin(n, p) ≤ k]. */
export const atMost = (n: number, p: number, k: number): number => atLeast(n, 1 - p, n - k);

/** Σ of masses from k on upwards or downwards, away from the mean: terms fall. */
function sumFrom(n: number, p: number, k: number, direction: 1 | -1): number {
  let term = binomialMass(n, p, k);
  let sum = term;
  for (let at = k; at + direction >= 0 && at + direction <= n; at += direction) {
    const next = direction === 1 ? ((n - at) / (at + 1)) * (p / (1 - p)) : (at / (n - at + 1)) * ((1 - p) / p);
    term *= next;
    sum += term;
    if (term < 1e-18 * sum) break;
  }
  return Math.min(1, sum);
}

/**
 * The smallest p at which k or more of n successes have probability `significance`: a lower bound on p with that error.
 */
export function lowerBound(k: number, n: number, significance: number): number {
  requireCounts(k, n);
  if (k === 0) return 0;
  return bisect((p) => atLeast(n, p, k) < significance);
}

/** The largest p at which k or fewer successes have probability `significance`. */
export function upperBound(k: number, n: number, significance: number): number {
  requireCounts(k, n);
  if (k === n) return 1;
  return bisect((p) => atMost(n, p, k) >= significance);
}

/** Where a test that holds below some point of [0, 1] stops to hold. */
function bisect(holds: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 100 && high - low > 1e-15 * high; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function requireCounts(k: number, n: number): void {
  if (!Number.isSafeInteger(n) || n < 1) throw new ParameterError(`a number of trials is a positive integer, not ${n}`);
  if (!Number.isSafeInteger(k) || k < 0 || k > n) throw new ParameterError(`of ${n} trials ${k} cannot have succeeded`);
}

export function requireLevel(name: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new ParameterError(`${name} is in (0, 1), not ${value}`);
}

export function requireDelta(delta: number): void {
  if (!(delta >= 0 && delta < 1)) throw new ParameterError(`δ is in [0, 1), not ${delta}`);
}
