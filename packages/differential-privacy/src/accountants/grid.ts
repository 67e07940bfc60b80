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
  const optimistic = optimisticOf(lower, upper, pessimistic, spacing, tilt);
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

function optimisticOf(
  lower: Float64Array,
  upper: Float64Array,
  pessimistic: Float64Array,
  spacing: number,
  tilt: number,
): Float64Array {
  const size = pessimistic.length;
  const growth = Math.expm1(spacing);
  const shrink = -Math.expm1(-spacing);
  const rise = Math.exp(tilt * spacing);
  // The gap of cell i as a hockey-stick difference, carried at the tilt of its lower end.
  const gap = new Float64Array(size + 1);
  for (let i = 0; i < size; i += 1) {
    const b = upper[i] * Math.exp(-spacing);
    gap[i] = lower[i] + b > 0 ? (growth * lower[i] * b) / (lower[i] + b) : 0;
  }
  // At knot i, tilted there: the larger of the two neighbouring gaps.
  const knot = new Float64Array(size);
  for (let i = 0; i < size; i += 1) knot[i] = Math.max(gap[i], i > 0 ? gap[i - 1] * rise : 0);
  keepWithinEnds(knot, pessimistic, spacing, tilt);
  const result = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const here = knot[i];
    const after = i + 1 < size ? knot[i + 1] / rise : 0;
    const before = i > 0 ? knot[i - 1] * rise : 0;
    result[i] = pessimistic[i] - ((after - here) / growth - (here - before) / shrink);
  }
  smoothNegatives(result, spacing, tilt);
  return result;
}

/**
 * Mutates the gaps at the ends: a hockey stick is never below zero, nor below the line that all its mass gives for small y. From the
 * first knot inwards that the gap leaves above that, the curve is put onto zero (onto the line), so that no chord crosses the true one.
 */
function keepWithinEnds(knot: Float64Array, masses: Float64Array, spacing: number, tilt: number): void {
  const size = knot.length;
  const rise = Math.exp(tilt * spacing);
  const step = Math.exp(-spacing);
  // Hockey stick from the top: P-mass above minus y times Q-mass above, both tilted at the knot.
  const call = new Float64Array(size);
  let done = false;
  let p = 0;
  let q = 0;
  for (let i = size - 1; i >= 0; i -= 1) {
    const stick = Math.max(0, p - q);
    call[i] = stick;
    if (done) {
      p = (p + masses[i]) / rise;
      q = ((q + masses[i]) / rise) * step;
      continue;
    }
    const last = stick > knot[i];
    knot[i] = stick;
    done = last;
    p = (p + masses[i]) / rise;
    q = ((q + masses[i]) / rise) * step;
  }
  // And the other side from the bottom: y times Q-mass below minus P-mass below.
  p = 0;
  q = 0;
  for (let i = 0; i < size; i += 1) {
    const stick = Math.max(0, q - p);
    const last = stick > knot[i];
    if (stick < knot[i] || last) knot[i] = Math.min(Math.max(0, stick), call[i]);
    if (last) break;
    p = (p + masses[i]) * rise;
    q = ((q + masses[i]) * rise) / step;
  }
}

/** Where the lowered curve is not convex, a knot is taken out: its (negative) mass goes to its neighbours, and the curve only falls. */
function smoothNegatives(masses: Float64Array, spacing: number, tilt: number): void {
  const size = masses.length;
  const previous = Int32Array.from({ length: size }, (_, i) => i - 1);
  const next = Int32Array.from({ length: size }, (_, i) => i + 1);
  const queue: number[] = [];
  for (let i = 0; i < size - 1; i += 1) if (masses[i] < 0) queue.push(i);
  const gone = new Uint8Array(size);
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (gone[i] === 1 || masses[i] >= 0) continue;
    const a = previous[i];
    const b = next[i];
    if (b >= size) continue;
    if (a < 0) {
      // Left of the lowest knot lies y = 0, which carries no P-mass: all of it goes up.
      masses[b] += masses[i] * Math.exp(tilt * (b - i) * spacing);
      masses[i] = 0;
      gone[i] = 1;
      previous[b] = -1;
      if (masses[b] < 0) queue.push(b);
      continue;
    }
    const share = Math.expm1(-(i - a) * spacing) / Math.expm1(-(b - a) * spacing);
    const mass = masses[i];
    masses[b] += mass * share * Math.exp(tilt * (b - i) * spacing);
    masses[a] += mass * (1 - share) * Math.exp(tilt * (a - i) * spacing);
    masses[i] = 0;
    gone[i] = 1;
    next[a] = b;
    previous[b] = a;
    if (masses[a] < 0) queue.push(a);
    if (masses[b] < 0) queue.push(b);
  }
  for (let i = 0; i < size; i += 1) masses[i] = Math.max(0, masses[i]);
}
