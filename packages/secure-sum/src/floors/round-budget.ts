// How many rounds a participant enters in any 24 hours: each opens a sum, and sums that differ by one member are what differencing
// attacks are made of. Time is handed in; a clock that runs backwards gives nothing back.

import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Floors } from './floors.ts';

const DAY_MS = 86_400_000;

/** When the rounds of the last day were entered, ascending. Plain data, to be stored with the high-water mark. */
export interface RoundBudget {
  readonly enteredAtMs: readonly number[];
}

export const NO_ROUNDS: RoundBudget = Object.freeze({ enteredAtMs: [] });

/** The budget after one more round at this time, or E_FLOOR. */
export function spendRound(floors: Floors, { enteredAtMs }: RoundBudget, nowMs: number): RoundBudget {
  if (!Number.isSafeInteger(nowMs) || nowMs < 0) throw new ParameterError(`${nowMs} is no time in milliseconds`);
  const now = Math.max(nowMs, enteredAtMs.at(-1) ?? 0);
  const recent = enteredAtMs.filter((at) => at > now - DAY_MS);
  if (recent.length >= floors.maximumRoundsPerDay) {
    throw new ProtocolViolation(
      'E_FLOOR',
      `${recent.length} rounds in the last day, ${floors.maximumRoundsPerDay} are allowed`,
    );
  }
  return Object.freeze({ enteredAtMs: [...recent, now] });
}
