// Many predictions at once: one ciphertext an input, one slot an example (CryptoNets16, §5). No rotations: an affine map is sums of
// products with numbers that are equal in every slot.
//
// As many examples as slots cost as much as one. Weights stay numbers in the clear, or arrive as ciphertexts of their own (one a weight:
// small models only, and the plan says how large they are).

import { type Circuit, type CircuitBuilder, circuit, type Wire } from '../circuit/index.ts';
import { ParameterError } from '../errors.ts';
import type { AffineMap } from './affine-map.ts';
import { type BoundedNetwork, declaredBound, isSquare } from './bounded-network.ts';
import { horner } from './polynomial-network.ts';

export type WeightSecrecy = 'plain' | 'encrypted';

export interface ExamplesPacking {
  readonly circuit: Circuit;
  readonly network: BoundedNetwork;
  readonly weights: WeightSecrecy;
}

export interface ExamplesPackingOptions {
  /** Examples in one run; a power of two. */
  readonly slots: number;
  readonly weights?: WeightSecrecy;
}

export function packExamples(network: BoundedNetwork, options: ExamplesPackingOptions): ExamplesPacking {
  const { slots, weights = 'plain' } = options;
  const made = circuit('prediction, slots are examples', slots, (c) => {
    const used = new Set(usedInputs(network));
    let values: readonly Value[] = Array.from({ length: network.inputs }, (_, i) =>
      used.has(i)
        ? c.input(inputName(i), { magnitude: network.inputMagnitude, packing: `input ${i} of every example` })
        : 0,
    );
    network.stages.forEach((stage, at) => {
      if (stage.kind === 'polynomial') return;
      const activation = network.stages[at + 1];
      values = c.section(`layer ${at / 2 + 1}`, () =>
        affine(c, stage.map, values, weights === 'encrypted' ? at : undefined, (value) =>
          activation?.kind === 'polynomial' ? activated(c, value, activation.coefficients) : value,
        ),
      );
    });
    values.forEach((value, i) => {
      if (typeof value === 'number') throw new ParameterError(`output ${i} of the network depends on no input`);
      c.output(outputName(i), value);
    });
  });
  return Object.freeze({ circuit: made, network, weights });
}

export const inputName = (input: number): string => `input.${input}`;
export const outputName = (output: number): string => `output.${output}`;

/** Encrypted, or the same for every example: a row whose weights are all zero. */
type Value = Wire | number;

function activated(c: CircuitBuilder, value: Value, coefficients: readonly number[]): Value {
  if (typeof value === 'number') return horner(coefficients, value);
  return isSquare(coefficients) ? c.square(value) : c.polynomial(value, coefficients);
}

/** Every row is activated as soon as it is written, so that what it read can be let go of. */
function affine(
  c: CircuitBuilder,
  { outputs, rowStarts, columns, weights, bias }: AffineMap,
  values: readonly Value[],
  encryptedStage: number | undefined,
  activate: (value: Value) => Value,
): Value[] {
  const [magnitude, biasBound] = [declaredBound(weights), declaredBound(bias)];
  return Array.from({ length: outputs }, (_, row) => {
    const terms: { value: Wire; factor: number; column: number }[] = [];
    let constant = bias[row];
    for (let at = rowStarts[row]; at < rowStarts[row + 1]; at++) {
      const value = values[columns[at]];
      if (typeof value === 'number') constant += weights[at] * value;
      else terms.push({ value, factor: weights[at], column: columns[at] });
    }
    if (terms.length === 0) return activate(constant);
    if (encryptedStage === undefined) return activate(c.combination(terms, constant));
    const pairs = terms.map(({ value, column }): readonly [Wire, Wire] => [
      value,
      c.input(weightName(encryptedStage, row, column), { magnitude, packing: 'one weight in every slot' }),
    ]);
    const shift = c.input(biasName(encryptedStage, row), { magnitude: biasBound, packing: 'one bias in every slot' });
    const shifted = c.add(c.sumOfProducts(pairs), shift);
    return activate(c.declare(shifted, 1, 'rows were scaled by their largest possible sum'));
  });
}

const weightName = (stage: number, row: number, column: number): string => `weight.${stage}.${row}.${column}`;
const biasName = (stage: number, row: number): string => `bias.${stage}.${row}`;

/** The inputs that some row reads, rising. */
export function usedInputs({ stages }: BoundedNetwork): readonly number[] {
  const [first] = stages;
  return first?.kind === 'affine' ? [...new Set(first.map.columns)].sort((a, b) => a - b) : [];
}

/** What the owner of the examples encrypts: input name → slots. `examples` one after another. */
export function* packedExamples(
  { network, circuit: { slots } }: ExamplesPacking,
  examples: ArrayLike<number>,
): Generator<readonly [string, Float64Array]> {
  const { inputs } = network;
  const count = examples.length / inputs;
  if (!Number.isInteger(count) || count < 1 || count > slots) {
    throw new ParameterError(`${examples.length} numbers are not 1 to ${slots} examples of ${inputs}`);
  }
  for (const input of usedInputs(network)) {
    yield [inputName(input), Float64Array.from({ length: count }, (_, i) => examples[i * inputs + input])];
  }
}

/** What the owner of an encrypted model encrypts. */
export function* packedWeights({
  network,
  circuit: { slots },
  weights,
}: ExamplesPacking): Generator<readonly [string, Float64Array]> {
  if (weights === 'plain') return;
  const everywhere = (value: number): Float64Array => new Float64Array(slots).fill(value);
  for (const [at, stage] of network.stages.entries()) {
    if (stage.kind !== 'affine') continue;
    const { outputs, rowStarts, columns, weights: entries, bias } = stage.map;
    for (let row = 0; row < outputs; row++) {
      for (let i = rowStarts[row]; i < rowStarts[row + 1]; i++)
        yield [weightName(at, row, columns[i]), everywhere(entries[i])];
      yield [biasName(at, row), everywhere(bias[row])];
    }
  }
}

/** The network's outputs, row by row, from what the owner opened. */
export function examplesOutputs(
  { network: { outputs, outputFactor } }: ExamplesPacking,
  opened: ReadonlyMap<string, ArrayLike<number>>,
  count: number,
): Float64Array {
  const rows = new Float64Array(count * outputs);
  for (let output = 0; output < outputs; output++) {
    const slots = opened.get(outputName(output));
    if (slots === undefined) throw new ParameterError(`output ${output} was not opened`);
    for (let i = 0; i < count; i++) rows[i * outputs + output] = outputFactor * slots[i];
  }
  return rows;
}
