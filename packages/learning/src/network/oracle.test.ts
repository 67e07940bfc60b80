// Our gradients against automatic differentiation by @jax-js/jax, for every layer and loss.

import { defaultDevice, init } from '@jax-js/jax';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededFloats } from '../engine/agreement.contract.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { zoo } from '../model/zoo.ts';
import { Network } from './network.ts';
import { oracleGradient } from './oracle-network.contract.ts';
import { type Sample, samples, seededBatch, wide } from './small-networks.contract.ts';

const COUNT = 4;

beforeAll(async () => {
  await init('wasm');
  defaultDevice('wasm');
});

async function compare(sample: Sample, tolerance: number): Promise<void> {
  const net = new Network(await wasmEngine(), sample.model, { seed: 2, maxBatch: COUNT });
  const noise = seededFloats(net.parameterCount, 78);
  net.setParameters(net.parameters.map((w, i) => w + 0.1 * noise[i]));
  const batch = seededBatch(sample, COUNT, 6);
  const { losses } = net.batchGradient(batch, sample.loss, { reduction: 'sum' });
  const targets = Float32Array.from(batch.targets);
  const oracle = oracleGradient(
    sample.model,
    sample.loss,
    net.parameters.slice(),
    new Float32Array(batch.inputs),
    targets,
  );
  const sum = losses.reduce((a, b) => a + b, 0);
  expect(Math.abs(sum - oracle.loss)).toBeLessThan(tolerance * Math.max(1, Math.abs(oracle.loss)));
  const scale = oracle.gradient.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(scale).toBeGreaterThan(0.01);
  const worst = net.gradient.reduce((a, g, i) => Math.max(a, Math.abs(g - oracle.gradient[i])), 0);
  expect(worst).toBeLessThan(tolerance * Math.max(1, scale));
}

describe('losses and gradients of the oracle', () => {
  // Floats against floats: each is right to about 1e-6 of the largest.
  it.each(samples)('$name', (sample) => compare(sample, 1e-5));

  it('wide convolutions', () => compare(wide, 2e-5));

  it.each(['phong-mlp', 'shokri-mnist-cnn'])('%s', (name) =>
    compare({ name, model: zoo(name), loss: { kind: 'crossEntropy' } }, 2e-5),
  );
});
