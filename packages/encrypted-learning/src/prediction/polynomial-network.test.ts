import { wasmEngine } from '@sumus/learning/engine';
import { type Architecture, architecture, type LayerSpec, sizeOf } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { describe, expect, it } from 'vitest';
import { boundedNetwork } from './bounded-network.ts';
import { evaluateNetwork, type PolynomialNetwork, polynomialNetwork } from './polynomial-network.ts';
import { CONVOLUTIONAL, LOGISTIC, numbers, PERCEPTRON, weightsOf } from './small-models.contract.ts';

// learning computes in float32, layer by layer; the polynomial network in doubles, maps folded. They agree to float32's precision.

async function expectAgreement(
  model: Architecture,
  computed: (network: PolynomialNetwork) => PolynomialNetwork,
  seed: number,
): Promise<void> {
  const weights = weightsOf(model, seed);
  const network = new Network(await wasmEngine(), model, { seed: 1, maxBatch: 4 });
  network.setParameters(weights);
  const examples = numbers(4 * sizeOf(model.input), seed + 1);
  const expected = network.predict(examples);
  const polynomial = computed(polynomialNetwork(model, weights));
  const size = polynomial.inputs;
  for (let i = 0; i < 4; i++) {
    const outputs = evaluateNetwork(polynomial, examples.subarray(i * size, (i + 1) * size));
    outputs.forEach((y, o) => {
      expect(y).toBeCloseTo(expected[i * polynomial.outputs + o], 4);
    });
  }
}

const withPools: Architecture = architecture({
  input: [7, 5, 2],
  layers: [
    { kind: 'conv2d', filters: 4, kernel: 3, padding: 'same', step: 2, groups: 2 },
    { kind: 'square' },
    { kind: 'globalAveragePool' },
    { kind: 'dense', units: 2 },
  ],
});
const activationFirst: Architecture = architecture({
  input: [3],
  layers: [
    { kind: 'square' },
    { kind: 'dense', units: 2 },
    { kind: 'polynomial', coefficients: [1, 2] },
    { kind: 'square' },
  ],
});

describe('a network of learning as affine maps and polynomials', () => {
  it.each([
    ['a small CryptoNets', CONVOLUTIONAL],
    ['a perceptron with polynomials of degree 2 and 3', PERCEPTRON],
    ['one dense layer', LOGISTIC],
    ['groups, same padding and a global pool', withPools],
    ['an activation first and last', activationFirst],
  ])('computes what the network computes: %s', async (_, model) => {
    for (const seed of [1, 2, 3]) await expectAgreement(model, (network) => network, 10 * seed);
  });

  it('folds linear layers into one map between two activations, and a quadratic into a square', () => {
    const kinds = (model: Architecture): string[] =>
      polynomialNetwork(model, weightsOf(model, 1)).stages.map((stage) =>
        stage.kind === 'affine' ? `${stage.map.inputs} to ${stage.map.outputs}` : stage.coefficients.join(' '),
      );
    expect(kinds(CONVOLUTIONAL)).toEqual(['72 to 27', '0 0 1', '27 to 7', '0 0 1', '7 to 3']);
    expect(kinds(PERCEPTRON)).toEqual(['5 to 9', '0 0 1', '9 to 6', '0.5 0.2 0 -0.01', '6 to 4']);
  });

  it.each([
    [{ kind: 'relu' }, /layer 1 \(relu\).*square/],
    [{ kind: 'sigmoid' }, /layer 1 \(sigmoid\)/],
    [{ kind: 'maxPool', window: 2 }, /layer 1 \(maxPool\).*averagePool/],
    [{ kind: 'groupNorm', groups: 1 }, /layer 1 \(groupNorm\)/],
    [{ kind: 'layerNorm' }, /layer 1 \(layerNorm\)/],
    [{ kind: 'residual', layers: [{ kind: 'square' }] }, /layer 1 \(residual\)/],
  ] as const)('refuses, by place and name, what is no polynomial: %j', (layer: LayerSpec, reason) => {
    const model = architecture({ input: [4, 4, 1], layers: [{ kind: 'conv2d', filters: 2, kernel: 3 }, layer] });
    expect(() => polynomialNetwork(model, weightsOf(model, 1))).toThrow(reason);
  });

  it('refuses weights of another number and weights that are not finite', () => {
    expect(() => polynomialNetwork(LOGISTIC, new Float32Array(10))).toThrow(/10 weights for an architecture of 11/);
    expect(() => polynomialNetwork(LOGISTIC, new Float32Array(11).fill(Number.NaN))).toThrow(/is NaN/);
  });
});

describe('the same network with units in which nothing exceeds 1', () => {
  it.each([
    ['a small CryptoNets', CONVOLUTIONAL],
    ['polynomials of degree 2 and 3', PERCEPTRON],
    ['one dense layer', LOGISTIC],
  ])('computes the same up to one factor: %s', async (_, model) => {
    for (const magnitude of [1, 3]) {
      await expectAgreement(
        model,
        (network) => {
          const bounded = boundedNetwork(network, magnitude);
          return {
            ...bounded,
            stages: [...bounded.stages, { kind: 'polynomial', coefficients: [0, bounded.outputFactor] }],
          };
        },
        7,
      );
    }
  });

  it('keeps every number within 1, and reaches 1 in the first map', () => {
    const network = boundedNetwork(polynomialNetwork(CONVOLUTIONAL, weightsOf(CONVOLUTIONAL, 4)), 2);
    let worst = 0;
    for (let seed = 0; seed < 50; seed++) {
      // Corners of the cube: the signs that make the first row largest are among the inputs that count.
      let values: ArrayLike<number> = numbers(72, seed).map((x) => 2 * Math.sign(x));
      const [first] = network.stages;
      if (seed === 0 && first?.kind === 'affine') {
        const { rowStarts, columns, weights, bias } = first.map;
        const corner = new Float64Array(72);
        for (let at = rowStarts[0]; at < rowStarts[1]; at++) corner[columns[at]] = 2 * Math.sign(weights[at] * bias[0]);
        values = corner;
      }
      for (let upTo = 1; upTo <= network.stages.length; upTo++) {
        const part = { ...network, stages: network.stages.slice(0, upTo) };
        worst = Math.max(worst, ...evaluateNetwork(part, values).map(Math.abs));
      }
    }
    expect(worst).toBeLessThanOrEqual(1 + 1e-12);
    expect(worst).toBeGreaterThan(0.999);
  });
});
