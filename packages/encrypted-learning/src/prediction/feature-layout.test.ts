import { describe, expect, it } from 'vitest';
import { boundedNetwork } from './bounded-network.ts';
import { packFeatures, spread } from './feature-layout.ts';
import { evaluateNetwork, horner, polynomialNetwork } from './polynomial-network.ts';
import { CONVOLUTIONAL, LOGISTIC, numbers, PERCEPTRON, weightsOf } from './small-models.contract.ts';

/** Slot by slot, from the definition of every step. */
function naive(packed: ReturnType<typeof packFeatures>, example: ArrayLike<number>): number[] {
  const n = packed.slots;
  let x = [...spread(packed.input, n, example)];
  for (const stage of packed.stages) {
    if (stage.kind === 'polynomial') {
      x = x.map((value) => horner(stage.coefficients, value));
      continue;
    }
    const y = new Array<number>(n).fill(0);
    for (const [k, diagonal] of stage.diagonals) for (let j = 0; j < n; j++) y[j] += diagonal[j] * x[(j + k) % n];
    const { count, stride } = stage.innerSum;
    x = y.map((_, j) => {
      let total = stage.bias[j];
      for (let i = 0; i < count; i++) total += y[(j + i * stride) % n];
      return total;
    });
  }
  return [...packed.output.positions].map((at) => x[at]);
}

describe('a network in the slots of one vector', () => {
  it.each([
    ['a small CryptoNets', CONVOLUTIONAL],
    ['layers that grow and shrink', PERCEPTRON],
    ['one output', LOGISTIC],
  ])('computes the network: %s', (_, model) => {
    for (const seed of [1, 2]) {
      const network = boundedNetwork(polynomialNetwork(model, weightsOf(model, seed)));
      const packed = packFeatures(network);
      const example = numbers(network.inputs, seed + 9);
      const expected = evaluateNetwork(network, example);
      naive(packed, example).forEach((y, i) => {
        expect(y).toBeCloseTo(expected[i], 10);
      });
    }
  });

  it('needs a diagonal a tap for a convolution, and a diagonal an output for a matrix', () => {
    const counts = (model: typeof CONVOLUTIONAL): number[] =>
      packFeatures(boundedNetwork(polynomialNetwork(model, weightsOf(model, 1)))).stages.flatMap((stage) =>
        stage.kind === 'affine' ? [stage.diagonals.size] : [],
      );
    // 3×3 taps of 2 channels; 7 outputs; 3 outputs.
    expect(counts(CONVOLUTIONAL)).toEqual([18, 8, 4]);
    expect(counts(LOGISTIC)).toEqual([1]);
  });
});
