// The two servers, as they meet one aggregated gradient: the one that follows the protocol, with weights from an honest seed, and the one
// that hands out an imprinting first layer. Both attack a network 784-k-64-10 with ReLU.

import { firstLayerGradient, quotients } from '@sumus/attacks/first-layer';
import { brightness, imprint, isolated, thresholds } from '@sumus/attacks/imprint';
import { ACTIVE_TOLERANCE, PASSIVE_TOLERANCE, recovered } from '@sumus/attacks/matching';
import { wasmEngine } from '@sumus/learning/engine';
import { architecture, initialWeights } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { PIXELS, type Pictures } from './pictures.ts';

export interface Attack {
  /** The gradient of the batch's mean loss at weights that the server handed out. */
  gradientOf(batch: Pictures, seed: number): Float32Array;
  /** The sum of the batch's gradients at the same weights, each clipped to norm 1. */
  clippedSumOf(batch: Pictures, seed: number): Float32Array;
  /** How many of the batch's pictures the server finds in a gradient. */
  found(batch: Pictures, gradient: Float32Array): number;
}

const mlp = (units: number): ReturnType<typeof architecture> =>
  architecture({
    input: [PIXELS],
    layers: [
      { kind: 'dense', units },
      { kind: 'relu' },
      { kind: 'dense', units: 64 },
      { kind: 'relu' },
      { kind: 'dense', units: 10 },
    ],
  });

const count = (found: Int32Array): number => found.reduce((sum, source) => sum + (source < 0 ? 0 : 1), 0);

export async function passiveServer(maxBatch: number): Promise<Attack> {
  const model = mlp(128);
  const network = new Network(await wasmEngine(), model, { seed: 0, maxBatch });
  return {
    ...gradients(network, (seed) => network.setParameters(initialWeights(model, seed))),
    found: (batch, gradient) =>
      count(
        recovered(batch.inputs, quotients(firstLayerGradient(network, gradient)), { tolerance: PASSIVE_TOLERANCE }),
      ),
  };
}

/** The thresholds come from pictures the server knows, never from those it attacks. */
export async function imprintingServer(known: Pictures, k: number, maxBatch: number): Promise<Attack> {
  const model = mlp(k);
  const network = new Network(await wasmEngine(), model, { seed: 0, maxBatch });
  const cutoffs = thresholds(brightness(known.inputs, PIXELS), k);
  return {
    ...gradients(network, (seed) => {
      network.setParameters(initialWeights(model, seed));
      imprint(network, cutoffs);
    }),
    found: (batch, gradient) =>
      count(recovered(batch.inputs, isolated(firstLayerGradient(network, gradient)), { tolerance: ACTIVE_TOLERANCE })),
  };
}

/** What participants compute at the weights they are handed; `handOut` is called when the seed is another one. */
function gradients(network: Network, handOut: (seed: number) => void): Pick<Attack, 'gradientOf' | 'clippedSumOf'> {
  let current = -1;
  const at = (seed: number): void => {
    if (seed !== current) handOut(seed);
    current = seed;
  };
  return {
    gradientOf(batch, seed) {
      at(seed);
      network.batchGradient(batch, { kind: 'crossEntropy' });
      return network.gradient.slice();
    },
    clippedSumOf(batch, seed) {
      at(seed);
      network.clippedSum(batch, { kind: 'crossEntropy' }, { clippingNorm: 1 });
      return network.gradient.slice();
    },
  };
}
