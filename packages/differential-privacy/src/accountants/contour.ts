// δ(ε) of a composition by contour integration of its privacy-loss transform, and its inverse ε(δ). Exact up to rounding for laws
// that spread: Gaussian, Laplace, their Poisson-sampled kinds, and mixtures of all of them over a history.
//
//   δ(ε) = E_P[(1 - e^(ε - L))₊] = (1/2πi) ∫_{t - i∞}^{t + i∞} e^(K(z) - zε) / (z(1 + z)) dz      for any t > 0,
//
// as 1/(z(1 + z)) is the Laplace transform of (1 - e^(-u))₊ (Zhu, Dong, Wang 2022; Alghamdi et al. 2023). On the line the integrand is
// analytic with its nearest pole at distance t: the trapezoid rule with step ds errs by e^(-2πt/ds).
//
// Refuses (answers undefined) what does not decay along the line: a few steps, or lattices; loss-distribution.ts is for those.

import type { Interval } from './answer.ts';
import { type Line, lineAt } from './contour-line.ts';
import { infinityMassOf, type Part, prepare, saddleAt, saddleFor } from './cumulant.ts';

/** Relative error of a computed δ that is charged in both directions: rounding of some hundred terms is ten thousand times less. */
export const numericalMargin = 2e-8;
/** A δ known less well than this is left to another accountant. */
export const largestError = 1e-5;
/** Relative rounding of one value: 128 steps of the recurrence, times a logarithm that matters only while it is above -35. */
const valueRounding = 1e-12;

/** ε(δ) in one direction, as an interval that holds the truth; undefined where the integral does not converge. */
export function contourEpsilon(parts: readonly Part[], delta: number, workLimit = 1e8): Interval | undefined {
  const atInfinity = infinityMassOf(parts);
  if (atInfinity >= delta) return undefined;
  const goal = delta - atInfinity;
  const coarse = prepare(parts);
  let saddle = saddleFor(coarse, Math.log(goal));
  for (let round = 0; round < 4; round += 1) {
    const line = lineAt(coarse, saddle, workLimit);
    if (line === undefined) return undefined;
    const found = solve(line, saddle.epsilon, goal);
    if (found === undefined) return undefined;
    // Far from where the tilted loss lies the sum shows what wrapped around: the rule has the period 2π/step.
    if (Math.abs(found.upper - saddle.cumulants.mean) * line.step > 2.5) return undefined;
    // Laplace's approximation may have been far off where a few rare large losses decide: then once more, at the right place.
    const better = saddleAt(coarse, found.upper);
    if (Math.abs(Math.log(better.t / saddle.t)) < 0.8) return found;
    saddle = better;
  }
  return undefined;
}

export interface Value {
  readonly logDelta: number;
  /** d ln δ / dε < 0. */
  readonly slope: number;
  /** Relative error of δ: what lies beyond the line, the trapezoid rule, rounding. */
  readonly error: number;
}

/** ln δ(ε), its derivative and its error, from the line. */
export function evaluate(line: Line, epsilon: number): Value {
  const { t, step, re, im, length, logFactor } = line;
  const shift = epsilon - line.epsilon;
  let even = 0;
  let odd = 0;
  let moment = 0.5 * t;
  for (let j = 0; j < length; j += 1) {
    const s = step * (j + 1);
    const c = Math.cos(s * shift);
    const d = Math.sin(s * shift);
    const vr = re[j] * c + im[j] * d;
    const vi = im[j] * c - re[j] * d;
    if (j % 2 === 1) even += vr;
    else odd += vr;
    moment += t * vr - s * vi;
  }
  const sum = Math.max(0.5 + even + odd, 1e-300);
  // With twice the step the rule errs by e^(-2πd/2ds), the root of its error here: their difference, squared, is the error.
  const difference = (0.5 + even - odd) / sum;
  const error = line.tail / sum + 10 * difference * difference + line.rounding + (valueRounding * line.absolute) / sum;
  return { logDelta: logFactor - t * epsilon + Math.log((step / Math.PI) * sum), slope: -moment / sum, error };
}

function solve(line: Line, start: number, delta: number): Interval | undefined {
  // Where the sum is lost in cancellation δ is far below what this line can show: the root lies at a smaller ε.
  const visible = (value: Value): boolean => value.slope < 0 && value.error < 0.1;
  const root = (goal: number): { epsilon: number; value: Value } | undefined => {
    let low = 0;
    let high = Number.POSITIVE_INFINITY;
    let epsilon = Math.max(0, start);
    for (let round = 0; round < 100; round += 1) {
      const value = evaluate(line, epsilon);
      const seen = visible(value);
      if (seen && value.logDelta > goal) low = epsilon;
      else high = epsilon;
      if (high === 0) return seen ? { epsilon: 0, value } : undefined;
      let next = seen ? epsilon + (value.logDelta - goal) / -value.slope : 0.5 * (low + high);
      const settled = Math.max(1e-13 * epsilon, (0.1 * value.error) / -value.slope);
      if (seen && Math.abs(next - epsilon) <= settled) return { epsilon: Math.max(next, epsilon), value };
      if (!(next >= low && next <= high)) next = high === Number.POSITIVE_INFINITY ? 2 * epsilon : 0.5 * (low + high);
      if (!Number.isFinite(next)) return undefined;
      epsilon = next < 1e-12 ? 0 : next;
    }
    return undefined;
  };
  const goal = Math.log(delta);
  const centre = root(goal);
  if (centre === undefined) return undefined;
  const margin = numericalMargin + centre.value.error;
  if (!(margin < largestError)) return undefined;
  const upper = root(goal - margin);
  const lower = root(goal + margin);
  if (upper === undefined || lower === undefined) return undefined;
  return { lower: lower.epsilon * (1 - 1e-12), upper: upper.epsilon * (1 + 1e-12) };
}
