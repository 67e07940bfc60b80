import { wasmEngine } from '@sumus/learning/engine';
import { zoo } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { Optimiser } from '@sumus/learning/optimisers';
import { type Competitor, LEARNING_RATE, type Work } from './work.ts';

/** A step on the plain batch gradient, or on the sum of clipped gradients divided by the batch. */
export async function ours(work: Work, grain: 'plain' | 'clipped'): Promise<Competitor> {
  const network = new Network(await wasmEngine(), zoo(work.name), { seed: 1, maxBatch: work.batch });
  const optimiser = new Optimiser(network, { kind: 'sgd', learningRate: LEARNING_RATE });
  const batch = { inputs: work.inputs, targets: work.labels };
  const loss = { kind: 'crossEntropy' } as const;
  const { engine, gradientAt, parameterCount } = network;
  return {
    name: `Sumus, ${grain} gradient`,
    step() {
      if (grain === 'plain') network.batchGradient(batch, loss);
      else {
        network.clippedSum(batch, loss, { clippingNorm: 1 });
        engine.vectors.scale(gradientAt, gradientAt, 1 / work.batch, parameterCount);
      }
      if (optimiser.step().kind !== 'done') throw new Error('the gradient was not finite');
    },
    loss: () => network.losses(batch, loss).meanLoss,
  };
}
