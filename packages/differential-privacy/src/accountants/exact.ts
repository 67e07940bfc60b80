// The accountants that know the whole loss: contour integration and the certified loss distribution, both directions, the larger ε.
import { leavesOf, type Pairs, pairsOf, witnessOf } from '../losses/dominating-pairs.ts';
import { measureOf } from '../losses/loss-law.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import type { Answer, Interval } from './answer.ts';
import { apartEpsilon } from './apart.ts';
import { closedFormEpsilon } from './closed-form.ts';
import { contourEpsilon } from './contour.ts';
import { cumulants, infinityMassOf, leftOutOf, type Part, prepare } from './cumulant.ts';
import { frameOf, type History, requireDelta } from './history.ts';
import { latticeEpsilon } from './lattice.ts';
import { type GridLimits, lossDistributionEpsilon } from './loss-distribution.ts';
import { rareLossEpsilon } from './rare-losses.ts';
import { smallLossEpsilon } from './small-losses.ts';

/** What may be asked for; 'contour' includes its two kinds. */
export type ExactMethod = 'closed form' | 'contour' | 'loss distribution';
type Used = ExactMethod | 'rare losses' | 'lattice';

interface Directions {
  readonly directions: readonly (readonly Part[])[];
  /** Of losses that some data do have: the same where the dominating pairs are attained, none where no such data are known. */
  readonly witnesses: readonly (readonly Part[])[] | undefined;
}

/** The laws of a history in each direction; one direction where both are the same. A string says what has no dominating pair. */
function directionsOf(history: History): Directions | string {
  const all: { readonly pairs: Pairs; readonly witness: Pairs | undefined; readonly count: number }[] = [];
  for (const { mechanism, count } of leavesOf(history)) {
    const pairs = pairsOf(mechanism);
    if (pairs === undefined) return `${nameOf(mechanism)} is known by its Rényi moments only`;
    all.push({ pairs, witness: pairs.attained ? pairs : witnessOf(mechanism), count });
  }
  const both = (pairs: readonly { readonly pair: Pairs; readonly count: number }[]): (readonly Part[])[] => {
    const remove = pairs.map(({ pair, count }) => ({ law: pair.remove, count }));
    const add = pairs.map(({ pair, count }) => ({ law: pair.add, count }));
    return pairs.every(({ pair }) => pair.remove === pair.add) ? [remove] : [remove, add];
  };
  const directions = both(all.map(({ pairs, count }) => ({ pair: pairs, count })));
  if (all.every(({ pairs }) => pairs.attained)) return { directions, witnesses: directions };
  const known = all.flatMap(({ witness, count }) => (witness === undefined ? [] : [{ pair: witness, count }]));
  return { directions, witnesses: known.length === all.length ? both(known) : undefined };
}

function nameOf(mechanism: Mechanism): string {
  return mechanism.kind === 'poissonSampled' ? `a Poisson-sampled ${mechanism.inner.kind}` : mechanism.kind;
}

/** The exact ε by the first of the methods that can tell in each direction. */
export function exactEpsilon(
  history: History,
  delta: number,
  methods: readonly ExactMethod[] = ['closed form', 'contour', 'loss distribution'],
): Answer {
  requireDelta(delta);
  const frame = frameOf(history);
  const first = methods[0] ?? 'contour';
  const laws = directionsOf(history);
  if (typeof laws === 'string') return { kind: 'refused', accountant: first, reason: laws };
  const attained = laws.witnesses === laws.directions;
  const bound = (accountant: Used, { lower, upper }: Interval, holds = attained): Answer => ({
    kind: 'bound',
    accountant,
    epsilon: upper,
    delta,
    lower: holds ? Math.max(0, Math.min(lower, upper)) : null,
    ...frame,
    sound: true,
  });
  if (methods.includes('closed form')) {
    const interval = closedFormEpsilon(history, delta);
    if (interval !== undefined) return bound('closed form', interval);
  }
  const found = overDirections(laws.directions, delta, methods);
  if (typeof found === 'string') return { kind: 'refused', accountant: first, reason: found };
  // Cells stand above the atoms that they hold: what is below them need not be below those; nor what is charged for what is left out.
  const proven = !found.inCells && laws.directions.every((parts) => leftOutOf(parts) < 1e-9 * delta);
  if (attained) return bound(found.method, found.interval, proven);
  const seen = laws.witnesses === undefined || !proven ? 'none' : overDirections(laws.witnesses, delta, methods);
  if (typeof seen === 'string' || seen.inCells) return bound(found.method, found.interval);
  return bound(found.method, { lower: seen.interval.lower, upper: found.interval.upper }, true);
}

interface Found {
  readonly method: Used;
  readonly interval: Interval;
  readonly inCells: boolean;
}

/** The larger ε of the directions; a string says why there is none. */
function overDirections(
  directions: readonly (readonly Part[])[],
  delta: number,
  methods: readonly ExactMethod[],
): Found | string {
  let method: Used = methods.includes('contour') ? 'contour' : (methods[0] ?? 'contour');
  let lower = 0;
  let upper = 0;
  let inCells = false;
  for (const parts of directions) {
    const onLattice = methods.includes('contour') ? latticeEpsilon(parts, delta) : undefined;
    if (onLattice !== undefined) {
      if (onLattice.upper >= upper) method = 'lattice';
      lower = Math.max(lower, onLattice.lower);
      upper = Math.max(upper, onLattice.upper);
      continue;
    }
    // What cannot exceed the other direction's proven lower bound need not be computed.
    if (mostOf(parts) <= lower || isFree(parts, delta) || staysBelow(parts, delta, lower)) continue;
    const found = byFirst(parts, delta, methods);
    const interval = found?.interval;
    // A direction that no grid resolves, as its mass is all at one loss, but whose largest losses are below the other's bound.
    if (interval === undefined && mostOf(parts) <= upper) continue;
    if (interval === undefined) return reasonFor(parts, delta);
    // The accountant named is the one whose direction decides.
    if (interval.upper >= upper) method = found?.method ?? method;
    if (found?.method === 'loss distribution' && parts.some(({ law }) => law.lattice?.inCells === true)) inCells = true;
    lower = Math.max(lower, Math.min(interval.lower, interval.upper));
    upper = Math.max(upper, interval.upper);
  }
  return { method, interval: { lower, upper }, inCells };
}

/** The cheap ones first: what a short line or a small grid can tell is told in milliseconds. */
interface Way {
  readonly method: Used;
  readonly interval: Interval;
}

function byFirst(parts: readonly Part[], delta: number, methods: readonly ExactMethod[]): Way | undefined {
  const apart = methods.includes('closed form') ? apartEpsilon(parts, delta) : undefined;
  if (apart !== undefined) return { method: 'closed form', interval: apart };
  // The hump of those that took the record once is the narrowest.
  const clear = parts.some(({ law }) => law.humps?.every(({ variance }) => variance === 0 || variance > 2000) === true);
  // A group that is seen to be taken: as a bound the Rényi moments are good to some per cent, and grids take seconds.
  const crowded = clear && parts.some(({ law }) => (law.humps?.length ?? 0) > 2);
  for (const { points, grid } of clear ? efforts.slice(0, 1) : efforts) {
    if (methods.includes('contour') && points > 0) {
      const interval = contourEpsilon(parts, delta, points);
      if (interval !== undefined) return { method: 'contour', interval };
      if (crowded) return undefined;
      if (points < 1e7 && !nearlyFree(parts, delta)) {
        const labelled = rareLossEpsilon(parts, delta);
        if (labelled !== undefined) return { method: 'rare losses', interval: labelled };
      }
    }
    if (methods.includes('loss distribution') && !crowded) {
      const interval = lossDistributionEpsilon(parts, delta, grid);
      if (interval !== undefined) return refined(parts, delta, interval);
    }
  }
  return undefined;
}

/** Few steps and a δ near their total variation: labels would be looked for at an ε of zero, and a grid tells at once. */
function nearlyFree(parts: readonly Part[], delta: number): boolean {
  const steps = parts.reduce((sum, { count }) => sum + count, 0);
  return steps <= 64 && variationOf(parts) < 1.5 * delta;
}

/** How far apart the bounds of a grid may stay. */
const wide = 4e-4;

/** Where the grid was too coarse: a finer one, and for small ε one that need not hold large losses. */
function refined(parts: readonly Part[], delta: number, first: Interval): Way {
  const way = (interval: Interval): Way => ({ method: 'loss distribution', interval });
  if (first.upper <= first.lower * (1 + wide)) return way(first);
  const byLabels = first.upper > 0 ? rareLossEpsilon(parts, delta, first.upper) : undefined;
  if (byLabels !== undefined) return { method: 'rare losses', interval: byLabels };
  let { lower, upper } = first;
  const narrowed = (): boolean => upper <= lower * (1 + wide);
  for (const gridError of [1e-5, 1e-6]) {
    if (narrowed()) break;
    const found = lossDistributionEpsilon(parts, delta, { largestLength: 2 ** 17, gridError });
    if (found === undefined) break;
    lower = Math.max(lower, Math.min(found.lower, found.upper));
    upper = Math.min(upper, found.upper);
  }
  if (narrowed()) return way({ lower, upper });
  const found = smallLossEpsilon(parts, delta - leftOutOf(parts), upper, 2 ** 18) ?? upper;
  return way({ lower: Math.min(lower, found), upper: Math.min(upper, found) });
}

/** Points times nodes of a line, and the grid; from milliseconds to seconds. The last grid is coarser than the ones before. */
const efforts: readonly { readonly points: number; readonly grid: GridLimits }[] = [
  { points: 5e6, grid: { largestLength: 2 ** 16, gridError: 8e-5 } },
  { points: 1e8, grid: { largestLength: 2 ** 19, gridError: 8e-5 } },
  { points: 0, grid: { largestLength: 2 ** 21, gridError: 3e-4, mayBeCoarse: true } },
];

/**
 * δ at ε = 0 is the total variation: below δ there is no ε to speak of. It adds up at most, and over many steps it is at most
 * √(1 - B²), B = Π E_P[e^(-L/2)] the product of the affinities (Le Cam 1986, section 4.1).
 */
function isFree(parts: readonly Part[], delta: number): boolean {
  if (variationOf(parts) * (1 + 1e-6) < delta) return true;
  return Math.sqrt(-Math.expm1(2 * cumulants(prepare(parts), -0.5).value)) * (1 + 1e-6) < delta;
}

/** The total variations of all steps added up. */
function variationOf(parts: readonly Part[]): number {
  let variation = 0;
  for (const { law, count } of parts) {
    const { losses, logMasses } = measureOf(law);
    let one = law.infinityMass;
    for (let at = 0; at < losses.length; at += 1) {
      if (losses[at]! > 0) one -= Math.exp(logMasses[at]!) * Math.expm1(-losses[at]!);
    }
    variation += count * one;
  }
  return variation;
}

/** Whether Chernoff's bound shows that ε is not above a bound that is already proven: E_P[(1 - e^(ε - L))₊] ≤ c(t) E_P[e^(t(L - ε))]. */
function staysBelow(parts: readonly Part[], delta: number, epsilon: number): boolean {
  const left = delta - infinityMassOf(parts);
  if (!(epsilon > 0 && left > 0)) return false;
  const prepared = prepare(parts);
  for (let t = 0.3 / epsilon; t < 1e3 / epsilon; t *= 1.6) {
    const logBound = cumulants(prepared, t).value - t * epsilon + t * Math.log(t) - (1 + t) * Math.log1p(t);
    if (logBound < Math.log(left) - 1e-3) return true;
  }
  return false;
}

/** No composition loses more than all largest losses together. */
function mostOf(parts: readonly Part[]): number {
  return parts.reduce(
    (sum, { law, count }) => sum + count * (law.infinityMass > 0 ? Number.POSITIVE_INFINITY : law.supremum),
    0,
  );
}

function reasonFor(parts: readonly Part[], delta: number): string {
  const lost = -Math.expm1(parts.reduce((sum, { law, count }) => sum + count * Math.log1p(-law.infinityMass), 0));
  if (lost >= delta) return `the mechanisms fail outright with probability ${lost}, which δ does not cover`;
  const leftOut = leftOutOf(parts);
  if (leftOut >= delta) return `tails of all steps together, ${leftOut}, are left out, which δ does not cover`;
  return 'too few steps, or too coarse losses, for this method';
}
