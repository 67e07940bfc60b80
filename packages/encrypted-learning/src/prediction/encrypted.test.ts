import { type Ciphertext, ckksContext, publicKey, secretKey } from '@sumus/lattice/ckks';
import { insecureCkksParameters } from '@sumus/lattice/parameters';
import type { Architecture } from '@sumus/learning/model';
import { describe, expect, it } from 'vitest';
import type { Circuit } from '../circuit/index.ts';
import { ckksExecutor, decryptOutput, encryptInput, evaluationKeys, inputsFrom } from '../execute/index.ts';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import { plan } from '../parameters/index.ts';
import { boundedNetwork, precisionBitsFor } from './bounded-network.ts';
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

// On real ciphertexts, in a ring that is too small to be secure and as exact as a large one.

const parameters = insecureCkksParameters({ degree: 1024, levels: 7, scaleBits: 55, limbsPerLevel: 2, digits: 4 });

async function run(
  circuit: Circuit,
  values: ReadonlyMap<string, ArrayLike<number>>,
): Promise<ReadonlyMap<string, Float64Array>> {
  const planned = plan(circuit, parameters);
  const context = ckksContext(await reproducibleLattice(11), parameters);
  const secret = secretKey(context);
  const key = publicKey(context, secret);
  const inputs = new Map<string, Ciphertext>();
  for (const [name, numbersOf] of values) inputs.set(name, encryptInput(planned, context, key, name, numbersOf));
  const executor = ckksExecutor(planned, context, evaluationKeys(planned, context, secret));
  const outputs = await executor.run(inputsFrom(inputs));
  return new Map([...outputs].map(([name, value]) => [name, decryptOutput(planned, secret, value)]));
}

const models: readonly (readonly [string, Architecture])[] = [
  ['a small CryptoNets', CONVOLUTIONAL],
  ['a perceptron', PERCEPTRON],
  ['logistic regression', LOGISTIC],
];
const secrecies: readonly WeightSecrecy[] = ['plain', 'encrypted'];
const cases = models.flatMap(([name, model]) => secrecies.map((weights) => ({ name, model, weights })));

describe.each(cases)('$name on ciphertexts, weights $weights', ({ model, weights }) => {
  const network = boundedNetwork(polynomialNetwork(model, weightsOf(model, 5)));
  /** Errors of some 2^−40, in the units of the network. */
  const digits = Math.floor(38 * Math.log10(2) - Math.log10(network.outputFactor));

  it('by examples gives the outputs of the network', async () => {
    const count = 3;
    const packing = packExamples(network, { slots: 4, weights });
    const examples = numbers(count * network.inputs, 6);
    const opened = await run(
      packing.circuit,
      new Map([...packedExamples(packing, examples), ...packedWeights(packing)]),
    );
    const outputs = examplesOutputs(packing, opened, count);
    for (let i = 0; i < count; i++) {
      const example = examples.subarray(i * network.inputs, (i + 1) * network.inputs);
      evaluateNetwork(network, example).forEach((y, o) => {
        expect(outputs[i * network.outputs + o]).toBeCloseTo(y * network.outputFactor, digits);
      });
    }
  });

  it('by features gives the outputs of the network', async () => {
    const packing = packOneExample(network, { weights });
    const example = numbers(network.inputs, 7);
    const opened = await run(
      packing.circuit,
      new Map([...packedExample(packing, example), ...packedDiagonals(packing)]),
    );
    const outputs = exampleOutputs(packing, opened);
    evaluateNetwork(network, example).forEach((y, o) => {
      expect(outputs[o]).toBeCloseTo(y * network.outputFactor, digits);
    });
  });
});

it('an input beyond the declared magnitude is refused when it is encrypted', async () => {
  const network = boundedNetwork(polynomialNetwork(LOGISTIC, weightsOf(LOGISTIC, 5)));
  const packing = packOneExample(network);
  await expect(run(packing.circuit, packedExample(packing, new Float64Array(10).fill(1.01)))).rejects.toThrow(
    /exceeds/,
  );
  await expect(run(packing.circuit, packedExample(packing, new Float64Array(10).fill(Number.NaN)))).rejects.toThrow(
    /finite/,
  );
});

it('the bits of precision that outputs need grow with the factor between them and their units', () => {
  const network = boundedNetwork(polynomialNetwork(LOGISTIC, weightsOf(LOGISTIC, 5)));
  expect(precisionBitsFor({ ...network, outputFactor: 8 }, 2 ** -4)).toBe(7);
  expect(() => precisionBitsFor(network, 0)).toThrow(/0 is not a positive number/);
});
