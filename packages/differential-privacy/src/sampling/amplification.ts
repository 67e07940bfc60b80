// What a way of drawing batches costs, as a mechanism of this package: the only place that turns a plan into a price.
// Refuses the combinations for which no bound is known.

import { ParameterError } from '../errors.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import type { SamplingPlan } from './sampling-plan.ts';

/**
 * The mechanism of one charge: one step, or one epoch of disjoint batches. `perBatch` is what is done to one batch,
 * under the adjacency it names.
 */
export function priceOf(plan: SamplingPlan, perBatch: Mechanism): Mechanism {
  const mechanisms = under({ adjacency: perBatch.adjacency, unit: perBatch.unit });
  switch (plan.kind) {
    case 'full':
      return perBatch;
    case 'poisson':
      return mechanisms.poissonSampled({ inner: perBatch, samplingRate: plan.rate });
    case 'truncated-poisson':
      return mechanisms.truncatedPoissonSampled({
        noiseMultiplier: gaussianMultiplier(perBatch, plan.kind),
        samplingRate: plan.rate,
        populationSize: plan.recordCount,
        batchLimit: plan.largestBatch,
      });
    case 'fixed-size':
      return mechanisms.fixedSizeSampled({
        noiseMultiplier: gaussianMultiplier(perBatch, plan.kind),
        populationSize: plan.recordCount,
        batchSize: plan.batchSize,
      });
    case 'balls-and-bins':
      // A record falls into its bin whoever else is there: one batch differs. What the unknown bin hides beside is not
      // claimed.
      return mechanisms.shuffledBatches({ inner: perBatch, epochs: 1 });
    case 'shuffled':
      if (perBatch.adjacency === 'add-remove') {
        // One more record moves another one from its batch into the next: two batches differ, one of them by a
        // replacement.
        throw new ParameterError(
          'shuffled batches of a fixed size have no add-remove guarantee: use replace-one, zero-out or balls-and-bins',
        );
      }
      return mechanisms.shuffledBatches({ inner: perBatch, epochs: 1 });
    default:
      return plan satisfies never;
  }
}

function gaussianMultiplier(mechanism: Mechanism, how: SamplingPlan['kind']): number {
  if (mechanism.kind !== 'gaussian')
    throw new ParameterError(`${how} batches are accounted for Gaussian noise, not for ${mechanism.kind}`);
  return mechanism.noiseMultiplier;
}
