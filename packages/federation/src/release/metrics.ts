// What is published of a plan's metrics: read from the counters of opened sums (plan/metrics.ts says how they are counted, and that all or
// none of a sum's contributors count). Nothing is published of fewer contributors than the plan's floor.

import { metricsInSum } from '../plan/metrics.ts';
import type { Metric, Plan } from '../plan/plan.ts';
import { contributionsInSum } from '../plan/sums.ts';

export interface PublishedMetric {
  readonly name: Metric['name'];
  /** A mean over contributors, or (examples) their sum; each contribution was rounded to the resolution. */
  readonly value: number;
  readonly contributors: number;
  /** People or rows, as the plan counts: each contribution has at least the metric's floor of them. */
  readonly unitsAtLeast: number;
}

/** Σ steps of every metric, by name, and how many contributed. */
export interface CountedSum {
  readonly counts: Readonly<Record<string, number>>;
  readonly contributors: number;
}

export function publishedMetrics(plan: Plan, sums: readonly CountedSum[]): readonly PublishedMetric[] {
  const contributors = sums.reduce((all, sum) => all + sum.contributors, 0);
  if (contributors < Math.max(plan.contributors.minimum, contributionsInSum(plan).fewest)) return [];
  return metricsInSum(plan).map(({ name, resolution, minimumUnits }) => {
    const steps = sums.reduce((all, { counts }) => all + (counts[name] ?? Number.NaN), 0);
    const value = resolution * (name === 'examples' ? steps : steps / contributors);
    return { name, value, contributors, unitsAtLeast: contributors * minimumUnits };
  });
}
