// The line on which the contour integral is summed: the transform of a composition at t + is, s = ds, 2ds, …, long enough that what is
// left beyond can be charged, with nodes dense enough for its end. contour.ts says what is done with it.
import { type LossLaw, measureOf } from '../losses/loss-law.ts';
import { normalUpperTail } from '../numerics/normal.ts';
import { measureCumulants, type Prepared, type Saddle } from './cumulant.ts';

/** The largest relative share of δ that may lie beyond the last point; it is charged in full. */
const largestTail = 2e-6;
const pointLimit = 16384;

/** The transform on the line: u_j = exp(K(t + is_j) - K(t)) · t(t + 1)/((t + is_j)(t + 1 + is_j)) with the saddle's e^(-isε) in it. */
export interface Line {
  readonly t: number;
  readonly step: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly length: number;
  /** K(t) - ln t - ln(1 + t). */
  readonly logFactor: number;
  /** Charged bound of what lies beyond the last point, in units of the sum. */
  readonly tail: number;
  /** Σ |u_j|: what the sum may lose in cancellation. */
  readonly absolute: number;
  /** Rounding of K, relative to δ. */
  readonly rounding: number;
  /** The phase e^(-isε) that is already in the values. */
  readonly epsilon: number;
}

/** The line through a saddle point; undefined when it would have to be too long, or take more work than allowed. */
export function lineAt(coarse: readonly Prepared[], saddle: Saddle, workLimit: number): Line | undefined {
  const { t } = saddle;
  // Period 2π/ds of the sum's argument: 25 standard deviations; and poles at distance t ≥ 4.5 ds. What is left is measured.
  const step = Math.min(0.25 / Math.sqrt(saddle.curvature), t / 4.5);
  const points = pointsFor(coarse, saddle, step);
  if (points === undefined) return undefined;
  // Before nodes are made: about 1.6 for each turn of e^(isL) over the losses that weigh anything.
  const foreseen = coarse.reduce((sum, part) => sum + 1.6 * points * step * spreadOf(part, t), 0);
  if (foreseen * points > 4 * workLimit) return undefined;
  const prepared = coarse.map((part) => demanded(part, t, points * step));
  let work = 0;
  for (const part of prepared) work += part.kind === 'gaussian' ? points : part.measureAt(t).losses.length * points;
  return work > workLimit ? undefined : walk(prepared, saddle, step, points);
}

/** How long a line must be, foreseen from the coarse measures: until what is left is rounding, or at least until it can be charged. */
function pointsFor(coarse: readonly Prepared[], saddle: Saddle, step: number): number | undefined {
  let chargeable: number | undefined;
  for (let s = 4 / Math.sqrt(saddle.curvature); s < 2 * pointLimit * step; s *= 1.15) {
    const logTail = logTailBeyond(coarse, saddle.t, s, step);
    const points = Math.ceil((1.1 * s) / step) + 64;
    if (logTail < Math.log(1e-15) && points <= pointLimit) return points;
    if (logTail < Math.log(0.02 * largestTail)) chargeable ??= points;
  }
  return chargeable !== undefined && chargeable <= pointLimit ? chargeable : undefined;
}

/**
 * ln of a bound of Σ |v| beyond s. The transform of a density falls; that of atoms comes back again and again (to its full height, on a
 * lattice), so atoms count with all their mass, and so do humps of a density, each with the modulus of its own transform, which falls:
 * |φ(s′)| ≤ Σ atoms + Σ |φ_hump(s)| for s′ ≥ s. With |v(s′)| ≤ that · t(t + 1)/s′², the rest
 * of the sum is at most its value at s times s/ds.
 */
function logTailBeyond(parts: readonly Prepared[], t: number, s: number, step: number): number {
  let logTail = Math.log(s / step) - 0.5 * Math.log1p((s / t) ** 2) - 0.5 * Math.log1p((s / (t + 1)) ** 2);
  for (const part of parts) {
    if (part.kind === 'gaussian') {
      logTail -= 0.5 * part.variance * s * s;
      continue;
    }
    const { losses, logMasses, atomCount } = part.measureAt(t);
    if (atomCount === losses.length) continue;
    const { value, mean } = measureCumulants(part.measureAt(t), t);
    const shares = sharesOf(part.law, t);
    const [density, re, im] = [0, 1, 2].map(() => new Float64Array(shares.count));
    for (let at = atomCount; at < losses.length; at += 1) {
      const logWeight = logMasses[at] + t * losses[at] - value;
      if (logWeight < -42) continue;
      const half = Math.sin(0.5 * s * (losses[at] - mean));
      const turn = Math.sin(s * (losses[at] - mean));
      for (let hump = 0; hump < shares.count; hump += 1) {
        const weight = Math.exp(logWeight) * shares.at(hump, losses[at]);
        density![hump] += weight;
        re![hump] -= 2 * weight * half * half;
        im![hump] += weight * turn;
      }
    }
    // 1 - density is the atoms' mass; near s = 0 the modulus is near the density, from below.
    let fall = 0;
    for (let hump = 0; hump < shares.count; hump += 1) {
      fall += Math.hypot(density![hump] + re![hump], im![hump]) - density![hump];
    }
    logTail += part.count * Math.log1p(Math.min(0, fall));
  }
  return logTail;
}

/** Smooth shares of the humps that tilting leaves at mean + t · variance; one share where there is one hump. */
export function sharesOf(
  { humps }: LossLaw,
  t: number,
): { readonly count: number; readonly at: (hump: number, loss: number) => number } {
  if (humps === undefined) return { count: 1, at: () => 1 };
  const means = humps.map(({ mean, variance }) => mean + t * variance).sort((a, b) => a - b);
  const above = (cut: number, loss: number): number => {
    if (cut === 0 || cut === means.length) return cut === 0 ? 1 : 0;
    const gap = means[cut]! - means[cut - 1]!;
    if (!(gap > 0)) return loss > means[cut]! ? 1 : 0;
    const z = (loss - 0.5 * (means[cut]! + means[cut - 1]!)) / (gap / 12);
    return z > 7 ? 1 : z < -7 ? 0 : normalUpperTail(-z);
  };
  return { count: means.length, at: (hump, loss) => above(hump, loss) - above(hump + 1, loss) };
}

/** The part with nodes dense enough for the line. What weighs less than 1e-13 over all the steps may be aliased. */
function demanded(part: Prepared, t: number, frequency: number): Prepared {
  if (part.kind === 'gaussian') return part;
  const { value } = measureCumulants(part.measureAt(t), t);
  const measure = measureOf(part.law, { frequency, tilts: [{ t, negligible: value + Math.log(1e-13 / part.count) }] });
  return { ...part, measureAt: () => measure };
}

/** From the least to the largest loss that `demanded` will resolve. */
function spreadOf(part: Prepared, t: number): number {
  if (part.kind === 'gaussian' || part.law.branches.length === 0) return 0;
  const { losses, logMasses } = part.measureAt(t);
  const negligible = measureCumulants(part.measureAt(t), t).value + Math.log(1e-13 / part.count);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < losses.length; at += 1) {
    if (logMasses[at] + t * losses[at] < negligible) continue;
    low = Math.min(low, losses[at]);
    high = Math.max(high, losses[at]);
  }
  return high - low;
}

/** Rounding of K over the composition, relative to δ: counts × a few units in the last place of the sums behind it. */
export function roundingOf(prepared: readonly Prepared[], t: number): number {
  let rounding = 0;
  for (const part of prepared) {
    if (part.kind === 'gaussian') rounding += 1e-15 * part.variance * t * (t + 1);
    else {
      const { losses, logMasses } = part.measureAt(t);
      const { value } = measureCumulants(part.measureAt(t), t);
      let size = 0;
      if (Math.abs(value) < 0.5) {
        for (let at = 0; at < losses.length; at += 1)
          size += Math.exp(logMasses[at]) * Math.abs(Math.expm1(t * losses[at]));
      } else size = Math.abs(value);
      rounding += part.count * 2e-16 * size;
    }
  }
  return rounding;
}

function walk(prepared: readonly Prepared[], saddle: Saddle, step: number, points: number): Line {
  const { t } = saddle;
  const logRe = new Float64Array(points);
  const logIm = new Float64Array(points);
  let value = 0;
  let mean = 0;
  for (const part of prepared) {
    if (part.kind === 'gaussian') {
      value += 0.5 * part.variance * (t * t + t);
      mean += part.variance * (t + 0.5);
      for (let j = 0; j < points; j += 1) logRe[j] -= 0.5 * part.variance * (step * (j + 1)) ** 2;
    } else {
      const one = measureCumulants(part.measureAt(t), t);
      value += part.count * one.value;
      mean += part.count * one.mean;
      addMeasureAlong(part, one, t, step, logRe, logIm);
    }
  }
  const re = new Float64Array(points);
  const im = new Float64Array(points);
  let absolute = 0.5;
  const drift = mean - saddle.epsilon;
  for (let j = 0; j < points; j += 1) {
    const s = step * (j + 1);
    const a = s / t;
    const b = s / (t + 1);
    const size = Math.exp(logRe[j] - 0.5 * Math.log1p(a * a) - 0.5 * Math.log1p(b * b));
    const angle = logIm[j] + s * drift - Math.atan(a) - Math.atan(b);
    re[j] = size * Math.cos(angle);
    im[j] = size * Math.sin(angle);
    absolute += size;
  }
  // With the dense measures now, and the largest of a few places near the end.
  const end = step * points;
  const logTail = Math.max(...[0.85, 0.92, 1].map((share) => logTailBeyond(prepared, t, share * end, step)));
  return {
    t,
    step,
    re,
    im,
    length: points,
    logFactor: value - Math.log(t) - Math.log1p(t),
    tail: 2 * Math.exp(logTail),
    absolute,
    rounding: roundingOf(prepared, t),
    epsilon: saddle.epsilon,
  };
}

/** Adds count · ln E_tilted[e^(is(L - mean))] at s = step, 2·step, … to (logRe, logIm). */
export function addMeasureAlong(
  part: Extract<Prepared, { kind: 'measure' }>,
  { value, mean }: { readonly value: number; readonly mean: number },
  t: number,
  step: number,
  logRe: Float64Array,
  logIm: Float64Array,
): void {
  const { losses, logMasses } = part.measureAt(t);
  const deviations: number[] = [];
  const masses: number[] = [];
  for (let at = 0; at < losses.length; at += 1) {
    const logWeight = logMasses[at] + t * losses[at] - value;
    if (logWeight <= -46) continue;
    deviations.push(losses[at] - mean);
    masses.push(Math.exp(logWeight));
  }
  const re = new Float64Array(logRe.length);
  const im = new Float64Array(logRe.length);
  addTurning({ losses: Float64Array.from(deviations), masses: Float64Array.from(masses) }, step, re, im);
  for (let j = 0; j < logRe.length; j += 1) {
    // ln|1 + sum| = ½ ln(1 + 2 Re + |sum|²).
    const squared = Math.max(2 * re[j] + re[j] * re[j] + im[j] * im[j], -1 + 1e-30);
    logRe[j] += part.count * 0.5 * Math.log1p(squared);
    logIm[j] += part.count * Math.atan2(im[j], 1 + re[j]);
  }
}

/**
 * Adds Σ m (e^(isL) - 1) at s = step, 2·step, … to (re, im), by z ← z + z₁ + z·z₁ from one point to the next, which loses nothing where
 * sL is tiny. Answers Σ m·min(2, |sL|) at the end: what rounds.
 */
export function addTurning(
  { losses, masses }: { readonly losses: Float64Array; readonly masses: Float64Array },
  step: number,
  re: Float64Array,
  im: Float64Array,
): number {
  const size = losses.length;
  const stepRe = new Float64Array(size);
  const stepIm = new Float64Array(size);
  const nowRe = new Float64Array(size);
  const nowIm = new Float64Array(size);
  let moved = 0;
  for (let k = 0; k < size; k += 1) {
    const angle = step * losses[k];
    const half = Math.sin(0.5 * angle);
    stepRe[k] = -2 * half * half;
    stepIm[k] = Math.sin(angle);
    moved += masses[k] * Math.min(2, Math.abs(angle) * re.length);
  }
  for (let j = 0; j < re.length; j += 1) {
    let sumRe = 0;
    let sumIm = 0;
    if (j % resynchronised === 0) restart(nowRe, nowIm, losses, step * j);
    for (let k = 0; k < size; k += 1) {
      const ar = nowRe[k];
      const ai = nowIm[k];
      const br = stepRe[k];
      const bi = stepIm[k];
      const nextRe = ar + br + ar * br - ai * bi;
      const nextIm = ai + bi + ar * bi + ai * br;
      nowRe[k] = nextRe;
      nowIm[k] = nextIm;
      sumRe += masses[k] * nextRe;
      sumIm += masses[k] * nextIm;
    }
    re[j] += sumRe;
    im[j] += sumIm;
  }
  return moved;
}

/** The recurrence drifts by an ulp a point; after so many points it is set right. */
const resynchronised = 128;

/** Mutates (re, im): e^(is·deviation) - 1, computed afresh. */
function restart(re: Float64Array, im: Float64Array, deviation: Float64Array, s: number): void {
  for (let k = 0; k < re.length; k += 1) {
    const half = Math.sin(0.5 * s * deviation[k]);
    re[k] = -2 * half * half;
    im[k] = Math.sin(s * deviation[k]);
  }
}
