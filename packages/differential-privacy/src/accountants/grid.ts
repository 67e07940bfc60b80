// One privacy-loss law on a grid of losses, tilted: the pessimistic and the optimistic stand-in of the loss distribution.
//
// Pessimistic: every outcome is split between the two grid points around its loss so that both P- and Q-mass are kept. Its hockey
// stick is the chord of the true one, in y = e^ε, between grid points (Doroshenko et al. 2022, "connecting the dots"): above it.
// Optimistic: the convex piecewise linear curve with the same knots that lies a chord's largest gap lower: below the true one. In a
// cell with Q-masses a, b at its ends and width Δy the chord rises above the curve by at most Δy·ab/(a + b), where the tangents meet.

import type { Branch, LossLaw } from '../losses/loss-law.ts';
import { gaussLegendre } from '../numerics/quadrature.ts';

export interface GridSpecification {
  readonly spacing: number;
  readonly offset: number;
  readonly tilt: number;
  /** K(tilt) of the law: the tilted masses add up to about one. */
  readonly logMoment: number;
  /** Losses outside of [low, high] weigh next to nothing after tilting. */
  readonly low: number;
  readonly high: number;
}

/** Masses times e^(tilt · loss - logMoment) at offset + (first + i) · spacing. */
export interface TiltedGrid {
  readonly first: number;
  readonly pessimistic: Float64Array;
  readonly optimistic: Float64Array;
  /** P-mass above the grid, to be counted as infinite loss by the pessimist and as none by the optimist. */
  readonly lost: number;
}

export function tiltedGrid(law: LossLaw, grid: GridSpecification): TiltedGrid {
  const { spacing, offset, tilt, logMoment } = grid;
  // Wide enough that the ends, where the optimist is coarse, weigh nothing.
  const first = Math.floor((grid.low - offset) / spacing) - 64;
  const last = Math.ceil((grid.high - offset) / spacing) + 1;
  const size = last - first + 1;
  // Per cell [first + i, first + i + 1]: the P-masses of its lower and upper end, tilted as if both had the loss of the lower. What
  // lies on a grid point needs no splitting and is kept apart.
  const lower = new Float64Array(size);
  const upper = new Float64Array(size);
  const onGrid = new Float64Array(size);
  let lost = 0;
  const whole = Math.expm1(-spacing);
  const add = (loss: number, logMass: number): void => {
    const position = (loss - offset) / spacing;
    let cell = Math.floor(position) - first;
    if (cell >= size - 1) {
      lost += Math.exp(logMass);
      return;
    }
    // Too low for the grid: raised to its lowest point by the pessimist. The optimist may not raise it, but it weighs nothing there.
    if (cell < 0) cell = 0;
    const knot = offset + (cell + first) * spacing;
    const weight = Math.exp(logMass + tilt * knot - logMoment);
    const part = Math.expm1(-Math.max(0, loss - knot));
    upper[cell] += (weight * part) / whole;
    lower[cell] += weight * (1 - part / whole);
  };
  law.atomLosses.forEach((loss, at) => {
    // A hair's breadth from a grid point is on it: lattice laws must not be smeared by rounding.
    const position = (loss - offset) / spacing;
    const nearest = Math.round(position) - first;
    const logMass = law.atomLogMasses[at]!;
    if (Math.abs(position - nearest - first) > 1e-9 * Math.max(1, Math.abs(position))) add(loss, logMass);
    else if (nearest >= size) lost += Math.exp(logMass);
    else {
      const knot = Math.max(0, nearest);
      onGrid[knot] += Math.exp(logMass + tilt * (offset + (knot + first) * spacing) - logMoment);
    }
  });
  for (const branch of law.branches) addBranch(branch, { offset, spacing, first, last }, add);
  const rise = Math.exp(tilt * spacing);
  const pessimistic = new Float64Array(size);
  for (let i = 0; i < size; i += 1) pessimistic[i] = lower[i] + (i > 0 ? upper[i - 1] * rise : 0);
  const optimistic = optimisticOf({ lower, upper, pessimistic, grid, first });
  for (let i = 0; i < size; i += 1) {
    pessimistic[i] += onGrid[i];
    optimistic[i] += onGrid[i];
  }
  return { first, pessimistic, optimistic, lost };
}

const finest = gaussLegendre(3);
const fine = gaussLegendre(4);
const wide = gaussLegendre(16);

/** Quadrature that respects the cells: on each the split masses are integrals of smooth functions. */
function addBranch(
  branch: Branch,
  { offset, spacing, first, last }: { offset: number; spacing: number; first: number; last: number },
  add: (loss: number, logMass: number) => void,
): void {
  const panel = (from: number, to: number): void => {
    const width = Math.abs(to - from);
    const pieces = Math.ceil(width / branch.scale);
    const { nodes, weights } = width < 0.02 * branch.scale ? finest : width < 0.1 * branch.scale ? fine : wide;
    const half = width / (2 * pieces);
    for (let piece = 0; piece < pieces; piece += 1) {
      const middle = Math.min(from, to) + (2 * piece + 1) * half;
      for (let at = 0; at < nodes.length; at += 1) {
        const x = middle + half * nodes[at];
        const logMass = branch.logDensity(x) + Math.log(half * weights[at]);
        if (logMass > -600) add(branch.loss(x), logMass);
      }
    }
  };
  const rising = branch.loss(branch.high) > branch.loss(branch.low);
  const [start, end] = rising ? [branch.low, branch.high] : [branch.high, branch.low];
  const [least, most] = [branch.loss(start), branch.loss(end)];
  const from = Math.max(first, Math.ceil((least - offset) / spacing));
  const to = Math.min(last, Math.floor((most - offset) / spacing));
  let x = start;
  for (let knot = from; knot <= to; knot += 1) {
    const next = branch.outcome(offset + knot * spacing);
    if (rising ? next > x : next < x) {
      panel(x, next);
      x = next;
    }
  }
  if (rising ? end > x : end < x) panel(x, end);
}

/** What the optimist is told: the split masses of the cells, tilted, and where the grid lies. */
interface Split {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly pessimistic: Float64Array;
  readonly grid: GridSpecification;
  readonly first: number;
}

/**
 * The optimistic masses of what does not lie on the grid. With h the hockey stick of the pessimist at the knots y_i = e^(ε_i), k = h less
 * the larger gap of the two cells at each knot; where that falls below zero, or below the line A - By of all mass together, k is put
 * onto these, and so is the last knot before, so that no chord crosses the true curve at its ends. The lower convex hull of the points
 * (y_i, k_i) is a convex curve below the true one, and its changes of slope are the Q-masses. Where that cannot be, all of a cell is
 * put at its lower end: less loss for the same mass under P is a smaller hockey stick.
 */
function optimisticOf({ lower, upper, pessimistic, grid, first }: Split): Float64Array {
  const { spacing, offset, tilt, logMoment } = grid;
  const size = pessimistic.length;
  const result = new Float64Array(size);
  const lossAt = (i: number): number => offset + (first + i) * spacing;
  if (lossAt(size) > 600 || lossAt(0) < -600) return result;
  const untilt = Float64Array.from({ length: size }, (_, i) => Math.exp(logMoment - tilt * lossAt(i)));
  const growth = Math.expm1(spacing);
  const shrink = -Math.expm1(-spacing);
  // h_i = Σ_{j > i} p_j (1 - e^(-(j - i)dx)) from the top, put_i = Σ_{j < i} p_j (e^((i - j)dx) - 1) from the bottom: positive terms only.
  const call = new Float64Array(size);
  const put = new Float64Array(size);
  let mass = 0;
  for (let i = size - 2; i >= 0; i -= 1) {
    mass += pessimistic[i + 1] * untilt[i + 1];
    call[i] = (1 - shrink) * call[i + 1] + shrink * mass;
  }
  const total = mass + pessimistic[0] * untilt[0];
  mass = 0;
  for (let i = 1; i < size; i += 1) {
    mass += pessimistic[i - 1] * untilt[i - 1];
    put[i] = (1 + growth) * put[i - 1] + growth * mass;
  }
  const curve = new Float64Array(size);
  const gaps = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const b = upper[i] * Math.exp(-spacing);
    gaps[i] = lower[i] + b > 0 ? ((growth * lower[i] * b) / (lower[i] + b)) * untilt[i] : 0;
    curve[i] = call[i] - Math.max(gaps[i], i > 0 ? gaps[i - 1] : 0);
  }
  const floor = (i: number): number => Math.max(0, call[i] - put[i]);
  for (let i = size - 1, done = false; i >= 0 && !done; i -= 1) {
    done = curve[i] > 0;
    curve[i] = floor(i);
  }
  for (let i = 0, done = false; i < size && !done; i += 1) {
    done = curve[i] > call[i] - put[i];
    curve[i] = floor(i);
  }
  for (let i = 0; i < size; i += 1) curve[i] = Math.max(curve[i], floor(i));
  // Few cells may hold it all: then a chord from the one line to the other can cut the corner that the true curve has between them.
  const below = (i: number, gap: number): boolean => call[i] - curve[i] >= gap * (1 - 1e-9);
  for (let i = 0; i + 1 < size; i += 1) {
    const onLine = curve[i] <= call[i] - put[i] && curve[i + 1] <= call[i + 1] - put[i + 1];
    const onZero = curve[i] <= 0 && curve[i + 1] <= 0;
    if (gaps[i] > 0 && !onLine && !onZero && !(below(i, gaps[i]) && below(i + 1, gaps[i]))) {
      return lower.map((mass, cell) => mass + upper[cell]);
    }
  }
  const y = Float64Array.from({ length: size }, (_, i) => Math.exp(lossAt(i)));
  const hull = lowerHull(y, curve);
  let slope = (curve[hull[0]!] - total) / y[hull[0]!];
  for (let at = 0; at < hull.length; at += 1) {
    const i = hull[at]!;
    const next = hull[at + 1];
    const after = next === undefined ? 0 : (curve[next] - curve[i]) / (y[next] - y[i]);
    result[i] = Math.max(0, (after - slope) * y[i]) / untilt[i];
    slope = after;
  }
  return result;
}

/** Indices of the corners of the lower convex hull of points with rising abscissae (Andrew's monotone chain). */
function lowerHull(x: Float64Array, value: Float64Array): number[] {
  const hull: number[] = [];
  for (let i = 0; i < x.length; i += 1) {
    for (;;) {
      const b = hull.at(-1);
      const a = hull.at(-2);
      if (a === undefined || b === undefined) break;
      if ((value[b] - value[a]) * (x[i] - x[b]) <= (value[i] - value[b]) * (x[b] - x[a])) break;
      hull.pop();
    }
    hull.push(i);
  }
  return hull;
}
