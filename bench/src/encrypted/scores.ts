// How good a linear model is, and how often two of them decide alike.

import { type CheckedRows, margins } from '@sumus/encrypted-learning/training';
import { areaUnderCurve } from '@sumus/learning/metrics';

export interface Score {
  readonly accuracyPercent: number;
  readonly area: number;
}

export function score(rows: CheckedRows, weights: Float64Array): Score {
  const z = margins(rows, weights);
  let right = 0;
  z.forEach((one, i) => {
    if (one > 0 === (rows.labels[i] === 1)) right += 1;
  });
  return { accuracyPercent: (100 * right) / rows.count, area: areaUnderCurve(z, rows.labels) };
}

export function equalDecisions(rows: CheckedRows, a: Float64Array, b: Float64Array): number {
  const [za, zb] = [margins(rows, a), margins(rows, b)];
  return za.reduce((count, one, i) => count + (one > 0 === (zb[i] ?? Number.NaN) > 0 ? 1 : 0), 0);
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1));
}

/** Of the whole process so far: an upper bound for whatever ran last. */
export const peakGigabytes = (): number => process.resourceUsage().maxRSS / 1e6;
