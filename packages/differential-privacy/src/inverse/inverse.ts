// The questions turned round: how much noise for this ε, how many steps are left, which sampling rate. A bracketed search on the
// tightest sound bound; what comes back was itself accounted and is on the safe side, or there is no answer and the reason why.

import type { Answer, Bound } from '../accountants/answer.ts';
import type { History } from '../accountants/history.ts';
import { requireDelta } from '../accountants/history.ts';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { ParameterError } from '../errors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { upperCrossing } from '../numerics/search.ts';

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

/** Relative width of the last bracket. */
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
  let low = Math.min(Math.max(1, range.low), range.high);
  let high = low;
  if (excess(low) > 0) {
    for (let factor = 2; ; factor *= 2) {
      if (high === range.high) {
        return { kind: 'none', reason: `ε ≤ ${target.epsilon} is not reached within the range searched` };
      }
      low = high;
      high = Math.min(range.high, high * factor);
      if (excess(high) <= 0) break;
    }
  } else {
    for (let factor = 2; low > range.low; factor *= 2) {
      high = low;
      low = Math.max(range.low, low / factor);
      if (excess(low) > 0) break;
    }
  }
  // ε grows like a power of 1/y or faster: its logarithm is close to straight in y over a small bracket, and the search is short.
  upperCrossing(excess, { low, high }, precision);
  return best === undefined ? { kind: 'none', reason: 'no argument kept the target' } : { kind: 'found', ...best };
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
  const keeps = (count: number): boolean => {
    const history: History =
      count === 0
        ? spent
        : [...spent, { kind: 'repetition', adjacency: step.adjacency, unit: step.unit, inner: step, count }];
    const answer = account(history, target.delta);
    if (answer.kind === 'refused' || !answer.sound || answer.epsilon > target.epsilon) return false;
    if (best === undefined || count > best.value) best = { value: count, bound: answer };
    return true;
  };
  if (!keeps(1)) {
    if (spent.length > 0) keeps(0);
    return best === undefined
      ? { kind: 'none', reason: `not one step keeps ε ≤ ${target.epsilon}` }
      : { kind: 'found', ...best };
  }
  let low = 1;
  let high = 2;
  while (high < limit && keeps(high)) {
    low = high;
    high *= 4;
  }
  high = Math.min(high, limit + 1);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (keeps(middle)) low = middle;
    else high = middle;
  }
  return best === undefined ? { kind: 'none', reason: 'no count kept the target' } : { kind: 'found', ...best };
}
