import { wasmEngine } from '@sumus/learning/engine';
import { type Architecture, architecture, initialWeights, type LayerSpec, sizeOf } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { describe, expect, it } from 'vitest';
import { numbers } from '../made-pictures.contract.ts';
import { engineProducts } from './products.ts';
import { TwiceDifferentiable } from './twice-differentiable.ts';

const COUNT = 3;
const networks: readonly (readonly [string, readonly number[], readonly LayerSpec[]])[] = [
  [
    'dense with sigmoid and tanh',
    [7],
    [
      { kind: 'dense', units: 6 },
      { kind: 'sigmoid' },
      { kind: 'dense', units: 5 },
      { kind: 'tanh' },
      { kind: 'dense', units: 4 },
    ],
  ],
  [
    'dense with ReLU and no bias',
    [7],
    [{ kind: 'dense', units: 9, bias: false }, { kind: 'relu' }, { kind: 'dense', units: 4 }],
  ],
  [
    'softplus, a square, a polynomial and a leak',
    [5],
    [
      { kind: 'dense', units: 6 },
      { kind: 'softplus' },
      { kind: 'square' },
      { kind: 'polynomial', coefficients: [0.1, 0.5, 0.3, -0.1] },
      { kind: 'dense', units: 4 },
      { kind: 'leakyRelu', slope: 0.2 },
    ],
  ],
  [
    'a convolution with a step, padding and average pooling',
    [8, 7, 2],
    [
      { kind: 'conv2d', filters: 3, kernel: 3, step: 2, padding: 'same' },
      { kind: 'sigmoid' },
      { kind: 'averagePool', window: 2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 4 },
    ],
  ],
  [
    'two convolutions, the largest and the mean',
    [8, 8, 1],
    [
      { kind: 'conv2d', filters: 4, kernel: 3, padding: 1 },
      { kind: 'tanh' },
      { kind: 'maxPool', window: 2 },
      { kind: 'conv2d', filters: 4, kernel: 3 },
      { kind: 'softplus' },
      { kind: 'globalAveragePool' },
    ],
  ],
];

function made(input: readonly number[], layers: readonly LayerSpec[]) {
  const model = architecture({ input, layers });
  const next = numbers(5);
  const weights = initialWeights(model, 3).map((w) => w + 0.1 * (next() - 0.5));
  const inputs = Float64Array.from({ length: COUNT * sizeOf(input) }, () => Math.fround(next()));
  return { model, weights, inputs, next };
}

const oneHot = (labels: Uint32Array, classes: number): Float64Array =>
  Float64Array.from({ length: labels.length * classes }, (_, i) =>
    labels[Math.floor(i / classes)] === i % classes ? 1 : 0,
  );

async function networkOf(model: Architecture, weights: Float32Array): Promise<Network> {
  const network = new Network(await wasmEngine(), model, { seed: 1, maxBatch: COUNT });
  network.setParameters(weights);
  return network;
}

describe.each(networks)('a twice differentiable network: %s', (_, input, layers) => {
  const { model, weights, inputs, next } = made(input, layers);

  it('has the loss and the gradient that a participant computes', async () => {
    const network = await networkOf(model, weights);
    const targets = Uint32Array.of(2, 0, 3);
    const batch = { inputs: Float32Array.from(inputs), targets };
    const { meanLoss } = network.batchGradient(batch, { kind: 'crossEntropy' });
    const twice = new TwiceDifferentiable(model, weights, COUNT);
    expect(twice.differentiate(inputs, oneHot(targets, 4))).toBeCloseTo(meanLoss, 5);
    twice.gradient.forEach((value, i) => {
      expect(value).toBeCloseTo(network.gradient[i]!, 5);
    });
  });

  it('has derivatives by inputs, and of its gradient along a direction, that central differences confirm', () => {
    const twice = new TwiceDifferentiable(model, weights, COUNT);
    const targets = Float64Array.from({ length: COUNT * 4 }, next);
    const direction = Float64Array.from(weights, () => next() - 0.5);
    const h = 1e-5;
    const inner = (): number => twice.gradient.reduce((sum, g, i) => sum + g * direction[i]!, 0);
    const differences = (values: Float64Array, of: () => number): number[] =>
      [...values.keys()].map((i) => {
        const at = (shift: number): number => {
          values[i]! += shift;
          const result = of();
          values[i]! -= shift;
          return result;
        };
        return (at(h) - at(-h)) / (2 * h);
      });
    const ofLoss = differences(inputs, () => twice.differentiate(inputs, targets));
    const evaluated = (): number => {
      twice.differentiate(inputs, targets);
      return inner();
    };
    const [ofInputs, ofTargets] = [differences(inputs, evaluated), differences(targets, evaluated)];
    twice.differentiate(inputs, targets);
    const found = twice.alongWeights(direction);
    const close = (values: Float64Array, expected: readonly number[]): void => {
      expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(1e-3);
      values.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-6 + 1e-5 * Math.abs(value));
      });
    };
    close(twice.inputGradient, ofLoss);
    close(found.inputs, ofInputs);
    close(found.targets, ofTargets);
  });
});

describe('products by the engine', () => {
  it.each(networks)(
    'give the derivatives that plain loops give, up to the rounding of floats: %s',
    async (_, input, layers) => {
      const { model, weights, next } = made(input, layers);
      const many = 9;
      const inputs = Float64Array.from({ length: many * sizeOf(input) }, next);
      const targets = Float64Array.from({ length: many * 4 }, next);
      const direction = Float64Array.from(weights, () => next() - 0.5);
      const results = [undefined, engineProducts(await wasmEngine())].map((products) => {
        const twice = new TwiceDifferentiable(model, weights, many, products);
        const loss = twice.differentiate(inputs, targets);
        const along = twice.alongWeights(direction);
        return [Float64Array.of(loss), twice.gradient, twice.inputGradient, along.inputs, along.targets];
      });
      const [plain, fast] = results;
      plain!.forEach((values, which) => {
        const size = Math.max(...values.map(Math.abs));
        values.forEach((value, i) => {
          expect(Math.abs(value - fast![which]![i]!)).toBeLessThan(1e-5 * size);
        });
      });
      // Floats, or this compares plain loops with themselves.
      expect(fast![1]).not.toEqual(plain![1]);
    },
  );
});

describe('a twice differentiable network refuses', () => {
  it.each<[string, readonly LayerSpec[], RegExp]>([
    ['dropout', [{ kind: 'dropout', rate: 0.5 }], /dropout cannot be attacked/],
    ['normalisation', [{ kind: 'layerNorm' }], /layerNorm cannot be attacked/],
  ])('%s', (_, layers, message) => {
    const model = architecture({ input: [4], layers: [...layers, { kind: 'dense', units: 2 }] });
    expect(() => new TwiceDifferentiable(model, initialWeights(model, 1), 1)).toThrow(message);
  });

  it('weights, inputs, targets and directions of another length', () => {
    const model = architecture({ input: [4], layers: [{ kind: 'dense', units: 2 }] });
    expect(() => new TwiceDifferentiable(model, new Float32Array(3), 1)).toThrow(/3 weights for 10/);
    const twice = new TwiceDifferentiable(model, new Float32Array(10), 2);
    expect(() => twice.differentiate(new Float64Array(7), new Float64Array(4))).toThrow(/2 inputs of 4/);
    expect(() => twice.differentiate(new Float64Array(8), new Float64Array(3))).toThrow(/2 times 2/);
    expect(() => twice.alongWeights(new Float64Array(9))).toThrow(/9 numbers/);
  });
});
