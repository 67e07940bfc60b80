// A participant's metrics as the whole steps that its contribution counts. Of the batches that it trained on, as they came.

import { ParameterError } from '../errors.ts';
import { metricsInSum, mostSteps } from '../plan/metrics.ts';
import type { Metric, Plan } from '../plan/plan.ts';
import type { LocalUpdate } from '../training/local-training.ts';

/** One number a metric, by name. Refuses a metric that is not there or not finite: a zero would be a lie. */
export function metricSteps(
  plan: Pick<Plan, 'metrics' | 'exchange'>,
  work: Pick<LocalUpdate, 'meanLoss' | 'accuracy' | 'examples'>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(metricsInSum(plan).map((metric) => [metric.name, stepsOf(metric, measured(metric, work))]));
}

function measured(
  { name }: Metric,
  { meanLoss, accuracy, examples }: Pick<LocalUpdate, 'meanLoss' | 'accuracy' | 'examples'>,
): number {
  switch (name) {
    case 'loss':
      return meanLoss;
    case 'accuracy':
      return accuracy ?? Number.NaN;
    case 'examples':
      return examples;
    default:
      return name satisfies never;
  }
}

/** To the nearest step; what is beyond the most is the most. */
function stepsOf(metric: Metric, value: number): number {
  if (!Number.isFinite(value) || value < 0)
    throw new ParameterError(`the ${metric.name} is not a finite number of at least 0`);
  return Math.min(mostSteps(metric), Math.round(value / metric.resolution));
}
