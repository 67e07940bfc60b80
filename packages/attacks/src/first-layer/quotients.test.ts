import { wasmEngine } from '@sumus/learning/engine';
import { architecture, type LayerSpec } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { describe, expect, it } from 'vitest';
import { gradientOf, madePictures, network, numbers, part, SIZE } from '../made-pictures.contract.ts';
import { PASSIVE_TOLERANCE, recovered, recoveryRate } from '../matching/index.ts';
import { firstLayerGradient, quotients } from './index.ts';

const UNITS = 40;
const tolerance = PASSIVE_TOLERANCE;
const pictures = madePictures(64, numbers(1));
const attacked = await network(UNITS, 64);

describe('the first layer of a gradient', () => {
  it('is the sum of δ·x over the examples, a row a neuron, as computed one example at a time', () => {
    const batch = part(pictures, 0, 3);
    const each = attacked.exampleGradients(batch, { kind: 'crossEntropy' });
    const view = firstLayerGradient(attacked, gradientOf(attacked, batch));
    expect([view.units, view.inputs]).toEqual([UNITS, SIZE]);
    for (let unit = 0; unit < UNITS; unit++) {
      // δ of an example and a neuron is its own bias gradient; biases follow the SIZE × UNITS weights.
      const delta = [0, 1, 2].map((example) => each[example * attacked.parameterCount + SIZE * UNITS + unit]!);
      expect(view.biases[unit]).toBeCloseTo((delta[0]! + delta[1]! + delta[2]!) / 3, 6);
      for (let i = 0; i < SIZE; i++) {
        const naive = delta.reduce((sum, d, example) => sum + (d * batch.inputs[example * SIZE + i]!) / 3, 0);
        expect(view.weights[unit * SIZE + i]).toBeCloseTo(naive, 6);
      }
    }
  });

  it('is not read from a vector of another length, or a network that does not begin with a dense layer and its biases', async () => {
    expect(() => firstLayerGradient(attacked, new Float32Array(3))).toThrow(/3 numbers are no gradient/);
    const engine = await wasmEngine();
    const beginning = (layers: readonly LayerSpec[], input: readonly number[]): Network =>
      new Network(engine, architecture({ input, layers }), { seed: 1, maxBatch: 1 });
    const unbiased = beginning([{ kind: 'dense', units: 3, bias: false }, { kind: 'relu' }], [4]);
    const convolution = beginning([{ kind: 'conv2d', filters: 2, kernel: 2 }], [4, 4, 1]);
    for (const one of [unbiased, convolution]) {
      expect(() => firstLayerGradient(one, one.gradient)).toThrow(/not a dense layer's with biases/);
    }
  });
});

describe('quotients', () => {
  it('give back the only example of a batch from every neuron that fired, to a millionth', () => {
    for (let example = 0; example < 64; example++) {
      const batch = part(pictures, example, 1);
      const candidates = quotients(firstLayerGradient(attacked, gradientOf(attacked, batch)));
      expect(candidates.count).toBeGreaterThan(0);
      const errors = candidates.values.map((value, i) => Math.abs(value - batch.inputs[i % SIZE]!));
      expect(Math.max(...errors)).toBeLessThan(1e-6);
    }
  });

  it('give back of a batch just those examples that fire some neuron alone', () => {
    let [alone, all] = [0, 0];
    for (let first = 0; first < 64; first += 4) {
      const batch = part(pictures, first, 4);
      const each = attacked.exampleGradients(batch, { kind: 'crossEntropy' });
      const fires = (example: number, unit: number): boolean =>
        each[example * attacked.parameterCount + SIZE * UNITS + unit] !== 0;
      const expected = [0, 1, 2, 3].map((example) =>
        Array.from({ length: UNITS }, (_, unit) => unit).some(
          (unit) => fires(example, unit) && [0, 1, 2, 3].every((other) => other === example || !fires(other, unit)),
        ),
      );
      const found = recovered(batch.inputs, quotients(firstLayerGradient(attacked, gradientOf(attacked, batch))), {
        tolerance,
      });
      expect([...found].map((source) => source >= 0)).toEqual(expected);
      alone += expected.filter(Boolean).length;
      all += 4;
    }
    // Neither none nor all, or the comparison above says nothing.
    expect(alone).toBeGreaterThan(0);
    expect(alone).toBeLessThan(all);
  });

  it('find less the more examples are summed', () => {
    const rates = [1, 4, 64].map((size) => {
      const batch = part(pictures, 0, size);
      return recoveryRate(
        recovered(batch.inputs, quotients(firstLayerGradient(attacked, gradientOf(attacked, batch))), { tolerance }),
      );
    });
    expect(rates[0]).toBe(1);
    expect(rates[1]).toBeLessThan(1);
    expect(rates[2]).toBeLessThan(0.1);
  });

  it('find nothing once biases belong to other neurons, or every number has noise: the attack is in the quotients', () => {
    const batch = part(pictures, 0, 1);
    const view = firstLayerGradient(attacked, gradientOf(attacked, batch));
    const next = numbers(3);
    const size = Math.max(...view.weights.map(Math.abs));
    const noisy = {
      ...view,
      weights: view.weights.map((value) => value + size * (next() - 0.5)),
      biases: view.biases.map((value) => value + size * (next() - 0.5)),
    };
    const shifted = { ...view, biases: view.biases.map((_, unit) => view.biases[(unit + 1) % UNITS]!) };
    const found = [view, noisy, shifted].map((one) => recovered(batch.inputs, quotients(one), { tolerance })[0]! >= 0);
    expect(found).toEqual([true, false, false]);
  });

  it('take no candidate from a neuron that nothing fired', () => {
    const weights = Float64Array.of(1, 2, 0, 0);
    const candidates = quotients({ units: 2, inputs: 2, weights, biases: Float64Array.of(0.5, 0) });
    expect(candidates).toEqual({ count: 1, size: 2, values: Float64Array.of(2, 4), sources: Uint32Array.of(0) });
  });
});
