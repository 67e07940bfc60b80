// ε(δ) of a composition from its privacy-loss distribution on a grid: a certified upper and lower bound, for every law.
//
// The grid is tilted before it is convolved: masses p_i e^(θ ε_i)/M(θ), with θ at the saddle point of the δ that is asked for. The
// Fourier transform's rounding, which is absolute, is then relative to the mass that decides δ. Without the tilt it is not, and a
// library so built reports too small an ε at δ = 1e-10 (docs/privacy.md). What wraps around, what rounds and what lies above the grid
// is bounded and charged to δ.
//
// Refuses (answers undefined) a grid of more points than it is allowed.

import { gaussianLaw } from '../losses/base-laws.ts';
import type { LossLaw } from '../losses/loss-law.ts';
import { complexArray, forwardInPlace, inverseInPlace, multiplyPowerInPlace } from '../numerics/fourier.ts';
import type { Interval } from './answer.ts';
import {
  cumulants,
  infinityMassOf,
  measureCumulants,
  type Part,
  type Prepared,
  prepare,
  saddleAt,
  saddleFor,
} from './cumulant.ts';
import { tiltedGrid } from './grid.ts';
import { commonLattice } from './lattice.ts';

export interface GridLimits {
  readonly largestLength: number;
  /** The grid is made so fine that the chords cost at most about this much of ε. */
  readonly gridError: number;
  /** Whether a bound from a grid coarser than that is better than none. */
  readonly mayBeCoarse?: boolean;
}

export function lossDistributionEpsilon(
  parts: readonly Part[],
  delta: number,
  { largestLength, gridError, mayBeCoarse }: GridLimits = { largestLength: 2 ** 21, gridError: 8e-5 },
): Interval | undefined {
  const atInfinity = infinityMassOf(parts);
  if (atInfinity >= delta) return undefined;
  const laws = withOneGaussian(parts);
  const coarse = prepare(parts);
  const saddle = saddleFor(coarse, Math.log(delta - atInfinity));
  // A tilt that spans more than e^40 from one grid point to the next would leave nothing to add up.
  const steepest = Math.min(1e8, 1e5 / Math.max(saddle.epsilon, 1e-9), 40 / (commonLattice(laws) ?? 1e-9));
  let guess = { t: Math.min(saddle.t, steepest), epsilon: Math.max(saddle.epsilon, 0) };
  let best: Interval | undefined;
  // Laplace's approximation may put the tilt where a few rare large losses decide: a coarse grid finds a better place first.
  let coarseness = 100;
  for (let round = 0; round < 6; round += 1) {
    const limits = { largestLength, gridError: gridError * coarseness };
    const found = composed(laws, coarse, guess, { delta, atInfinity, ...limits });
    if (found === undefined) return mayBeCoarse === true ? best : undefined;
    best = { lower: Math.max(best?.lower ?? 0, found.lower), upper: Math.min(best?.upper ?? found.upper, found.upper) };
    const tilt = Math.min(saddleAt(coarse, best.upper).t, steepest);
    const settled = Math.abs(Math.log(tilt / guess.t)) < 0.5;
    if (settled && coarseness === 1) return best;
    if (settled) coarseness = 1;
    guess = { t: tilt, epsilon: best.upper };
  }
  return best;
}

/** Gaussians compose to one Gaussian: the grid then needs no power of it. */
function withOneGaussian(parts: readonly Part[]): Part[] {
  let variance = 0;
  const others: Part[] = [];
  for (const part of parts) {
    if (part.law.gaussianVariance === undefined) others.push(part);
    else variance += part.count * part.law.gaussianVariance;
  }
  return variance > 0 ? [...others, { law: gaussianLaw(1 / Math.sqrt(variance)), count: 1 }] : others;
}

function composed(
  parts: readonly Part[],
  coarse: readonly Prepared[],
  { t, epsilon }: { readonly t: number; readonly epsilon: number },
  { delta, atInfinity, largestLength, gridError }: GridLimits & { readonly delta: number; readonly atInfinity: number },
): Interval | undefined {
  const measures = prepare(parts.map(({ law, count }) => ({ law: withoutFormula(law), count })));
  const exact = commonLattice(parts);
  const window = tiltedWindow(coarse, t);
  // All mass at one loss, as far as can be told: no grid resolves that, and none would ever be fine enough.
  const width = window.high - window.low;
  if (exact === undefined && !(width > 1e-9 * Math.max(Math.abs(window.low), Math.abs(window.high)))) return undefined;
  const spacing =
    exact ??
    spacingFor(measures, t, Math.max(epsilon, window.high * 1e-3), window.high - window.low, {
      largestLength,
      gridError,
    });
  const offsets = parts.map(({ law }) => (exact === undefined ? 0 : law.lattice!.offset));
  const offset = parts.reduce((sum, { count }, at) => sum + count * offsets[at]!, 0);
  let length = 64;
  while (length * spacing < (window.high - window.low) * 1.02 + 8 * spacing) length *= 2;
  if (length > largestLength) return undefined;
  const start = Math.floor((window.low - offset) / spacing) - 2;
  const product = { upper: unit(length), lower: exact === undefined ? unit(length) : undefined };
  let logScale = 0;
  let totalCount = 0;
  let lost = 0;
  let shift = 0;
  parts.forEach(({ law, count }, at) => {
    const part = measures[at]!;
    if (part.kind !== 'measure') throw new Error('a formula among the measures');
    const { value } = measureCumulants(part.measureAt(t), t);
    const [low, high] = tiltedRange(part, t, value);
    const grid = tiltedGrid(law, { spacing, offset: offsets[at]!, tilt: t, logMoment: value, low, high });
    convolve(product.upper, grid.pessimistic, count);
    if (product.lower !== undefined) convolve(product.lower, grid.optimistic, count);
    logScale += count * value;
    totalCount += count;
    lost += count * grid.lost;
    shift += count * grid.first;
  });
  const view = { start, shift, offset, spacing, t, logScale, totalCount };
  inverseInPlace(product.upper);
  if (product.lower !== undefined) inverseInPlace(product.lower);
  const upper = crossing(product.upper, view, delta - atInfinity - lost, 1);
  const lower = crossing(product.lower ?? product.upper, view, delta - atInfinity, -1);
  return upper === undefined || lower === undefined ? undefined : { lower, upper };
}

const withoutFormula = (law: LossLaw): LossLaw => {
  const { gaussianVariance: _, ...rest } = law;
  return rest;
};

/** Where the tilted composition has all but 1e-17 of its mass, by Chernoff's bound on either side. */
function tiltedWindow(prepared: readonly Prepared[], t: number): { readonly low: number; readonly high: number } {
  const here = cumulants(prepared, t);
  const slack = 40;
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  const unitStep = 1 / Math.sqrt(Math.max(here.variance, 1e-300));
  const steps = [t];
  for (let power = -6; power <= 12; power += 0.5) steps.push(unitStep * 2 ** power);
  for (const step of steps) {
    const above = (cumulants(prepared, t + step).value - here.value + slack) / step;
    const below = -(cumulants(prepared, t - step).value - here.value + slack) / step;
    if (above < high) high = above;
    if (below > low) low = below;
  }
  return { low, high };
}

/** The losses of one step that weigh anything after tilting. */
function tiltedRange(
  part: Extract<Prepared, { kind: 'measure' }>,
  t: number,
  value: number,
): readonly [number, number] {
  const { losses, logMasses } = part.measureAt(t);
  const negligible = Math.log(1e-19 / part.count);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < losses.length; at += 1) {
    if (logMasses[at] + t * losses[at] - value < negligible) continue;
    low = Math.min(low, losses[at]);
    high = Math.max(high, losses[at]);
  }
  return [low, high];
}

/**
 * Splitting an outcome r above one grid point and dx - r below the next adds r(dx - r) to the variance of the loss, and so about
 * θ/2 times the sum of that to ε. The coarsest grid whose sum is small enough; 0 is always a grid point.
 */
function spacingFor(
  measures: readonly Prepared[],
  t: number,
  epsilon: number,
  range: number,
  { largestLength, gridError }: GridLimits,
): number {
  // A tilt of more than e^5 from one point to the next would hide the lower of the two in rounding.
  let spacing = Math.min(range / 64, 5 / t);
  // The heaviest atom lies on a grid point: a coarse grid moves an atom by a whole spacing where it is optimistic.
  const anchor = heaviestAtom(measures, t);
  if (anchor > 0) spacing = anchor / Math.ceil(anchor / spacing);
  for (; ; spacing /= 2) {
    let added = 0;
    for (const part of measures) {
      if (part.kind !== 'measure') continue;
      const { losses, logMasses } = part.measureAt(t);
      const { value } = measureCumulants(part.measureAt(t), t);
      let sum = 0;
      for (let at = 0; at < losses.length; at += 1) {
        const logWeight = logMasses[at] + t * losses[at] - value;
        if (logWeight < -40) continue;
        const rest = losses[at] - spacing * Math.floor(losses[at] / spacing);
        sum += Math.exp(logWeight) * rest * (spacing - rest);
      }
      added += part.count * sum;
    }
    if (0.5 * (t + 1) * added < gridError * epsilon || range / spacing > largestLength) return spacing;
  }
}

/** The size of the loss of the true atom that weighs most after tilting; 0 where there is none. */
function heaviestAtom(measures: readonly Prepared[], t: number): number {
  let anchor = 0;
  let heaviest = Math.log(1e-6);
  for (const part of measures) {
    if (part.kind !== 'measure') continue;
    const { losses, logMasses, atomCount } = part.measureAt(t);
    const { value } = measureCumulants(part.measureAt(t), t);
    for (let at = 0; at < atomCount; at += 1) {
      const weight = logMasses[at] + t * losses[at] - value;
      if (weight > heaviest && losses[at] !== 0) [heaviest, anchor] = [weight, Math.abs(losses[at])];
    }
  }
  return anchor;
}

/** The transform of a point mass at zero. */
function unit(length: number): ReturnType<typeof complexArray> {
  const array = complexArray(length);
  array.re.fill(1);
  return array;
}

function convolve(product: ReturnType<typeof complexArray>, masses: Float64Array, count: number): void {
  const length = product.re.length;
  const factor = complexArray(length);
  for (let i = 0; i < masses.length; i += 1) factor.re[i & (length - 1)] += masses[i];
  forwardInPlace(factor);
  multiplyPowerInPlace(product, factor, count);
}

interface View {
  readonly start: number;
  /** Sum of the first indices of all factors: index 0 of the product stands for it. */
  readonly shift: number;
  readonly offset: number;
  readonly spacing: number;
  readonly t: number;
  readonly logScale: number;
  readonly totalCount: number;
}

/**
 * The ε at which δ(ε) = Σ_{ε_j > ε} (1 - e^(ε - ε_j)) p_j falls to the goal. Between grid points δ is S - e^ε R, solved exactly. `side`
 * says whether rounding and wrapped mass are charged upwards (1) or downwards (-1).
 */
function crossing(
  product: ReturnType<typeof complexArray>,
  view: View,
  budget: number,
  side: 1 | -1,
): number | undefined {
  const { start, shift, offset, spacing, t, logScale, totalCount } = view;
  if (!(budget > 0)) return undefined;
  // Masses are sums of products good to some units in the last place, and there are `totalCount` factors of them.
  const goal = budget * (1 - side * (side === 1 ? 1e-12 + 5e-15 * totalCount : 1e-10 + 1e-12 * totalCount));
  const { re } = product;
  const length = re.length;
  let largest = 0;
  for (let at = 0; at < length; at += 1) largest = Math.max(largest, re[at]);
  // Rounding of one bin: the transform's relative error, counts times over, of the largest bin; and the wrapped mass.
  const noise = largest * totalCount * 2.3e-16 * (2 + Math.log2(length)) + 1e-16 * largest;
  const top = start + length - 1;
  const reference = offset + top * spacing;
  // Sums from the top, in units of e^(logScale - t · reference) at first; rescaled on the way so that nothing overflows.
  let logUnit = logScale - t * reference;
  let S = 0;
  let R = 0;
  let logTilt = 0;
  for (let j = top; j >= start; j -= 1) {
    const at = (((j - shift) % length) + length) % length;
    const mass = Math.max(0, re[at] + side * noise);
    const fall = Math.exp(logTilt);
    S += mass * fall;
    // R in units of e^(-ε_j) at the current j.
    R = R * Math.exp(-spacing) + mass * fall;
    if (!Number.isFinite(S)) return undefined;
    const logGoal = Math.log(goal) - logUnit;
    // δ at the next lower grid point: S - e^(-dx) R.
    const below = S - Math.exp(-spacing) * R;
    if (below > 0 && Math.log(below) >= logGoal) {
      const target = Math.exp(logGoal);
      const here = offset + j * spacing;
      const epsilon = here + Math.log(Math.max(S - target, 1e-300) / R);
      return Math.max(0, side === 1 ? epsilon * (1 + 2e-12) : epsilon * (1 - 2e-12));
    }
    logTilt += t * spacing;
    if (logTilt > 200) {
      const scale = Math.exp(-logTilt);
      S *= scale;
      R *= scale;
      logUnit += logTilt;
      logTilt = 0;
    }
    if (offset + j * spacing < -spacing) return 0;
  }
  return side === 1 ? undefined : 0;
}
