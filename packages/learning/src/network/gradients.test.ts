import { describe, expect, it } from 'vitest';
import { seededFloats } from '../engine/agreement.contract.ts';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { centralDifferences, naiveLoss, naiveOutputs } from './naive-network.contract.ts';
import { Network } from './network.ts';
import { exampleOf, type Sample, samples, seededBatch, wide } from './small-networks.contract.ts';

const COUNT = 5;
// Floats against doubles through a handful of layers; gradients here are of the order of 0.1 to 1.
const TOLERANCE = 2e-5;

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

/** A network whose weights are all random: zero biases would hide mistakes. */
async function network({ model }: Sample, make: () => Engine | Promise<Engine>, maxBatch = COUNT): Promise<Network> {
  const made = new Network(await make(), model, { seed: 1, maxBatch });
  const noise = seededFloats(made.parameterCount, 77);
  made.setParameters(made.parameters.map((w, i) => w + 0.3 * noise[i]));
  return made;
}

const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => Math.max(a, Math.abs(b)), 0);

function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return largest(Array.from(a, (v, i) => (Number.isNaN(v) ? Infinity : v - b[i])));
}

describe.each(engines)('on the %s engine', (_, make) => {
  describe.each(samples)('$name', (sample) => {
    it('computes outputs, losses and gradients of the formulas in doubles', async () => {
      const net = await network(sample, make);
      const batch = seededBatch(sample, COUNT, 3);
      const weights = Float64Array.from(net.parameters);
      const examples = Array.from({ length: COUNT }, (__, i) => exampleOf(batch, i, COUNT));
      const lossOf = (w: ArrayLike<number>): number =>
        examples.reduce((sum, [x, t]) => sum + naiveLoss(sample.loss, naiveOutputs(sample.model, w, x), t), 0);

      const outputs = examples.flatMap(([x]) => naiveOutputs(sample.model, weights, x));
      expect(worst(net.predict(batch.inputs), outputs)).toBeLessThan(TOLERANCE);
      const { losses } = net.batchGradient(batch, sample.loss, { reduction: 'sum' });
      expect(Math.abs(losses.reduce((a, b) => a + b, 0) - lossOf(weights))).toBeLessThan(TOLERANCE);
      const expected = centralDifferences(lossOf, weights);
      expect(largest(expected)).toBeGreaterThan(0.01);
      expect(worst(net.gradient, expected)).toBeLessThan(TOLERANCE * Math.max(1, largest(expected)));
    });

    it('gives norms and clipped sums that a loop of single examples gives', async () => {
      const net = await network(sample, make);
      const batch = seededBatch(sample, COUNT, 4);
      const single = Array.from({ length: COUNT }, (__, i) => {
        const [m, n] = [batch.inputs.length / COUNT, batch.targets.length / COUNT];
        const one = {
          inputs: batch.inputs.slice(i * m, (i + 1) * m),
          targets: batch.targets.slice(i * n, (i + 1) * n),
        };
        net.batchGradient(one, sample.loss);
        return net.gradient.slice();
      });
      const norms = single.map((g) => Math.sqrt(g.reduce((sum, v) => sum + v * v, 0)));
      const scale = largest(norms);
      expect(worst(net.exampleNorms(batch, sample.loss), norms)).toBeLessThan(TOLERANCE * scale);
      // Between the norms, so that some examples are clipped and some are not.
      const clippingNorm = norms.toSorted((a, b) => a - b)[2] * 1.001;
      const sum = Float64Array.from(single[0], (__, j) =>
        single.reduce((total, g, i) => total + g[j] * Math.min(1, clippingNorm / norms[i]), 0),
      );
      const clipped = net.clippedSum(batch, sample.loss, { clippingNorm });
      expect(worst(net.gradient, sum)).toBeLessThan(TOLERANCE * scale);
      expect(worst(clipped.norms, norms)).toBeLessThan(TOLERANCE * scale);
      const rows = net.exampleGradients(batch, sample.loss);
      single.forEach((g, i) => {
        const row = rows.subarray(i * net.parameterCount, (i + 1) * net.parameterCount);
        expect(worst(row, g)).toBeLessThan(1e-6 * scale);
      });
    });
  });
});

describe('wide convolutions', () => {
  it('give the same outputs and gradients as the reference engine, in every grain', async () => {
    const [ours, reference] = [await network(wide, wasmEngine, 2), await network(wide, referenceEngine, 2)];
    const batch = seededBatch(wide, 2, 7);
    const outputs = reference.predict(batch.inputs);
    expect(worst(ours.predict(batch.inputs), outputs)).toBeLessThan(TOLERANCE * largest(outputs));
    ours.batchGradient(batch, wide.loss);
    reference.batchGradient(batch, wide.loss);
    const scale = largest(reference.gradient);
    expect(worst(ours.gradient, reference.gradient)).toBeLessThan(TOLERANCE * scale);
    const clipped = ours.clippedSum(batch, wide.loss, { clippingNorm: 0.1 });
    const expected = reference.clippedSum(batch, wide.loss, { clippingNorm: 0.1 });
    expect(worst(clipped.norms, expected.norms)).toBeLessThan(TOLERANCE * largest(expected.norms));
    expect(worst(ours.gradient, reference.gradient)).toBeLessThan(TOLERANCE);
  });
});

describe('pieces', () => {
  it('of a batch add up to the whole, in every grain', async () => {
    for (const sample of [samples[4], samples[9], samples[10]]) {
      const whole = await network(sample, wasmEngine);
      const cut = await network(sample, wasmEngine, 2);
      const batch = seededBatch(sample, COUNT, 5);
      expect(worst(cut.predict(batch.inputs), whole.predict(batch.inputs))).toBeLessThan(1e-6);
      whole.batchGradient(batch, sample.loss);
      cut.batchGradient(batch, sample.loss);
      expect(worst(cut.gradient, whole.gradient)).toBeLessThan(1e-6);
      const options = { clippingNorm: 0.5 };
      const norms = whole.clippedSum(batch, sample.loss, options).norms;
      expect(worst(cut.clippedSum(batch, sample.loss, options).norms, norms)).toBeLessThan(1e-6);
      expect(worst(cut.gradient, whole.gradient)).toBeLessThan(1e-6);
    }
  });
});

describe('a clipped gradient', () => {
  it('never exceeds the clipping norm by more than rounding of its own elements', async () => {
    const [sample] = samples;
    const net = await network(sample, wasmEngine);
    for (let seed = 0; seed < 200; seed++) {
      const batch = seededBatch(sample, 1, seed);
      const clippingNorm = 0.01 + 0.001 * seed;
      const { norms } = net.clippedSum(batch, sample.loss, { clippingNorm });
      const norm = Math.sqrt(net.gradient.reduce((sum, v) => sum + v * v, 0));
      expect(norm).toBeLessThanOrEqual(Math.min(norms[0], clippingNorm) * (1 + 2 ** -22));
      expect(norm).toBeGreaterThan(Math.min(norms[0], clippingNorm) * (1 - 2 ** -20));
    }
  });
});
