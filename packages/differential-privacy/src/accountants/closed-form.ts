// Histories whose δ(ε) is a formula: Gaussians of any number, one Poisson-sampled Gaussian, one Laplace; and δ = 0 for pure mechanisms.
import { leavesOf, pairsOf } from '../losses/dominating-pairs.ts';
import { scaledComplementaryError } from '../numerics/normal.ts';
import { upperCrossing } from '../numerics/search.ts';
import type { Interval } from './answer.ts';
import type { History } from './history.ts';

/**
 * δ(ε) = Φ(μ/2 - ε/μ) - e^ε Φ(-μ/2 - ε/μ) for total μ² (Balle, Wang 2018, theorem 8), as ½ e^(-a²) (erfcx(a) - erfcx(b)) with
 * a = (ε/μ - μ/2)/√2, b = (ε/μ + μ/2)/√2: neither term overflows, and for small μ the difference keeps its digits.
 */
export function gaussianDelta(mu: number, epsilon: number): number {
  if (mu === 0) return 0;
  const a = (epsilon / mu - mu / 2) * Math.SQRT1_2;
  const b = (epsilon / mu + mu / 2) * Math.SQRT1_2;
  if (a > 0) return 0.5 * Math.exp(-a * a) * (scaledComplementaryError(a) - scaledComplementaryError(b));
  return 1 - 0.5 * Math.exp(-a * a) * (scaledComplementaryError(-a) + scaledComplementaryError(b));
}

/** One step: q·δ_G(ln(1 + (e^ε - 1)/q)) for removing; for adding (1 - (1 - q)e^ε)·δ_G(ln(q e^ε/(1 - (1 - q)e^ε))). */
export function sampledGaussianDelta(sigma: number, rate: number, epsilon: number): number {
  const grown = Math.expm1(epsilon) / rate;
  const inner = Number.isFinite(grown) ? Math.log1p(grown) : epsilon - Math.log(rate);
  const removed = rate * gaussianDelta(1 / sigma, inner);
  const left = 1 - (1 - rate) * Math.exp(epsilon);
  if (!(left > 0)) return removed;
  return Math.max(removed, left * gaussianDelta(1 / sigma, epsilon + Math.log(rate) - Math.log(left)));
}

/** Relative error of the formulas above, charged to δ on either side. */
const rounding = 1e-11;

function invert(deltaOf: (epsilon: number) => number, delta: number): Interval {
  const root = (goal: number): number => {
    const excess = (epsilon: number): number => Math.log(Math.max(deltaOf(epsilon), 1e-320) / goal);
    if (excess(0) <= 0) return 0;
    let high = 1;
    while (excess(high) > 0) high *= 2;
    return upperCrossing(excess, { low: 0, high }, 1e-14);
  };
  return { upper: root(delta * (1 - rounding)) * (1 + 1e-13), lower: root(delta * (1 + rounding)) * (1 - 1e-12) };
}

/** undefined where there is no formula. */
export function closedFormEpsilon(history: History, delta: number): Interval | undefined {
  const leaves = leavesOf(history);
  let variance = 0;
  for (const { mechanism, count } of leaves) {
    const law = pairsOf(mechanism)?.remove;
    if (law?.gaussianVariance === undefined) variance = Number.NaN;
    else variance += count * law.gaussianVariance;
  }
  if (!Number.isNaN(variance)) return invert((epsilon) => gaussianDelta(Math.sqrt(variance), epsilon), delta);
  const only = leaves[0];
  if (only === undefined || leaves.length > 1 || only.count > 1) return undefined;
  const { mechanism } = only;
  if (mechanism.kind === 'laplace') {
    // δ(ε) = 1 - e^((ε - 1/b)/2), so ε = 1/b + 2 ln(1 - δ).
    const epsilon = Math.max(0, 1 / mechanism.scaleMultiplier + 2 * Math.log1p(-delta));
    return { upper: epsilon * (1 + 1e-15), lower: epsilon * (1 - 1e-15) };
  }
  if (
    mechanism.kind === 'poissonSampled' &&
    mechanism.inner.kind === 'gaussian' &&
    mechanism.adjacency !== 'replace-one'
  ) {
    const { samplingRate, inner } = mechanism;
    if (samplingRate === 0) return { lower: 0, upper: 0 };
    return invert((epsilon) => sampledGaussianDelta(inner.noiseMultiplier, samplingRate, epsilon), delta);
  }
  return undefined;
}

/** ε at δ = 0: the largest losses added up. Infinite unless every mechanism is pure. */
export function pureEpsilon(history: History): number {
  let sum = 0;
  for (const { mechanism, count } of leavesOf(history)) {
    const pairs = pairsOf(mechanism);
    if (pairs === undefined || pairs.remove.infinityMass > 0) return Number.POSITIVE_INFINITY;
    sum += count * Math.max(pairs.remove.supremum, pairs.add.supremum);
  }
  return sum;
}
