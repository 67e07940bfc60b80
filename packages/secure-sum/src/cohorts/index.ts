// The door `@sumus/secure-sum/cohorts`: many sums of some hundred members each, and what becomes of their means. Public.
export { type CohortRule, type Cohorts, drawCohorts } from './assignment.ts';
export { type CohortMean, type Combination, combine } from './combine.ts';
export { type FilteredCohorts, withinNorm } from './norm-filter.ts';
export { requireTurnover, type Turnover, turnoverOf } from './turnover.ts';
