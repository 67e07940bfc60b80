// Largest and smallest values of a smooth function on an interval, and where it changes sign: a grid dense against its
// oscillations, refined.

import type { Interval } from './polynomial.ts';

export interface Extremum {
  readonly z: number;
  readonly value: number;
}

/** Points denser towards the ends, where polynomials oscillate fastest; both ends included. */
export function chebyshevGrid({ from, to }: Interval, count: number): Float64Array {
  const grid = new Float64Array(count);
  for (let i = 0; i < count; i++) grid[i] = (from + to) / 2 - ((to - from) / 2) * Math.cos((i * Math.PI) / (count - 1));
  return grid;
}

/** Local extrema of |f| between sign changes: one for each run of equal sign, alternating. */
export function alternatingExtrema(f: (z: number) => number, grid: Float64Array): Extremum[] {
  const found: Extremum[] = [];
  const values = grid.map(f);
  let best = 0;
  for (let i = 1; i <= grid.length; i++) {
    const ended = i === grid.length || (Math.sign(values[i]) !== Math.sign(values[best]) && values[i] !== 0);
    if (ended) {
      found.push(refine(f, grid, best, Math.sign(values[best]) || 1));
      best = i;
    } else if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  }
  return found;
}

/** The largest value of sign·f near a grid point, by golden section between its neighbours. */
function refine(f: (z: number) => number, grid: Float64Array, at: number, sign: number): Extremum {
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = grid[Math.max(0, at - 1)];
  let high = grid[Math.min(grid.length - 1, at + 1)];
  let best: Extremum = { z: grid[at], value: f(grid[at]) };
  for (let i = 0; i < 60 && high - low > 1e-14 * Math.max(1, Math.abs(high)); i++) {
    const a = high - golden * (high - low);
    const b = low + golden * (high - low);
    const atA = f(a);
    const atB = f(b);
    for (const [z, value] of [
      [a, atA],
      [b, atB],
    ] as const) {
      if (sign * value > sign * best.value) best = { z, value };
    }
    if (sign * atA > sign * atB) high = b;
    else low = a;
  }
  return best;
}

export function rangeOf(
  f: (z: number) => number,
  interval: Interval,
  count: number,
): { least: Extremum; most: Extremum } {
  const grid = chebyshevGrid(interval, count);
  const values = grid.map(f);
  let low = 0;
  let high = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i] < values[low]) low = i;
    if (values[i] > values[high]) high = i;
  }
  return { least: refine(f, grid, low, -1), most: refine(f, grid, high, 1) };
}

/** Where f is negative, as intervals with ends found by bisection. */
export function negativeOn(f: (z: number) => number, interval: Interval, count: number): Interval[] {
  const grid = chebyshevGrid(interval, count);
  const found: { from: number; to: number }[] = [];
  const crossing = (a: number, b: number): number => {
    let [low, high] = [a, b];
    const negativeAtLow = f(low) < 0;
    for (let i = 0; i < 80; i++) {
      const middle = (low + high) / 2;
      if (f(middle) < 0 === negativeAtLow) low = middle;
      else high = middle;
    }
    return (low + high) / 2;
  };
  let start = f(grid[0]) < 0 ? grid[0] : undefined;
  for (let i = 1; i < grid.length; i++) {
    const negative = f(grid[i]) < 0;
    if (negative && start === undefined) start = crossing(grid[i - 1], grid[i]);
    if (!negative && start !== undefined) {
      found.push({ from: start, to: crossing(grid[i - 1], grid[i]) });
      start = undefined;
    }
  }
  if (start !== undefined) found.push({ from: start, to: interval.to });
  return found;
}
