// What DSSGD lies between: a participant who learns from its own images only, and one place that has all images.

import { wasmEngine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import { train } from '@sumus/learning/training';
import type { Digits } from './digits.ts';
import { ARCHITECTURE } from './plans.ts';
import { accuracyOf } from './run.ts';

/** Accuracy in percent after so many epochs of the same SGD. */
export async function trainedAlone(
  data: Digits,
  test: Digits,
  { epochs, seed }: { readonly epochs: number; readonly seed: number },
): Promise<number> {
  const network = new Network(await wasmEngine(), ARCHITECTURE, { seed: 1, maxBatch: 64 });
  const events = train(network, data, {
    loss: { kind: 'crossEntropy' },
    optimiser: { kind: 'sgd', learningRate: 0.05 },
    epochs,
    batchSize: 10,
    seed,
  });
  for await (const event of events) {
    if (event.kind === 'end' && event.reason !== 'finished') throw new Error(event.reason);
  }
  return accuracyOf(network, network.parameters.slice(), test);
}
