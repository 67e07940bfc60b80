// Metrics of a plan as whole numbers that are summed beside the vector, under the same protection, by everybody or by nobody: a contribution
// that stands for fewer units than one of the metrics needs is not made at all, so no sum ever has one participant's metric in it alone.
//
//   loss, accuracy   steps of the resolution, mean over contributors
//   examples         steps of the resolution, sum over contributors
//
// Where every turn is released a sum is one participant's, and no metric is in it.

import type { Metric, Plan } from '../plan/plan.ts';

export interface PublishedMetric {
  readonly name: Metric['name'];
  /** A mean over contributors, or (examples) their sum; each contribution was rounded to the resolution. */
  readonly value: number;
  readonly contributors: number;
}

/** The metrics that a sum of this plan has. */
export declare function metricsInSum(plan: Plan): readonly Metric[];
