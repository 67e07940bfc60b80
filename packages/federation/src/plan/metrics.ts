// Metrics of a plan as whole numbers that are summed beside the vector, under the same protection, by everybody or by nobody: a contribution
// that stands for fewer units than one of the metrics needs is not made at all, so no sum ever has one participant's metric in it alone.
//
//   loss, accuracy   steps of the resolution, to the nearest; their mean over contributors is published
//   examples         steps of the resolution, to the nearest; their sum is published
//
// Where every turn is released a sum is one participant's, and no metric is in it. Nor is one where statistics are summed: nothing was trained.

import type { Counter } from '@sumus/secure-sum/encoding';
import type { Metric, Plan } from './plan.ts';

/** What a metric is cut at: a loss beyond this says that training has failed, and no more. */
const MOST: Readonly<Record<Metric['name'], number>> = { loss: 100, accuracy: 1, examples: 2 ** 31 };

/** The metrics that a sum of this plan has in it. */
export function metricsInSum({ metrics, exchange }: Pick<Plan, 'metrics' | 'exchange'>): readonly Metric[] {
  const isOfOne = 'release' in exchange && exchange.release.after === 'turn';
  return isOfOne || exchange.schedule === 'one-round' ? [] : metrics;
}

/** Units that a contribution needs for the metrics it has to have: 1 where there are none. */
export const unitsForMetrics = (plan: Pick<Plan, 'metrics' | 'exchange'>): number =>
  Math.max(1, ...metricsInSum(plan).map(({ minimumUnits }) => minimumUnits));

/** Named after the metrics. */
export const metricCounters = (plan: Pick<Plan, 'metrics' | 'exchange'>): readonly Counter[] =>
  metricsInSum(plan).map((metric) => ({ name: metric.name, maximum: mostSteps(metric) }));

export const mostSteps = ({ name, resolution }: Metric): number => Math.max(1, Math.ceil(MOST[name] / resolution));
