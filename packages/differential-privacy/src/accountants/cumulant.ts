// The cumulant K(t) = ln E_P[e^(tL)] of a composition and its derivatives, from measures; and the saddle point at which the contour
// integral and the tilted convolution are best conditioned.
import { cutMassOf, type Demand, type LossLaw, type Measure, measureOf } from '../losses/loss-law.ts';

/** One law of a composition, so many times. */
export interface Part {
  readonly law: LossLaw;
  readonly count: number;
}

/** A part made ready, the Gaussian one last, the others in their order: a Gaussian stays a formula (count Gaussians of variance μ² are one of count·μ²), the rest are measures. */
export type Prepared =
  | { readonly kind: 'gaussian'; readonly variance: number }
  | {
      readonly kind: 'measure';
      readonly measureAt: (t: number) => Measure;
      readonly count: number;
      readonly law: LossLaw;
    };

export function prepare(parts: readonly Part[]): Prepared[] {
  let variance = 0;
  const prepared: Prepared[] = [];
  for (const { law, count } of parts) {
    if (law.gaussianVariance !== undefined) variance += count * law.gaussianVariance;
    else prepared.push({ kind: 'measure', measureAt: tiltableMeasure(law), count, law });
  }
  if (variance > 0) prepared.push({ kind: 'gaussian', variance });
  return prepared;
}

/** Tilted weights below e^-45 of the whole do not show. */
const unseen = 45;

/** Measures of a law that are accurate at the tilt asked for; one serves two octaves of t, and most serve all. */
export function tiltableMeasure(law: LossLaw): (t: number) => Measure {
  const base = measureOf(law);
  const known = new Map<number, Measure>();
  const tilt = (t: number): Demand['tilts'][number] => ({ t, negligible: measureCumulants(base, t).value - unseen });
  return (t) => {
    if (t <= 1 || law.branches.length === 0) return base;
    const octaves = Math.floor(Math.log2(t) / 2);
    let measure = known.get(octaves);
    if (measure === undefined) {
      measure = measureOf(law, {
        frequency: 0,
        tilts: [tilt(4 ** octaves), tilt(2 * 4 ** octaves), tilt(4 ** (octaves + 1))],
      });
      known.set(octaves, measure);
    }
    return measure;
  };
}

export interface Cumulants {
  /** K(t), K′(t), K″(t) of the whole composition. */
  readonly value: number;
  readonly mean: number;
  readonly variance: number;
  /** Mass lost to infinity over the composition, at most. */
}

/** P(no part of the composition lands at infinity) subtracted from one, rounded up, and what the measures leave out. */
export function infinityMassOf(parts: readonly Part[]): number {
  let logKept = 0;
  for (const { law, count } of parts) logKept += count * Math.log1p(-law.infinityMass);
  return -Math.expm1(logKept) * (1 + 1e-12) + leftOutOf(parts);
}

/** What the measures of all steps leave out. */
export function leftOutOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { law, count }) => sum + count * cutMassOf(law), 0);
}

export function cumulants(prepared: readonly Prepared[], t: number): Cumulants {
  let value = 0;
  let mean = 0;
  let variance = 0;
  for (const part of prepared) {
    if (part.kind === 'gaussian') {
      value += 0.5 * part.variance * (t * t + t);
      mean += part.variance * (t + 0.5);
      variance += part.variance;
    } else {
      const one = measureCumulants(part.measureAt(t), t);
      value += part.count * one.value;
      mean += part.count * one.mean;
      variance += part.count * one.variance;
    }
  }
  return { value, mean, variance };
}

export function measureCumulants({ losses, logMasses, missing }: Measure, t: number): Cumulants {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < losses.length; at += 1) largest = Math.max(largest, logMasses[at] + t * losses[at]);
  let sum = 0;
  let first = 0;
  let second = 0;
  for (let at = 0; at < losses.length; at += 1) {
    const loss = losses[at];
    const weight = Math.exp(logMasses[at] + t * loss - largest);
    sum += weight;
    first += weight * loss;
    second += weight * loss * loss;
  }
  const mean = first / sum;
  let value = largest + Math.log(sum);
  let variance = second / sum - mean * mean;
  // ln of a number near one: from its difference to one, where nothing cancels (the masses add up to one, but for what is missing).
  if (Math.abs(value) < 0.5) {
    let excess = -missing;
    for (let at = 0; at < losses.length; at += 1) excess += Math.exp(logMasses[at]) * Math.expm1(t * losses[at]);
    value = Math.log1p(excess);
  }
  if (variance < 1e-4 * mean * mean) {
    variance = 0;
    for (let at = 0; at < losses.length; at += 1) {
      const difference = losses[at] - mean;
      variance += Math.exp(logMasses[at] + t * losses[at] - largest) * difference * difference;
    }
    variance /= sum;
  }
  return { value, mean, variance };
}

/** Of an ε of 1e14. */
const leastTilt = 1e-15;

/** Where F′(t) = 0 for a given ε: the t at which the integrand is best conditioned. F is convex in t. */
export function saddleAt(prepared: readonly Prepared[], epsilon: number): Saddle {
  let low = Math.log(leastTilt);
  let high = Math.log(1e8);
  for (let round = 0; round < 40 && high - low > 2e-3; round += 1) {
    const middle = 0.5 * (low + high);
    const t = Math.exp(middle);
    if (cumulants(prepared, t).mean - epsilon - 1 / t - 1 / (1 + t) < 0) low = middle;
    else high = middle;
  }
  const t = Math.exp(high);
  const k = cumulants(prepared, t);
  return { t, epsilon, cumulants: k, curvature: k.variance + 1 / (t * t) + 1 / ((1 + t) * (1 + t)) };
}

export interface Saddle {
  readonly t: number;
  readonly epsilon: number;
  readonly cumulants: Cumulants;
  /** F″ = K″ + 1/t² + 1/(1 + t)². */
  readonly curvature: number;
}

/**
 * The saddle point of δ(ε) = (1/2πi)∫ e^F, F(z) = K(z) - zε - ln z - ln(1 + z), for a δ rather than for an ε: at every t there is one ε
 * with F′(t) = 0, and Laplace's approximation δ ≈ e^F/√(2πF″) falls as t grows. Any t gives the exact integral: this one is only best.
 */
export function saddleFor(prepared: readonly Prepared[], logDelta: number): Saddle {
  const at = (logT: number): { saddle: Saddle; excess: number } => {
    const t = Math.exp(logT);
    const k = cumulants(prepared, t);
    const epsilon = k.mean - 1 / t - 1 / (1 + t);
    const curvature = k.variance + 1 / (t * t) + 1 / ((1 + t) * (1 + t));
    const logValue = k.value - t * epsilon - Math.log(t) - Math.log1p(t) - 0.5 * Math.log(2 * Math.PI * curvature);
    return { saddle: { t, epsilon, cumulants: k, curvature }, excess: logValue - logDelta };
  };
  let low = Math.log(leastTilt);
  let high = Math.log(1e8);
  let best = at(0.5 * (low + high));
  for (let round = 0; round < 40 && high - low > 2e-3; round += 1) {
    const middle = 0.5 * (low + high);
    best = at(middle);
    if (best.excess > 0) low = middle;
    else high = middle;
  }
  return best.saddle;
}
