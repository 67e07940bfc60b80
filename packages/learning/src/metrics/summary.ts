// Sums, means and deviations whose rounding is stated: added in doubles with Neumaier's compensation (Neumaier 1974), so that the
// error is of the order of one rounding of the result plus 2^-104 · n · Σ|x|, whatever the order of the values.

import { ParameterError } from '../errors.ts';
import { requireFinite, requireSome } from './refusals.ts';

/** Refuses NaN and infinity; a sum beyond doubles is a ParameterError too. The sum of nothing is 0. */
export function sum(values: ArrayLike<number>): number {
  requireFinite('value', values);
  return compensatedSum(values.length, (i) => values[i]);
}

export function mean(values: ArrayLike<number>): number {
  requireSome('value', values.length);
  return sum(values) / values.length;
}

/**
 * The sample standard deviation, √(Σ(x - mean)² / (n - 1)), in two passes: no cancellation between large squares.
 * A single value has none: refused.
 */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  if (values.length < 2) throw new ParameterError('one value has no standard deviation');
  return Math.sqrt(compensatedSum(values.length, (i) => (values[i] - centre) ** 2) / (values.length - 1));
}

/** Σ term(i) for i from 0 to count - 1, compensated. */
export function compensatedSum(count: number, term: (i: number) => number): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < count; i++) {
    const value = term(i);
    const next = total + value;
    // The smaller of the two loses its last bits; what it loses is exact.
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  if (!Number.isFinite(total)) throw new ParameterError('the sum is beyond doubles');
  return total + lost;
}
