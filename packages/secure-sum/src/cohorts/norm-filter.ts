// The coarsest filter for poisoned cohorts: the mean of a cohort whose norm is far above that of the others is left out. It finds
// large poisons, such as a member that ignores its clip; a poison of ordinary norm passes.

import { ParameterError } from '../errors.ts';
import { type CohortMean, requireAlike } from './combine.ts';

export interface FilteredCohorts {
  readonly kept: readonly CohortMean[];
  /** Their places in the list that was filtered: whose cohorts to look at. */
  readonly rejected: readonly number[];
}

/** Leaves out what is longer than `factor` times the median norm; fewer than half are ever left out. */
export function withinNorm(cohorts: readonly CohortMean[], factor: number): FilteredCohorts {
  requireAlike(cohorts);
  if (!(factor >= 1)) throw new ParameterError(`the factor of a norm filter is ${factor}, not at least 1`);
  const norms = cohorts.map(({ mean }) => Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0)));
  // The upper median where there are two: the filter errs towards keeping.
  const median = [...norms].sort((a, b) => a - b)[cohorts.length >> 1];
  const rejected = norms.flatMap((norm, at) => (norm > factor * median ? [at] : []));
  const out = new Set(rejected);
  return { kept: cohorts.filter((_, at) => !out.has(at)), rejected };
}
