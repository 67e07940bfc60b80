// The questions turned round: how much noise for this ε, how many steps are left, which sampling rate. A bracketed search on the
// tightest sound bound; what comes back was itself accounted and is on the safe side, or there is no answer and the reason why.

import type { Answer, Bound } from '../accountants/answer.ts';
import type { History } from '../accountants/history.ts';
import { requireDelta } from '../accountants/history.ts';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { ParameterError } from '../errors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';

export interface Target {
  readonly epsilon: number;
  readonly delta: number;
}

/** An argument that keeps the target, with the bound that shows it; or why none does. */
export type Inverse =
  | { readonly kind: 'found'; readonly value: number; readonly bound: Bound }
  | { readonly kind: 'none'; readonly reason: string };

type Account = (history: History, delta: number) => Answer;

function requireTarget({ epsilon, delta }: Target): void {
  requireDelta(delta);
  if (!(Number.isFinite(epsilon) && epsilon > 0))
    throw new ParameterError(`a target ε must be finite and above zero, not ${epsilon}`);
}

interface Range {
  readonly low: number;
  readonly high: number;
}

/** How far below the target an ε is near enough, relative to it; and how narrow a bracket is. */
const precision = 1e-8;

/**
 * The least noise in `range` (multiplier, deviation or scale: whatever `historyAt` takes) whose history keeps the target. More noise must
 * never cost more.
 */
export function noiseFor(
  target: Target,
  historyAt: (noise: number) => History,
  range: Range = { low: 0.01, high: 1e5 },
  account: Account = tightestEpsilon,
): Inverse {
  return leastThatKeeps(target, historyAt, range, account);
}

/** The largest sampling rate in `range` that keeps the target. */
export function samplingRateFor(
  target: Target,
  historyAt: (samplingRate: number) => History,
  range: Range = { low: 1e-9, high: 1 },
  account: Account = tightestEpsilon,
): Inverse {
  const inverted = { low: 1 / range.high, high: 1 / range.low };
  const found = leastThatKeeps(target, (y) => historyAt(Math.min(1 / y, range.high)), inverted, account);
  return found.kind === 'found' ? { ...found, value: Math.min(1 / found.value, range.high) } : found;
}

/** The least y of a range at which a history, whose ε falls with y, was seen to keep the target. */
function leastThatKeeps(target: Target, historyAt: (y: number) => History, range: Range, account: Account): Inverse {
  requireTarget(target);
  if (!(range.low > 0 && range.low <= range.high && Number.isFinite(range.high))) {
    throw new ParameterError(`a search needs 0 < low ≤ high < ∞, not ${range.low} and ${range.high}`);
  }
  let best: { readonly value: number; readonly bound: Bound } | undefined;
  /** Above zero where the target is broken. A refusal counts as broken. */
  const excess = (y: number): number => {
    const answer = account(historyAt(y), target.delta);
    if (answer.kind === 'refused' || !answer.sound) return 700;
    if (answer.epsilon <= target.epsilon && (best === undefined || y < best.value)) best = { value: y, bound: answer };
    return Math.log(Math.max(answer.epsilon, 1e-300) / target.epsilon);
  };
  const [least, most] = [Math.log(range.low), Math.log(range.high)];
  const at = (x: number): number => excess(x === least ? range.low : x === most ? range.high : Math.exp(x));
  let low = Math.min(Math.max(0, least), most);
  let atLow = at(low);
  let [high, atHigh] = [low, atLow];
  // ε falls at least like a root of y and often much faster: steps as long as a root would need, and longer ones if they were too short.
  for (let reach = 1; atLow > 0 && atHigh > 0; reach *= 2) {
    if (high === most) {
      return { kind: 'none', reason: `ε ≤ ${target.epsilon} is not reached within the range searched` };
    }
    [low, atLow] = [high, atHigh];
    high = Math.min(most, high + reach * Math.min(1.5, Math.max(0.02, atHigh)));
    atHigh = at(high);
  }
  for (let reach = 1; atLow <= 0 && low > least; reach *= 2) {
    [high, atHigh] = [low, atLow];
    low = Math.max(least, low - reach * Math.min(1.5, Math.max(0.02, -atLow)));
    atLow = at(low);
  }
  if (atLow > 0) narrow(at, { low, atLow, high, atHigh });
  return best === undefined ? { kind: 'none', reason: 'no argument kept the target' } : { kind: 'found', ...best };
}

interface Bracket {
  readonly low: number;
  readonly atLow: number;
  readonly high: number;
  readonly atHigh: number;
}

/** Calls a falling function, above zero at `low` and not at `high`, until it was seen at or just below zero. The logarithms are near straight. */
function narrow(f: (x: number) => number, bracket: Bracket): void {
  let { low, atLow, high, atHigh } = bracket;
  let side = 0;
  for (let round = 0; round < 60 && high - low > precision && atHigh < -precision; round += 1) {
    // A hair below zero, so that the last value is on the safe side.
    const [above, below] = [atLow + precision / 2, atHigh + precision / 2];
    let middle = (low * below - high * above) / (below - above);
    if (round % 4 === 3 || atLow > 100 || !(middle > low && middle < high)) middle = 0.5 * (low + high);
    if (!(middle > low && middle < high)) return;
    const value = f(middle);
    if (value > 0) {
      [low, atLow] = [middle, value];
      // An end that stays put counts half, so that the other end moves too.
      if (side === 1) atHigh = Math.min(-1.0001 * precision, 0.5 * atHigh);
      side = 1;
    } else {
      [high, atHigh] = [middle, value];
      if (side === -1) atLow *= 0.5;
      side = -1;
    }
  }
}

/**
 * The most further steps, up to `limit`, after what was spent, so that the whole keeps the target; zero when the past alone has used it
 * up and `spent` shows by how much.
 */
export function stepsWithin(
  target: Target,
  step: Mechanism,
  spent: History = [],
  limit = 10_000_000,
  account: Account = tightestEpsilon,
): Inverse {
  requireTarget(target);
  let best: { readonly value: number; readonly bound: Bound } | undefined;
  /** Above zero where the target is broken. */
  const excess = (count: number): number => {
    const history: History =
      count === 0
        ? spent
        : [...spent, { kind: 'repetition', adjacency: step.adjacency, unit: step.unit, inner: step, count }];
    const answer = account(history, target.delta);
    if (answer.kind === 'refused' || !answer.sound) return 700;
    if (answer.epsilon <= target.epsilon && (best === undefined || count > best.value))
      best = { value: count, bound: answer };
    return Math.log(Math.max(answer.epsilon, 1e-300) / target.epsilon);
  };
  let low = 1;
  let atLow = excess(low);
  if (atLow > 0) {
    if (spent.length > 0) excess(0);
    return best === undefined
      ? { kind: 'none', reason: `not one step keeps ε ≤ ${target.epsilon}` }
      : { kind: 'found', ...best };
  }
  let high = limit + 1;
  let atHigh = 700;
  let side = 0;
  for (let round = 0; high - low > 1; round += 1) {
    // ε grows like a power of the count, of one half or more: straight in the logarithms.
    const [a, b] = [Math.log(low), Math.log(high)];
    const straight =
      atHigh < 100 ? (a * atHigh - b * atLow) / (atHigh - atLow) : a + Math.min(4, Math.max(0.7, -2 * atLow));
    const wanted = round % 4 === 3 && atHigh < 100 ? 0.5 * (low + high) : Math.exp(straight);
    const middle = Math.min(high - 1, Math.max(low + 1, Math.floor(wanted)));
    const value = excess(middle);
    if (value > 0) {
      [high, atHigh] = [middle, value];
      if (side === 1) atLow *= 0.5;
      side = 1;
    } else {
      [low, atLow] = [middle, Math.min(value, -1e-300)];
      if (side === -1) atHigh = atHigh < 100 ? 0.5 * atHigh : atHigh;
      side = -1;
    }
  }
  return best === undefined ? { kind: 'none', reason: 'no count kept the target' } : { kind: 'found', ...best };
}
