// Rényi moments: for every leaf an upper bound of K(t) = ln E_P[e^(tL)] = t · D_(t+1)(P‖Q) in each direction. From the dominating pair
// where there is one (then it is exact), from the literature's bounds where there is none.

import { type Leaf, leavesOf, pairsOf } from '../losses/dominating-pairs.ts';
import { cutMassOf, type LossLaw } from '../losses/loss-law.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { logBinomial, logSumExp } from '../numerics/logarithms.ts';
import { smallest } from '../numerics/search.ts';
import { measureCumulants, tiltableMeasure } from './cumulant.ts';

/** t ↦ a bound of K(t), for t > 0; infinite where there is none. */
export type Moment = (t: number) => number;

export interface Moments {
  readonly remove: Moment;
  readonly add: Moment;
  /** Mass at infinity, to be taken from δ. */
  readonly infinityMass: number;
}

export function momentsOf(history: readonly Mechanism[]): Moments {
  const all = leavesOf(history).map((leaf) => ({ ...leafMoments(leaf.mechanism), count: leaf.count }));
  const total =
    (direction: 'remove' | 'add'): Moment =>
    (t) =>
      all.reduce((sum, one) => sum + one.count * one[direction](t), 0);
  const infinityMass = -Math.expm1(all.reduce((sum, one) => sum + one.count * Math.log1p(-one.infinityMass), 0));
  return { remove: total('remove'), add: total('add'), infinityMass };
}

function leafMoments(mechanism: Leaf['mechanism']): Moments {
  const both = (moment: Moment): Moments => ({ remove: moment, add: moment, infinityMass: 0 });
  switch (mechanism.kind) {
    case 'zeroConcentrated':
      return both((t) => mechanism.rho * t * (t + 1));
    case 'exponential':
      return both((t) => boundedRangeMoment(mechanism.epsilon, t));
    case 'skellam':
      return both(skellamMoment(mechanism));
    case 'distributedDiscreteGaussian':
      return both(distributedGaussianMoment(mechanism));
    case 'repeatAndSelect':
      return both(repeatAndSelectMoment(mechanism));
    case 'poissonSampled': {
      if (mechanism.samplingRate > 0 && pairsOf(mechanism.inner) === undefined) {
        const { inner, samplingRate } = mechanism;
        const isSymmetric = inner.kind === 'skellam' || inner.kind === 'distributedDiscreteGaussian';
        return both(poissonSampledMoment(leafMoments(inner).remove, samplingRate, isSymmetric ? 1 : 3));
      }
      break;
    }
    default:
  }
  const pairs = pairsOf(mechanism);
  if (pairs === undefined) throw new Error(`no moments for ${mechanism.kind}`);
  const remove = lawMoment(pairs.remove);
  const add = pairs.add === pairs.remove ? remove : lawMoment(pairs.add);
  // What the measures leave out is missing from the moments: it is charged to δ.
  const infinityMass = Math.max(...[pairs.remove, pairs.add].map((law) => law.infinityMass + cutMassOf(law)));
  return { remove, add, infinityMass };
}

function lawMoment(law: LossLaw): Moment {
  // Of the discrete Gaussian it is a bound at every order (Canonne, Kamath, Steinke 2020, theorem 4), and as good as equal.
  const variance = law.gaussianVariance ?? law.lattice?.gaussianVariance;
  if (variance !== undefined) {
    return (t) => 0.5 * variance * t * (t + 1);
  }
  const measureAt = tiltableMeasure(law);
  return (t) => measureCumulants(measureAt(t), t).value;
}

/**
 * Bounded range ε (Dong, Durfee, Rogers 2020): the loss takes values x and x - ε for some x in [0, ε], with the masses that make E_Q one.
 * The largest moment over x.
 */
function boundedRangeMoment(epsilon: number, t: number): number {
  if (epsilon === 0) return 0;
  const at = (x: number): number => {
    const upper = (-Math.expm1(x - epsilon) / -Math.expm1(-epsilon)) as number;
    // ln E_P[e^(tL)] with P = upper at x, the rest at x - ε; near zero without cancellation.
    const excess = upper * Math.expm1(t * x) + (1 - upper) * Math.expm1(t * (x - epsilon));
    if (Number.isFinite(excess)) return Math.log1p(excess);
    return logSumExp([Math.log(upper) + t * x, Math.log1p(-upper) + t * (x - epsilon)]);
  };
  return -smallest((x) => -at(x), { low: 0, high: epsilon, points: 17 }).value;
}

/** Conditional rounding to an integer grid inflates norms (Kairouz, Liu, Steinke 2021, theorem 1); norms in grid units. */
function roundedNorms(l2: number, dimension: number, bias: number): { readonly l2: number; readonly l1: number } {
  const root = Math.sqrt(dimension);
  const plain = l2 + root;
  const conditional =
    bias === 0 ? plain : Math.sqrt(l2 * l2 + dimension / 4 + Math.sqrt(2 * Math.log(1 / bias)) * (l2 + root / 2));
  const inflated = Math.min(plain, conditional);
  return { l2: inflated, l1: inflated * Math.min(root, inflated) };
}

/**
 * K between whole orders is below its chord, as it is convex, and K(0) = 0: for bounds that are proven for whole orders only.
 */
function betweenWholeOrders(atOrder: (alpha: number) => number): Moment {
  return (t) => {
    const below = Math.floor(t);
    const share = t - below;
    const first = below === 0 ? 0 : atOrder(below + 1);
    return share === 0 ? first : (1 - share) * first + share * atOrder(below + 2);
  };
}

/** Agarwal, Kairouz, Liu 2021, theorem 3.5, for whole α > 1: D_α ≤ αΔ₂²/2μ + min(((2α - 1)Δ₂² + 6Δ₁)/4μ², 3Δ₁/2μ), all in grid units, μ the variance. */
function skellamMoment(mechanism: Extract<Mechanism, { kind: 'skellam' }>): Moment {
  const scale = mechanism.gridScale;
  const { l2, l1 } = roundedNorms(mechanism.l2Sensitivity * scale, mechanism.dimension, mechanism.roundingBias);
  const variance = (mechanism.noiseStddev * scale) ** 2;
  return betweenWholeOrders((alpha) => {
    const excess = Math.min(
      ((2 * alpha - 1) * l2 * l2 + 6 * l1) / (4 * variance * variance),
      (3 * l1) / (2 * variance),
    );
    return (alpha - 1) * ((alpha * l2 * l2) / (2 * variance) + excess);
  });
}

/** Kairouz, Liu, Steinke 2021, proposition 14: a sum of discrete Gaussians is within τ of one, per coordinate. */
function distributedGaussianMoment(mechanism: Extract<Mechanism, { kind: 'distributedDiscreteGaussian' }>): Moment {
  const { dimension, participantCount } = mechanism;
  const scale = 1 / mechanism.gridStep;
  const norms = roundedNorms(mechanism.l2Sensitivity * scale, dimension, mechanism.roundingBias);
  const localVariance = (mechanism.localStddev * scale) ** 2;
  let tau = 0;
  for (let k = 1; k < participantCount; k += 1) {
    const term = Math.exp((-2 * Math.PI * Math.PI * localVariance * k) / (k + 1));
    tau += term;
    // The terms fall towards e^(-2π²σ²): once all are below the last, what is left is at most that many of it.
    if (term < 1e-300) break;
    if (k === 10_000) {
      tau += term * (participantCount - 1 - k);
      break;
    }
  }
  tau *= 10;
  const stddev = Math.sqrt(participantCount * localVariance);
  const l2 = norms.l2 / stddev;
  const l1 = norms.l1 / stddev;
  return (t) => {
    const half = (t + 1) / 2;
    return (
      t *
      Math.min(
        half * l2 * l2 + tau * dimension,
        half * (l2 * l2 + 2 * l1 * tau + tau * tau * dimension),
        half * (l2 + Math.sqrt(dimension) * tau) ** 2,
      )
    );
  };
}

/**
 * Poisson sampling of any mechanism from its moments, at whole orders; between them K is below its chord, as it is convex. Never above the
 * moment without sampling. `factor`: what the moments from the third on count.
 *
 *   3   no condition on the mechanism (Zhu, Wang 2019, theorem 5)
 *   1   noise that is added and symmetric, P(x) = P(-x) and Q(x) = P(x - Δ) on the integers, in any number of coordinates. Then
 *       E_P[((1-q) + q·Q/P)^α] is the binomial sum itself, and the other direction is below it, because x ↦ Δ - x exchanges P and Q
 *       (Mironov, Talwar, Zhang 2019, theorem 5: pair by pair of a point and its image, so also where there is no density). Rounding and
 *       other records' sampling are mixtures over one and the same coin, under which both sides are convex.
 */
function poissonSampledMoment(inner: Moment, rate: number, factor: 1 | 3): Moment {
  const known = new Map<number, number>();
  const logRate = Math.log(rate);
  const logRest = Math.log1p(-rate);
  const atOrder = (alpha: number): number => {
    if (alpha === 1) return 0;
    if (rate === 1) return inner(alpha - 1);
    const found = known.get(alpha);
    if (found !== undefined) return found;
    const terms = [(alpha - 1) * logRest + Math.log(alpha * rate - rate + 1)];
    for (let l = 2; l <= alpha; l += 1) {
      terms.push(
        (l === 2 ? 0 : Math.log(factor)) + logBinomial(alpha, l) + l * logRate + (alpha - l) * logRest + inner(l - 1),
      );
    }
    const value = Math.min(Math.max(0, logSumExp(terms)), inner(alpha - 1));
    known.set(alpha, value);
    return value;
  };
  const chord = betweenWholeOrders(atOrder);
  return (t) => (t > 2000 ? inner(t) : Math.min(chord(t), inner(t)));
}

/** δ(ε) that moments prove (Canonne, Kamath, Steinke 2020, proposition 12), the best over orders. */
export function deltaFromMoment(moment: Moment, epsilon: number): number {
  const { value } = smallest(
    (logT) => {
      const t = Math.exp(logT);
      return moment(t) - t * epsilon - Math.log1p(t) + t * (Math.log(t) - Math.log1p(t));
    },
    { low: -7, high: 12, points: 40, sections: 16 },
  );
  return Math.min(1, Math.exp(value));
}

/**
 * Papernot, Steinke 2022: theorem 2 for the truncated negative binomial, theorem 6 for Poisson. All that K(t) gains is linear in t but
 * for a constant.
 */
function repeatAndSelectMoment(mechanism: Extract<Mechanism, { kind: 'repeatAndSelect' }>): Moment {
  const { remove, add, infinityMass } = momentsOf([mechanism.inner]);
  if (infinityMass > 1e-25) return () => Number.POSITIVE_INFINITY;
  // The scans below ask for the same orders again and again.
  const known = new Map<number, number>();
  const base: Moment = (t) => {
    let value = known.get(t);
    if (value === undefined) {
      value = Math.max(remove(t), add(t));
      known.set(t, value);
    }
    return value;
  };
  const { meanRuns, shape } = mechanism;
  if (shape === 'poisson') {
    return (t) => base(t) + t * meanRuns * deltaFromMoment(base, Math.log1p(1 / t)) + Math.log(meanRuns);
  }
  const gamma = gammaForMean(shape, meanRuns);
  // min over λ of (1 + η)((1 - 1/λ) ε(λ) + ln(1/γ)/λ), where (λ - 1) ε(λ) = K(λ - 1).
  const { value } = smallest(
    (logT) => {
      const t = Math.exp(logT);
      return ((1 + shape) * (base(t) + Math.log(1 / gamma))) / (1 + t);
    },
    { low: -6, high: 12, points: 80 },
  );
  return (t) => base(t) + t * value + Math.log(meanRuns);
}

/** γ for which the truncated negative binomial of shape η has this mean (Papernot, Steinke 2022, definition 1). */
export function gammaForMean(shape: number, mean: number): number {
  if (mean === 1) return 1;
  const meanOf = (gamma: number): number => {
    if (shape === 0) return (1 / gamma - 1) / Math.log(1 / gamma);
    return (shape * (1 - gamma)) / (gamma * -Math.expm1(shape * Math.log(gamma)));
  };
  // The mean falls as γ grows; a smaller γ costs more, so the low end of the bracket is the safe one.
  let low = 1e-300;
  let high = 1 - 1e-12;
  if (meanOf(high) >= mean) return high;
  for (let round = 0; round < 2000 && high - low > 1e-14 * high; round += 1) {
    const middle = low > 0 && high / low > 4 ? Math.sqrt(low * high) : 0.5 * (low + high);
    if (meanOf(middle) > mean) low = middle;
    else high = middle;
  }
  return low;
}
