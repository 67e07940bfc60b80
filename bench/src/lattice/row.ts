// A part of the lattice bench: some rows of the table, measured together because they share their set-up.

import { once, type Plan, type Timing, timesFaster } from '../measure.ts';
import type { BenchOptions, Outcome, Result } from '../report.ts';

export interface Findings {
  readonly results: readonly Result[];
  /** By the target's name. */
  readonly outcomes: readonly (readonly [string, Outcome])[];
}

export type Rows = (options: BenchOptions) => Promise<Findings>;

export const planFor = (options: BenchOptions, plan: Plan): Plan => (options.smoke ? once : plan);

/** One line per contestant. */
export function timingResult(timing: Timing, more: Omit<Result, 'name'> = {}): Result {
  return {
    name: timing.name,
    cpuMsMinimum: timing.cpuMs.minimum,
    cpuMsMedian: timing.cpuMs.median,
    wallMsMinimum: timing.wallMs.minimum,
    wallMsMedian: timing.wallMs.median,
    unitsPerSample: timing.unitsPerSample,
    ...more,
  };
}

/** How many times less processor time the first needs: ratio of the minima, the median of the rounds' ratios beside it. */
export function compared(ours: Timing, theirs: Timing): Result & { readonly ratio: number } {
  const { ofMinima, ofRounds } = timesFaster(ours, theirs);
  return { name: `${theirs.name} / ${ours.name}`, ratio: ofMinima, ratioMedianOfRounds: ofRounds };
}

/** How far any number lies from what it should be. */
export function largestError(numbers: ArrayLike<number>, expected: (i: number) => number | undefined): number {
  let largest = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    largest = Math.max(largest, Math.abs((numbers[i] ?? Number.NaN) - (expected(i) ?? Number.NaN)));
  }
  return largest;
}
