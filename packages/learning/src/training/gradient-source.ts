// Where a step's gradients come from: this thread, or workers. A batch is cut into micro-batches, each gives a summed gradient, and these are
// added in the order of the micro-batches whoever computed them, so the weights have the same bits for any number of workers.

import type { LossSpec } from '../losses/loss.ts';
import type { Batch, Network } from '../network/network.ts';

export interface MicroBatch {
  readonly batch: Batch;
  /** Makes dropout drop; without it nothing is dropped. */
  readonly dropoutSeed?: number;
}

/** What a micro-batch gave. `gradient` is valid during the call that hands it over. */
export interface MicroGradient {
  readonly gradient: Float32Array;
  readonly losses: Float32Array;
}

export interface GradientSource {
  /** Calls `take` once for every micro-batch, in their order. */
  gradients(
    weights: Float32Array,
    microBatches: readonly MicroBatch[],
    take: (result: MicroGradient) => void,
  ): Promise<void>;
}

/** Computes on the thread that asks, in the network itself, whose weights are used as they are. */
export function localGradients(network: Network, loss: LossSpec): GradientSource {
  return {
    async gradients(_weights, microBatches, take): Promise<void> {
      for (const { batch, dropoutSeed } of microBatches) {
        const options = dropoutSeed === undefined ? {} : { dropoutSeed };
        const { losses } = network.batchGradient(batch, loss, { ...options, reduction: 'sum' });
        take({ gradient: network.gradient, losses });
      }
    },
  };
}
