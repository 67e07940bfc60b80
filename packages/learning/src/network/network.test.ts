import { describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { architecture } from '../model/architecture.ts';
import { zoo } from '../model/zoo.ts';
import { Optimiser } from '../optimisers/optimiser.ts';
import { Network } from './network.ts';

const small = architecture({
  input: [3],
  layers: [{ kind: 'dense', units: 4 }, { kind: 'relu' }, { kind: 'dense', units: 2 }],
});
const make = async (maxBatch = 4): Promise<Network> => new Network(await wasmEngine(), small, { seed: 1, maxBatch });
const loss = { kind: 'crossEntropy' } as const;

describe('a network refuses, and keeps its weights and its last gradient,', () => {
  const inputs = Float32Array.of(1, 2, 3, 4, 5, 6);
  const targets = Uint32Array.of(0, 1);
  const bad: readonly [string, Float32Array, Uint32Array | Float32Array, RegExp][] = [
    ['a batch without examples', new Float32Array(0), new Uint32Array(0), /at least one example/],
    ['half an example', inputs.subarray(1), targets, /whole examples of 3/],
    ['too few labels', inputs, targets.subarray(1), /1 labels/],
    ['a label out of range', inputs, Uint32Array.of(0, 2), /label 2 of example 1.*2 classes/],
    ['labels that are floats', inputs, Float32Array.of(0, 1), /Uint32Array/],
    ['NaN', Float32Array.of(1, 2, 3, 4, Number.NaN, 6), targets, /input 1 of example 1 is NaN/],
    [
      'infinity',
      Float32Array.of(Number.NEGATIVE_INFINITY, 2, 3, 4, 5, 6),
      targets,
      /input 0 of example 0 is -Infinity/,
    ],
  ];
  it.each(bad)('%s', async (_, x, t, message) => {
    const net = await make();
    net.batchGradient({ inputs, targets }, loss);
    const [weights] = [net.parameters.slice()];
    for (const call of [
      () => net.batchGradient({ inputs: x, targets: t }, loss),
      () => net.clippedSum({ inputs: x, targets: t }, loss, { clippingNorm: 1 }),
      () => net.exampleNorms({ inputs: x, targets: t }, loss),
      () => net.exampleGradients({ inputs: x, targets: t }, loss),
    ]) {
      expect(call).toThrow(ParameterError);
      expect(call).toThrow(message);
    }
    expect(net.parameters).toEqual(weights);
  });

  it('targets that a loss cannot take', async () => {
    const net = await make();
    const row = Float32Array.of(0.5, 2);
    const x = inputs.subarray(0, 3);
    expect(() => net.losses({ inputs: x, targets: row }, { kind: 'binaryCrossEntropy' })).toThrow(/target 1 is 2/);
    expect(() => net.losses({ inputs: x, targets: Float32Array.of(0, Number.NaN) }, { kind: 'squaredError' })).toThrow(
      /target 1 is NaN/,
    );
    expect(() => net.losses({ inputs: x, targets: row }, { kind: 'huber', delta: 0 })).toThrow(/delta/);
    expect(() => net.losses({ inputs: x, targets: targets }, { kind: 'squaredError' })).toThrow(/Float32Array/);
  });

  it('weights that do not fit or are not finite', async () => {
    const net = await make();
    const weights = net.parameters.slice();
    expect(() => net.setParameters(weights.subarray(1))).toThrow(/25 weights for 26/);
    const spoilt = weights.slice();
    spoilt[7] = Number.POSITIVE_INFINITY;
    expect(() => net.setParameters(spoilt)).toThrow(/weight 7 is Infinity/);
    expect(net.parameters).toEqual(weights);
  });

  it('tokens out of range', async () => {
    const model = architecture({
      input: [2],
      layers: [{ kind: 'embedding', vocabulary: 3, width: 2 }, { kind: 'flatten' }, { kind: 'dense', units: 2 }],
    });
    const net = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 2 });
    for (const token of [3, -1, 0.5]) expect(() => net.predict(Float32Array.of(0, token))).toThrow(/not below 3/);
    expect(net.predict(Float32Array.of(0, 2))).toHaveLength(2);
  });

  it('clipping norms that are not positive', async () => {
    const net = await make();
    for (const clippingNorm of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => net.clippedSum({ inputs, targets }, loss, { clippingNorm })).toThrow(/clipping norm/);
    }
  });
});

describe('the flat vector', () => {
  it('is cut into named slices without gaps', async () => {
    const net = new Network(await wasmEngine(), zoo('lenet'), { seed: 1, maxBatch: 1 });
    let end = 0;
    for (const { offset, length, shape } of net.slices) {
      expect(offset).toBe(end);
      expect(length).toBe(shape.reduce((a, b) => a * b, 1));
      end += length;
    }
    expect(end).toBe(net.parameterCount);
    expect(net.slices[0]).toEqual({ name: '0.conv2d.weight', shape: [5, 5, 1, 32], offset: 0, length: 800 });
  });

  it('is the weights themselves: writing to it changes what the network computes', async () => {
    const net = await make();
    net.parameters.fill(0);
    net.parameters[net.parameterCount - 1] = 3;
    expect(Array.from(net.predict(Float32Array.of(1, 2, 3)))).toEqual([0, 3]);
  });

  it('survives another network in the same engine, which moves the memory', async () => {
    const engine = await wasmEngine();
    const net = new Network(engine, small, { seed: 1, maxBatch: 2 });
    const outputs = net.predict(Float32Array.of(1, 2, 3));
    new Network(engine, zoo('lenet'), { seed: 2, maxBatch: 8 });
    expect(net.predict(Float32Array.of(1, 2, 3))).toEqual(outputs);
  });
});

describe('dropout', () => {
  const model = architecture({
    input: [8],
    layers: [
      { kind: 'dense', units: 50 },
      { kind: 'dropout', rate: 0.5 },
      { kind: 'dense', units: 2 },
    ],
  });
  it('drops nothing in prediction, the same for the same seed, other things for another', async () => {
    const net = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 4 });
    const batch = { inputs: new Float32Array(16).fill(0.5), targets: Uint32Array.of(0, 1) };
    const lossWith = (dropoutSeed?: number): string =>
      net.batchGradient(batch, loss, dropoutSeed === undefined ? {} : { dropoutSeed }).losses.join();
    expect(lossWith()).toBe(lossWith());
    expect(lossWith(1)).toBe(lossWith(1));
    expect(new Set([lossWith(), lossWith(1), lossWith(2)]).size).toBe(3);
    // The gradient of a dropped unit's weights is zero: about half of them.
    net.batchGradient({ inputs: batch.inputs.subarray(0, 8), targets: batch.targets.subarray(0, 1) }, loss, {
      dropoutSeed: 3,
    });
    const gradient = net.gradient;
    const column = (unit: number): number[] => Array.from({ length: 8 }, (_, i) => gradient[i * 50 + unit]);
    const dropped = Array.from({ length: 50 }, (_, unit) => column(unit).every((g) => g === 0)).filter(Boolean).length;
    expect(dropped).toBeGreaterThan(8);
    expect(dropped).toBeLessThan(42);
  });

  it('gives clipped sums with the elements that its losses dropped', async () => {
    const net = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 4 });
    const batch = { inputs: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)), targets: Uint32Array.of(0, 1) };
    net.batchGradient(batch, loss, { dropoutSeed: 9, reduction: 'sum' });
    const sum = net.gradient.slice();
    net.clippedSum(batch, loss, { dropoutSeed: 9, clippingNorm: 1e6 });
    sum.forEach((g, i) => {
      expect(net.gradient[i]).toBeCloseTo(g, 5);
    });
  });
});

describe('a gradient that is not finite', () => {
  it('changes no weight and is reported by the name of its parameter', async () => {
    const net = await make();
    const optimiser = new Optimiser(net, { kind: 'sgd', learningRate: 0.1, momentum: 0.9 });
    net.batchGradient({ inputs: Float32Array.of(1, 2, 3), targets: Uint32Array.of(0) }, loss);
    expect(optimiser.step().kind).toBe('done');
    const weights = net.parameters.slice();
    net.gradient[17] = Number.NaN;
    expect(optimiser.step()).toEqual({ kind: 'notFinite', step: 2, parameter: '2.dense.weight' });
    expect(net.parameters).toEqual(weights);
    expect(optimiser.steps).toBe(1);
  });

  it('comes from weights that overflow', async () => {
    const net = await make();
    net.setParameters(net.parameters.map(() => 3e38));
    const { losses } = net.batchGradient({ inputs: Float32Array.of(1, 2, 3), targets: Uint32Array.of(0) }, loss);
    expect(Number.isFinite(losses[0])).toBe(false);
    expect(new Optimiser(net, { kind: 'sgd', learningRate: 0.1 }).step().kind).toBe('notFinite');
  });
});
