import { type Architecture, architecture } from '@sumus/learning/model';
import { describe, expect, it } from 'vitest';
import { measure } from '../circuit/index.ts';
import { clearExecutor, inputsFrom } from '../execute/index.ts';
import { scaled } from './affine-map.ts';
import { boundedNetwork } from './bounded-network.ts';
import { evaluateNetwork, polynomialNetwork } from './polynomial-network.ts';
import {
  examplesOutputs,
  packExamples,
  packedExamples,
  packedWeights,
  type WeightSecrecy,
} from './slots-are-examples.ts';
import { exampleOutputs, packedDiagonals, packedExample, packOneExample } from './slots-are-features.ts';
import { CONVOLUTIONAL, LOGISTIC, numbers, PERCEPTRON, weightsOf } from './small-models.contract.ts';

// Both circuits, run in the clear, are the network. The clear executor also checks every declared bound.

/** Nobody reads two of three rows and columns behind the first square. */
const PASSED_BY: Architecture = architecture({
  input: [5, 6, 1],
  layers: [
    { kind: 'conv2d', filters: 2, kernel: 2 },
    { kind: 'square' },
    { kind: 'averagePool', window: 1, step: 3 },
    { kind: 'polynomial', coefficients: [0.1, 0.5, 0.2] },
    { kind: 'flatten' },
    { kind: 'dense', units: 2 },
  ],
});

const models: readonly (readonly [string, Architecture, number])[] = [
  ['a small CryptoNets', CONVOLUTIONAL, 5],
  ['a perceptron with a quadratic and a cubic', PERCEPTRON, 6],
  ['logistic regression', LOGISTIC, 1],
  ['a pool that passes units by', PASSED_BY, 5],
];
const secrecies: readonly WeightSecrecy[] = ['plain', 'encrypted'];
const cases = models.flatMap(([name, model, depth]) => secrecies.map((weights) => ({ name, model, depth, weights })));

function bounded(model: Architecture): ReturnType<typeof boundedNetwork> {
  return boundedNetwork(polynomialNetwork(model, weightsOf(model, 3)));
}

describe.each(cases)('$name, weights $weights', ({ model, depth, weights }) => {
  it('predicts many examples at once, one level a layer and one an activation', async () => {
    const network = bounded(model);
    const packing = packExamples(network, { slots: 8, weights });
    expect(measure(packing.circuit).depth).toBe(depth);
    expect(measure(packing.circuit).rotations).toBe(0);
    const count = 5;
    const examples = numbers(count * network.inputs, 8);
    const inputs = new Map([...packedExamples(packing, examples), ...packedWeights(packing)]);
    const opened = await clearExecutor(packing.circuit).run(inputsFrom(inputs));
    const outputs = examplesOutputs(packing, opened, count);
    for (let i = 0; i < count; i++) {
      const example = examples.subarray(i * network.inputs, (i + 1) * network.inputs);
      evaluateNetwork(network, example).forEach((y, o) => {
        expect(outputs[i * network.outputs + o]).toBeCloseTo(y * network.outputFactor, 8);
      });
    }
  });

  it('predicts one example from one ciphertext', async () => {
    const network = bounded(model);
    const packing = packOneExample(network, { weights });
    expect(measure(packing.circuit).depth).toBe(depth);
    const example = numbers(network.inputs, 9);
    const inputs = new Map([...packedExample(packing, example), ...packedDiagonals(packing)]);
    const outputs = exampleOutputs(packing, await clearExecutor(packing.circuit).run(inputsFrom(inputs)));
    evaluateNetwork(network, example).forEach((y, o) => {
      expect(outputs[o]).toBeCloseTo(y * network.outputFactor, 8);
    });
  });
});

describe('what is asked of a packing', () => {
  it('refuses examples of another size, and more than there are slots', () => {
    const packing = packExamples(bounded(LOGISTIC), { slots: 2 });
    expect(() => [...packedExamples(packing, new Float32Array(15))]).toThrow(/15 numbers/);
    expect(() => [...packedExamples(packing, new Float32Array(30))]).toThrow(/1 to 2 examples/);
    expect(() => packedExample(packOneExample(bounded(LOGISTIC)), [1, 2])).toThrow(/2 numbers/);
  });

  it('refuses pixels beyond the declared magnitude in the clear as encryption would', async () => {
    const packing = packOneExample(bounded(LOGISTIC));
    const inputs = packedExample(packing, new Float64Array(10).fill(1.5));
    await expect(clearExecutor(packing.circuit).run(inputsFrom(inputs))).rejects.toThrow(/exceeds 1/);
  });

  it('units that are half as large as they must be are found by the twin', async () => {
    const network = bounded(CONVOLUTIONAL);
    const [first, ...rest] = network.stages;
    if (first?.kind !== 'affine') throw new Error('a network begins with an affine map');
    // The example that makes the first row of a filter as large as it can be.
    const { rowStarts, columns, weights, bias } = first.map;
    const example = new Float64Array(network.inputs);
    for (let at = rowStarts[0]; at < rowStarts[1]; at++) example[columns[at]] = Math.sign(weights[at] * bias[0]);
    const wrong = { ...network, stages: [{ ...first, map: scaled(first.map, { rows: bias.map(() => 2) }) }, ...rest] };
    const [right, broken] = [network, wrong].map((one) => packOneExample(one));
    await clearExecutor(right.circuit).run(inputsFrom(packedExample(right, example)));
    await expect(clearExecutor(broken.circuit).run(inputsFrom(packedExample(broken, example)))).rejects.toThrow(
      /exceeds 1 in layer 1/,
    );
  });

  it('a row of zeros is a constant and costs nothing', async () => {
    const weights = weightsOf(PERCEPTRON, 3);
    for (let input = 0; input < 5; input++) weights[input * 9 + 4] = 0;
    const network = boundedNetwork(polynomialNetwork(PERCEPTRON, weights));
    const packing = packExamples(network, { slots: 2 });
    const example = numbers(5, 2);
    const opened = await clearExecutor(packing.circuit).run(inputsFrom(new Map(packedExamples(packing, example))));
    const outputs = examplesOutputs(packing, opened, 1);
    evaluateNetwork(network, example).forEach((y, o) => {
      expect(outputs[o]).toBeCloseTo(y * network.outputFactor, 10);
    });
    const whole = packExamples(bounded(PERCEPTRON), { slots: 2 });
    expect(measure(packing.circuit).products).toBe(measure(whole.circuit).products - 1);
  });
});
