// Both tails of a binomial distribution, each to full relative precision, for trials up to 2^53. Refuses nothing; the caller keeps
// 0 ≤ p ≤ 1 and whole numbers.
import { logFactorial } from './logarithms.ts';

export interface Tails {
  /** P(X < k). */
  readonly below: number;
  /** P(X ≥ k). */
  readonly atLeast: number;
}

/** Relative error of either tail: a recurrence of some million terms drifts by no more. */
export const tailError = 1e-9;

/** Terms are summed outwards from k on the side away from the mean; the other tail is what is left, at least some tenths. */
export function binomialTails(n: number, p: number, k: number): Tails {
  if (k <= 0) return { below: 0, atLeast: 1 };
  if (k > n || p === 0) return { below: 1, atLeast: 0 };
  if (p === 1) return { below: 0, atLeast: 1 };
  if (k > n * p) {
    const atLeast = Math.min(1, binomialMass(n, p, k) * falling((at) => ((n - at) * p) / ((at + 1) * (1 - p)), k, n));
    return { below: 1 - atLeast, atLeast };
  }
  const sum = falling((at) => ((n - at) * (1 - p)) / ((at + 1) * p), n - k + 1, n);
  const below = Math.min(1, binomialMass(n, p, k - 1) * sum);
  return { below, atLeast: 1 - below };
}

/** 1 + r(k) + r(k) r(k + 1) + … up to r(n - 1), for falling r < 1; what is left is bounded by a geometric series, and added. */
function falling(ratioAt: (at: number) => number, k: number, n: number): number {
  let term = 1;
  let sum = 1;
  for (let at = k; at < n; at += 1) {
    const ratio = ratioAt(at);
    term *= ratio;
    sum += term;
    if (ratio < 1 && term / (1 - ratio) < 1e-12 * sum) return sum + term / (1 - ratio);
  }
  return sum;
}

/**
 * P(X = k) by the deviance (Loader 2000, "Fast and accurate computation of binomial probabilities"): logarithms of factorials, whose
 * difference would lose digits for many trials, are left out but for what Stirling's formula lacks.
 */
export function binomialMass(n: number, p: number, k: number): number {
  if (k === 0) return Math.exp(n * Math.log1p(-p));
  if (k === n) return Math.exp(n * Math.log(p));
  const rest = lacking(n) - lacking(k) - lacking(n - k);
  const exponent = rest - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return (Math.exp(exponent) * Math.sqrt(n / (2 * Math.PI * k))) / Math.sqrt(n - k);
}

/** ln n! less Stirling's (n + ½) ln n - n + ½ ln 2π. */
function lacking(n: number): number {
  if (n < 16) return logFactorial(n) - ((n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI));
  const square = n * n;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / n;
}

/** x ln(x/m) + m - x, from its series in v = (x - m)/(x + m) where it is small: 2x·artanh(v) - … with nothing that cancels. */
function deviance(x: number, m: number): number {
  const v = (x - m) / (x + m);
  if (Math.abs(v) >= 0.1) return x * Math.log(x / m) + m - x;
  // x ln(x/m) = 2x(v + v³/3 + v⁵/5 + …), and x - m = v(x + m): the first terms leave v(x - m).
  let sum = (x - m) * v;
  let power = 2 * x * v;
  for (let odd = 3; odd < 60; odd += 2) {
    power *= v * v;
    const next = sum + power / odd;
    if (next === sum) break;
    sum = next;
  }
  return sum;
}
