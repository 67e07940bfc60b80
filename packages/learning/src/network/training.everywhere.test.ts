// The same seed gives the same bits in every runtime: weights after training, predictions, clipped sums. The hashes are known answers;
// they change only when a kernel's order of operations does, and then everywhere together.

import { describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { zoo } from '../model/zoo.ts';
import { Optimiser, type OptimiserSpec } from '../optimisers/optimiser.ts';
import { seededGenerator } from '../random/generator.ts';
import { Network } from './network.ts';
import { samples, seededBatch } from './small-networks.contract.ts';

/** FNV-1a over the bytes: enough to tell bits apart. */
function digest(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

async function train(name: string, count: number, steps: number, spec: OptimiserSpec): Promise<string> {
  const net = new Network(await wasmEngine(), zoo(name), { seed: 42, maxBatch: count });
  const optimiser = new Optimiser(net, spec);
  const generator = seededGenerator(7);
  for (let step = 0; step < steps; step++) {
    const inputs = Float32Array.from({ length: count * net.inputSize }, () => generator.float());
    const targets = Uint32Array.from({ length: count }, () => generator.below(10));
    if (step % 2 === 0) net.batchGradient({ inputs, targets }, { kind: 'crossEntropy' });
    else net.clippedSum({ inputs, targets }, { kind: 'crossEntropy' }, { clippingNorm: 0.5 });
    expect(optimiser.step().kind).toBe('done');
  }
  return digest(net.parameters);
}

describe('weights after training', () => {
  const sgd: OptimiserSpec = { kind: 'sgd', learningRate: 0.05, momentum: 0.9, nesterov: true };
  it.each([
    ['phong-mlp', 16, 10, sgd, '2d1d11a9'],
    ['lenet', 4, 2, sgd, '775f4a54'],
    ['shokri-mnist-cnn', 4, 2, { kind: 'adamW', learningRate: 0.001 } as const, 'fefa77b5'],
    ['resnet8-groupnorm', 2, 2, sgd, '9db69dfc'],
  ])('of %s have their known bits', async (name, count, steps, spec, expected) => {
    expect(await train(name, count, steps, spec)).toBe(expected);
  });

  it('of every layer have their known bits', async () => {
    const digests: string[] = [];
    for (const sample of samples) {
      const net = new Network(await wasmEngine(), sample.model, { seed: 3, maxBatch: 3 });
      const batch = seededBatch(sample, 3, 8);
      const optimiser = new Optimiser(net, { kind: 'sgd', learningRate: 0.1 });
      for (let step = 0; step < 3; step++) {
        net.clippedSum(batch, sample.loss, { clippingNorm: 1 });
        optimiser.step();
      }
      digests.push(digest(net.parameters));
    }
    expect(digests).toEqual([
      'db9e5e46',
      'b36c4587',
      'd28649a8',
      '80e29755',
      '7f9461a3',
      'c18ac7c7',
      'ee894711',
      'f073deeb',
      'cfb115c0',
      '1d55ca92',
      'a8505540',
      '45c0048b',
      '5ec625c5',
      'd2ddfbfb',
      'ed620008',
      '01686098',
      'f108d51e',
      '42a4729c',
      'fff202a2',
      'cd63661a',
      '2d972579',
    ]);
  });
});
