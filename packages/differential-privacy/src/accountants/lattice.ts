// ε(δ) where all losses lie on one lattice, offset + h·ℤ: discrete noise, randomised response, (ε, δ)-guarantees. The transform then has
// the period 2π/h, and δ at the lattice points is an integral over one period,
//   δ(ε_j) = (h/2π) ∫_{-π/h}^{π/h} e^(K(z) - zε_j) (1/(e^(zh) - 1) - 1/(e^((z + 1)h) - 1)) ds,   z = t + is, any t > 0,
// as Σ_{m ≥ 1} e^(-zmh)(1 - e^(-mh)) is the difference in brackets; between lattice points δ is linear in e^ε. The trapezoid rule on
// a period is exact but for what wraps around its own, and nothing lies beyond the end.
//
// Refuses (answers undefined) losses without a common lattice, and a period that takes too many points.
import type { Interval } from './answer.ts';
import { largestError } from './contour.ts';
import { addMeasureAlong, roundingOf } from './contour-line.ts';
import {
  cumulants,
  infinityMassOf,
  measureCumulants,
  type Part,
  type Prepared,
  prepare,
  saddleFor,
} from './cumulant.ts';

/** Points times atoms. */
const workLimit = 3e7;
const pointLimit = 2 ** 17;
/** The tail of a Gaussian transform is left out below e^-45 in modulus. */
const unseen = 45;

/** The spacing of a lattice that holds all losses of all laws, each at its own offset; undefined where there is none. */
export function commonLattice(parts: readonly Part[]): number | undefined {
  const spacing = parts[0]?.law.lattice?.spacing;
  if (spacing === undefined) return undefined;
  const same = parts.every(
    ({ law }) => law.lattice !== undefined && Math.abs(law.lattice.spacing / spacing - 1) < 1e-14,
  );
  return same ? spacing : undefined;
}

export function latticeEpsilon(parts: readonly Part[], delta: number): Interval | undefined {
  const spacing = commonLattice(parts);
  const atInfinity = infinityMassOf(parts);
  if (spacing === undefined || atInfinity >= delta) return undefined;
  const prepared = preparedFor(parts);
  if (prepared === undefined) return undefined;
  const goal = delta - atInfinity;
  const saddle = saddleFor(prepared, Math.log(goal));
  const t = Math.min(saddle.t, 40 / spacing);
  const offset = parts.reduce((sum, { law, count }) => sum + count * law.lattice!.offset, 0);
  const line = lineOf(prepared, { t, spacing, curvature: saddle.curvature });
  return line === undefined ? undefined : solve(line, { spacing, offset, start: saddle.epsilon, goal });
}

/** Discrete Gaussians as formulas; of one with cells instead of atoms nothing else may be used. */
function preparedFor(parts: readonly Part[]): Prepared[] | undefined {
  const others = parts.filter(({ law }) => law.lattice?.gaussianVariance === undefined);
  if (others.some(({ law }) => law.lattice?.inCells === true || law.branches.length > 0)) return undefined;
  let variance = 0;
  for (const { law, count } of parts) variance += count * (law.lattice?.gaussianVariance ?? 0);
  const prepared = prepare(others);
  return variance > 0 ? [...prepared, { kind: 'gaussian', variance }] : prepared;
}

interface PeriodLine {
  readonly t: number;
  readonly step: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** ln of e^K(t) h·kernel(t) step/π. */
  readonly logFactor: number;
  /** The mean loss at t: its phase is not in the values. */
  readonly mean: number;
  readonly rounding: number;
  readonly absolute: number;
}

function lineOf(
  prepared: readonly Prepared[],
  { t, spacing, curvature }: { readonly t: number; readonly spacing: number; readonly curvature: number },
): PeriodLine | undefined {
  const wanted = Math.min(0.25 / Math.sqrt(curvature), t / 4.5);
  const half = Math.max(4, Math.ceil(Math.PI / (spacing * wanted)));
  const step = Math.PI / (spacing * half);
  const variance = prepared.reduce((sum, part) => sum + (part.kind === 'gaussian' ? part.variance : 0), 0);
  const points = Math.min(half, Math.ceil(Math.sqrt((2 * unseen) / Math.max(variance, 1e-300)) / step));
  let work = points;
  for (const part of prepared) if (part.kind === 'measure') work += points * part.measureAt(t).losses.length;
  if (points > pointLimit || work > workLimit) return undefined;
  const logRe = new Float64Array(points);
  const logIm = new Float64Array(points);
  for (const part of prepared) {
    if (part.kind === 'gaussian') {
      for (let j = 0; j < points; j += 1) logRe[j] -= 0.5 * part.variance * (step * (j + 1)) ** 2;
    } else addMeasureAlong(part, measureCumulants(part.measureAt(t), t), t, step, logRe, logIm);
  }
  const { value, mean } = cumulants(prepared, t);
  const h = spacing;
  const re = new Float64Array(points);
  const im = new Float64Array(points);
  let absolute = 0.5;
  for (let j = 0; j < points; j += 1) {
    const s = step * (j + 1);
    // The kernel e^(-zh)(1 - e^(-h))/((1 - e^(-zh))(1 - e^(-(z + 1)h))), over its value at t.
    const first = awayFromOne(t * h, s * h);
    const second = awayFromOne((t + 1) * h, s * h);
    const size = Math.exp(logRe[j]! - first.logSize - second.logSize) * (j + 1 === half ? 0.5 : 1);
    const angle = logIm[j]! - s * h - first.angle - second.angle;
    re[j] = size * Math.cos(angle);
    im[j] = size * Math.sin(angle);
    absolute += size;
  }
  const logKernel =
    -t * h + Math.log(-Math.expm1(-h)) - Math.log(-Math.expm1(-t * h)) - Math.log(-Math.expm1(-(t + 1) * h));
  const logFactor = value + logKernel + Math.log((h * step) / Math.PI);
  return { t, step, re, im, logFactor, mean, rounding: roundingOf(prepared, t), absolute };
}

/** (1 - e^(-(x + iy)))/(1 - e^(-x)): ln of its modulus, and its angle. */
function awayFromOne(x: number, y: number): { readonly logSize: number; readonly angle: number } {
  const whole = -Math.expm1(-x);
  const fall = Math.exp(-x);
  const half = Math.sin(0.5 * y);
  const re = (2 * fall * half * half) / whole;
  const im = (fall * Math.sin(y)) / whole;
  return { logSize: 0.5 * Math.log1p(2 * re + re * re + im * im), angle: Math.atan2(im, 1 + re) };
}

interface Place {
  readonly spacing: number;
  readonly offset: number;
  readonly start: number;
  readonly goal: number;
}

function solve(line: PeriodLine, { spacing, offset, start, goal }: Place): Interval | undefined {
  /** ln δ at the j-th lattice point, and its relative error. */
  const at = (j: number): { readonly logDelta: number; readonly error: number } => {
    const epsilon = offset + j * spacing;
    const shift = line.mean - epsilon;
    let even = 0;
    let odd = 0;
    for (let k = 0; k < line.re.length; k += 1) {
      const angle = line.step * (k + 1) * shift;
      const value = line.re[k]! * Math.cos(angle) - line.im[k]! * Math.sin(angle);
      if (k % 2 === 1) even += value;
      else odd += value;
    }
    const sum = Math.max(0.5 + even + odd, 1e-300);
    // With twice the step the rule errs by the root of its error here.
    const difference = (0.5 + even - odd) / sum;
    const error = 10 * difference * difference + line.rounding + (1e-12 * line.absolute) / sum;
    return { logDelta: line.logFactor - line.t * epsilon + Math.log(sum), error };
  };
  const least = Math.floor(-offset / spacing) - 1;
  const root = (wanted: number): { readonly epsilon: number; readonly error: number } | undefined => {
    const above = (j: number): boolean => {
      const { logDelta, error } = at(j);
      // Where the sum is lost in cancellation δ is far below what this line can show.
      return error < 0.1 && logDelta > wanted;
    };
    let low = Math.floor((start - offset) / spacing);
    let width = 1;
    while (low > least && !above(low)) {
      low = Math.max(least, low - width);
      width *= 2;
    }
    if (!above(low)) return low <= least ? { epsilon: 0, error: at(low).error } : undefined;
    let high = low + 1;
    for (width = 1; above(high); width *= 2) {
      low = high;
      high += width;
      if (!Number.isFinite(high)) return undefined;
    }
    while (high - low > 1) {
      const middle = Math.floor(0.5 * (low + high));
      if (middle <= low || middle >= high) break;
      if (above(middle)) low = middle;
      else high = middle;
    }
    const [here, next] = [at(low), at(high)];
    const lower = next.error < 0.1 ? Math.exp(next.logDelta - here.logDelta) : 0;
    const share = lower < 1 ? Math.min(1, -Math.expm1(wanted - here.logDelta) / (1 - lower)) : 1;
    const epsilon = offset + low * spacing + Math.log1p(share * Math.expm1((high - low) * spacing));
    return { epsilon: Math.max(0, epsilon), error: here.error + (next.error < 0.1 ? next.error : 0) };
  };
  const centre = root(Math.log(goal));
  if (centre === undefined) return undefined;
  const margin = 1e-9 + 2 * centre.error;
  if (!(margin < largestError)) return undefined;
  const upper = root(Math.log(goal) - margin);
  const lower = root(Math.log(goal) + margin);
  if (upper === undefined || lower === undefined) return undefined;
  return { lower: lower.epsilon * (1 - 1e-12), upper: upper.epsilon * (1 + 1e-12) };
}
