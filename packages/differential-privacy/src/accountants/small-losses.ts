// ε(δ) from above where a step hardly ever loses anything: sampling so rare that the loss is nearly an atom at zero. There the contour
// integral does not decay, and the tilt of loss-distribution.ts makes losses count that δ never sees, so that its grid must span them.
//
// Here nothing is tilted: the grid ends where all losses above it together weigh a ten-millionth of δ, and they are taken for infinite;
// it can be as fine as the rate. Each law φ is transformed without its mass p₀ at zero, φ(s) = 1 + Σ_k p_k (e^(is x_k) - 1), and the
// composition is exp(Σ count · ln(1 + that)): what rounds is then of the size of the rare losses, not of the whole.
//
// Only an upper bound. Raising a loss raises E_P[(1 - e^(ε - L))₊], so what lies below the grid may be put on its lowest point.
import type { LossLaw } from '../losses/loss-law.ts';
import { measureOf } from '../losses/loss-law.ts';
import { complexArray, forwardInPlace, inverseInPlace } from '../numerics/fourier.ts';
import type { Part } from './cumulant.ts';
import { tiltedGrid } from './grid.ts';

/** Share of δ that may be charged for what lies above the grid, and for what wraps around. */
const charged = 1e-7;
const unitRoundoff = 2.3e-16;
/** Masses are quadratures: relative error, charged to δ. */
const massError = 1e-12;

/** An upper bound of ε; undefined where the grid would have to be longer than allowed for it to be worth anything. */
export function smallLossEpsilon(
  parts: readonly Part[],
  delta: number,
  known: number,
  largestLength: number = 2 ** 20,
): number | undefined {
  // The bound of rounding below asks for a square at least: one step has a formula.
  if (parts.some(({ count }) => count < 2)) return undefined;
  if (parts.some(({ law }) => law.gaussianVariance !== undefined || law.infinityMass > 0)) return undefined;
  const ranges = parts.map(({ law, count }) => usedRange(law, (charged * delta) / (count * parts.length)));
  const window = windowOf(parts, ranges, charged * delta);
  if (!(window.high > window.low) || (window.high - window.low) / largestLength > 0.02 * known) return undefined;
  let best: number | undefined;
  for (let length = Math.min(2 ** 16, largestLength); length <= largestLength; length *= 4) {
    const found = onGrid(parts, ranges, window, delta, length);
    if (found === undefined) continue;
    // The chords' error falls at least in proportion to the spacing.
    if (best !== undefined && best - found < 3e-5 * found) return Math.min(best, found);
    best = best === undefined ? found : Math.min(best, found);
    if (best === 0) return 0;
  }
  return best;
}

interface Range {
  readonly low: number;
  readonly high: number;
}

interface Window extends Range {
  /** The exponent of the Chernoff bound that gave `high`. */
  readonly slope: number;
}

/** Where all but `mass` lies, above and below: a guess, certified by nobody; what is really cut off is charged by the grid. */
function usedRange(law: LossLaw, mass: number): Range {
  const { losses, logMasses } = measureOf(law);
  const order = Array.from(losses.keys()).sort((a, b) => losses[a]! - losses[b]!);
  const end = (indices: readonly number[]): number => {
    let sum = 0;
    for (const at of indices) {
      sum += Math.exp(logMasses[at]!);
      if (sum > mass) return losses[at]!;
    }
    return 0;
  };
  const [low, high] = [end(order), end(order.reverse())];
  const margin = 0.05 * (high - low);
  return { low: Math.min(0, low - margin), high: Math.max(0, high + margin) };
}

/** Where all but about `mass` of the composition lies: Chernoff's bound on the measures cut to their ranges. */
function windowOf(parts: readonly Part[], ranges: readonly Range[], mass: number): Window {
  const measures = parts.map(({ law }) => measureOf(law));
  const width = Math.max(...ranges.map(({ low, high }) => high - low));
  const cumulant = (s: number): number =>
    parts.reduce((sum, { count }, at) => {
      const { losses, logMasses } = measures[at]!;
      const { low, high } = ranges[at]!;
      let excess = 0;
      for (let i = 0; i < losses.length; i += 1) {
        if (losses[i]! <= high) excess += Math.exp(logMasses[i]!) * Math.expm1(s * Math.max(low, losses[i]!));
      }
      return sum + count * Math.log1p(excess);
    }, 0);
  const slack = -Math.log(mass) + 2;
  let [low, high, slope] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1];
  for (let power = -8; power <= 6; power += 0.5) {
    const s = 2 ** power / width;
    const end = (cumulant(s) + slack) / s;
    if (end < high) [high, slope] = [end, s];
    low = Math.max(low, -(cumulant(-s) + slack) / s);
  }
  return { low: Math.min(low, 0), high: Math.max(high, 0), slope };
}

function onGrid(
  parts: readonly Part[],
  ranges: readonly Range[],
  window: Window,
  delta: number,
  length: number,
): number | undefined {
  const spacing = ((window.high - window.low) * 1.01) / (length - 8);
  const start = Math.floor(window.low / spacing) - 2;
  const top = start + length - 1;
  const product = complexArray(length);
  // Errors of the transform so far, pointwise, as a factor of |product|.
  let forwardError = 0;
  // The same of what is not transformed, in units of |e^(iθ) - 1|.
  let nearError = 0;
  let spent = 0;
  let logTail = -window.slope * top * spacing;
  for (const [at, { law, count }] of parts.entries()) {
    const { low, high } = ranges[at]!;
    const grid = tiltedGrid(law, { spacing, offset: 0, tilt: 0, logMoment: 0, low, high });
    const factor = complexArray(length);
    const near = nearOf(length);
    let mass = 0;
    let moved = 0;
    grid.pessimistic.forEach((value, i) => {
      const index = grid.first + i;
      if (index === 0) return;
      if (Math.abs(index) <= nearest) near.add(index, value);
      else {
        factor.re[index & (length - 1)]! += value;
        mass += value;
      }
      moved += value * Math.expm1(Math.abs(index) * spacing);
    });
    logTail += tailLog(grid, count, window.slope * spacing);
    // A mass m moved from loss 0 to loss x changes δ by at most m·(e^|x| - 1): in each of the steps.
    spent += count * (grid.lost * (1 + 1e-9) + massError * moved);
    forwardInPlace(factor);
    forwardError += count * unitRoundoff * (4 + 2 * Math.log2(length)) * 2 * mass;
    nearError += count * near.error();
    for (let k = 0; k < length; k += 1) {
      near.at(k);
      const re = factor.re[k]! - mass - grid.lost + near.re;
      const im = factor.im[k]! + near.im;
      const excess = 2 * re + re * re + im * im;
      product.re[k]! += count * 0.5 * Math.log1p(Math.max(-1 + 2 ** -52, excess));
      product.im[k]! += count * Math.atan2(im, 1 + re);
    }
  }
  spent += Math.exp(logTail + 1e-6);
  // By Parseval the error of the masses, as a vector, is as long as that of their transform by √length.
  const least = Math.min(...parts.map(({ count }) => count));
  const steps = parts.reduce((sum, { count }) => sum + count, 0);
  // What stays at zero is not asked for: where the whole hardly moves, 1 is subtracted before anything is rounded.
  const squared = [0, 0];
  const inverse = unitRoundoff * (8 + 2 * Math.log2(length));
  for (let k = 0; k < length; k += 1) {
    const logSize = product.re[k]!;
    const angle = product.im[k]!;
    const size = Math.exp(logSize);
    // |(φ + d)^c - φ^c| ≤ c·|d|·(|φ| + |d|)^(c - 1), and |φ| is nowhere less than the c-th root of the whole. Where |φ| is small the
    // logarithm of its square has lost digits: |φ|² is then wrong by some units, |φ| by so much over |φ|.
    const root = Math.max(logSize / least, -16);
    const lostDigits = root < -0.6 ? 16 * unitRoundoff * steps : 0;
    const summed = lostDigits + forwardError + nearError * 2 * Math.abs(Math.sin(0.5 * angleOf(k, length)));
    const transformed = summed * Math.exp((least - 2) * root);
    const error = transformed + size * unitRoundoff * 2 * (Math.abs(logSize) + Math.abs(angle));
    const half = Math.sin(0.5 * angle);
    const moved = Math.hypot(Math.expm1(logSize) - 2 * size * half * half, size * Math.sin(angle));
    squared[0]! += (error + inverse * size) ** 2;
    squared[1]! += (error + inverse * moved) ** 2;
  }
  const subtracted = squared[1]! < squared[0]! ? 1 : 0;
  for (let k = 0; k < length; k += 1) {
    const logSize = product.re[k]!;
    const angle = product.im[k]!;
    const size = Math.exp(logSize);
    const half = Math.sin(0.5 * angle);
    product.re[k] = subtracted === 1 ? Math.expm1(logSize) - 2 * size * half * half : size * Math.cos(angle);
    product.im[k] = size * Math.sin(angle);
  }
  const noise = Math.sqrt(squared[subtracted]! / length);
  inverseInPlace(product);
  return crossing(product.re, { start, top, spacing, noise }, delta * (1 - 1e-8) - spent);
}

/** Losses of so many grid points and fewer are transformed by themselves: nearly all mass is there, and e^(ikθ) - 1 is small. */
const nearest = 16;

/** θ of the k-th value of a transform, whose order is bit-reversed; in [-π, π). */
function angleOf(k: number, length: number): number {
  let bits = k;
  bits = ((bits >>> 1) & 0x55555555) | ((bits & 0x55555555) << 1);
  bits = ((bits >>> 2) & 0x33333333) | ((bits & 0x33333333) << 2);
  bits = ((bits >>> 4) & 0x0f0f0f0f) | ((bits & 0x0f0f0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff00ff) | ((bits & 0x00ff00ff) << 8);
  const index = ((bits >>> 16) | (bits << 16)) >>> Math.clz32(length - 1);
  return (-2 * Math.PI * (index >= length / 2 ? index - length : index)) / length;
}

interface Near {
  re: number;
  im: number;
  add(index: number, mass: number): void;
  /** Puts Σ mass·(e^(i·index·θ) - 1) at the k-th θ into re and im. */
  at(k: number): void;
  /** Of that sum, relative to |e^(iθ) - 1|: |e^(ikθ) - 1| ≤ k·|e^(iθ) - 1|, and the recurrence loses an ulp or two a step. */
  error(): number;
}

function nearOf(length: number): Near {
  const even = new Float64Array(nearest + 1);
  const odd = new Float64Array(nearest + 1);
  let error = 0;
  return {
    re: 0,
    im: 0,
    add(index, mass) {
      const distance = Math.abs(index);
      even[distance]! += mass;
      odd[distance]! += index > 0 ? mass : -mass;
      error += unitRoundoff * mass * distance * (4 + 2 * distance);
    },
    at(k) {
      const angle = angleOf(k, length);
      const half = Math.sin(0.5 * angle);
      const stepRe = -2 * half * half;
      const stepIm = Math.sin(angle);
      let [nowRe, nowIm, sumRe, sumIm] = [0, 0, 0, 0];
      for (let distance = 1; distance <= nearest; distance += 1) {
        const nextRe = nowRe + stepRe + nowRe * stepRe - nowIm * stepIm;
        nowIm = nowIm + stepIm + nowRe * stepIm + nowIm * stepRe;
        nowRe = nextRe;
        sumRe += even[distance]! * nowRe;
        sumIm += odd[distance]! * nowIm;
      }
      this.re = sumRe;
      this.im = sumIm;
    },
    error: () => error,
  };
}

/** count · ln E[e^(slope · loss)] of the very masses that are composed, rounded up: for Chernoff's bound of what lies above the grid. */
function tailLog(
  { first, pessimistic }: { readonly first: number; readonly pessimistic: Float64Array },
  count: number,
  slope: number,
): number {
  let excess = 0;
  for (let i = 0; i < pessimistic.length; i += 1) excess += pessimistic[i]! * Math.expm1(slope * (first + i));
  return count * (Math.log1p(excess) + 1e-13 * Math.abs(excess));
}

/**
 * Where δ(ε) = Σ_{x_j > ε} (1 - e^(ε - x_j)) m_j falls to the goal; linear in e^ε between grid points. The masses' error, a vector of
 * length `noise`, changes δ by at most that times the length of the vector of the factors (1 - e^(ε - x_j)) ≤ min(1, x_j - ε).
 */
function crossing(
  masses: Float64Array,
  { start, top, spacing, noise }: { start: number; top: number; spacing: number; noise: number },
  budget: number,
): number | undefined {
  if (!(budget > 0 && Number.isFinite(noise))) return undefined;
  const shrink = -Math.expm1(-spacing);
  const keep = Math.exp(-spacing);
  let above = 0;
  let stick = 0;
  let factors = 0;
  let weight = 0;
  let next = Number.NaN;
  for (let j = top; j >= Math.max(start, 0); j -= 1) {
    // Of j: everything above it.
    if (j < top) {
      above += masses[j + 1]!;
      stick = keep * stick + shrink * above;
      weight = -Math.expm1((j - top) * spacing);
      factors += weight * weight;
    }
    const here = stick + noise * Math.sqrt(factors) - budget;
    if (!(here <= 0)) {
      if (j === top || Number.isNaN(here)) return undefined;
      const share = here / (here - next);
      return (j * spacing + Math.log1p(share * Math.expm1(spacing))) * (1 + 1e-12);
    }
    next = here;
  }
  return 0;
}
