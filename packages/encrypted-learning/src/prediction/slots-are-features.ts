// The circuit of one prediction at low latency: layers as feature-layout.ts lays them out, weights in the clear or as ciphertexts.
//
// Encrypted weights are encrypted diagonals: Σ_giant rot_giant(Σ_baby rot_−giant(diagonal) ⊙ rot_baby(x)), a product of two ciphertexts
// each and one relinearisation a giant step. Linear models that were trained encrypted have a circuit of their own (encrypted-linear.ts).

import { type Circuit, type CircuitBuilder, circuit, type Wire } from '../circuit/index.ts';
import { ParameterError } from '../errors.ts';
import { type BoundedNetwork, declaredBound, isSquare } from './bounded-network.ts';
import { type PackedAffine, type PackedNetwork, packFeatures, spread } from './feature-layout.ts';
import type { WeightSecrecy } from './slots-are-examples.ts';

export interface FeaturesPacking {
  readonly circuit: Circuit;
  readonly network: BoundedNetwork;
  readonly packed: PackedNetwork;
  readonly weights: WeightSecrecy;
}

export const INPUT = 'example';
export const OUTPUT = 'outputs';

export function packOneExample(
  network: BoundedNetwork,
  { weights = 'plain' }: { readonly weights?: WeightSecrecy } = {},
): FeaturesPacking {
  const packed = packFeatures(network);
  const made = circuit('prediction, slots are features', packed.slots, (c) => {
    const magnitude = network.inputMagnitude;
    let value = c.input(INPUT, {
      magnitude,
      packing: `${network.inputs} inputs, repeated every ${packed.input.period} slots`,
    });
    packed.stages.forEach((stage, at) => {
      value = c.section(`layer ${Math.floor(at / 2) + 1}`, () => {
        if (stage.kind === 'affine') return affine(c, stage, value, weights === 'encrypted' ? at : undefined);
        return isSquare(stage.coefficients) ? c.square(value) : c.polynomial(value, stage.coefficients);
      });
    });
    c.output(OUTPUT, value);
  });
  return Object.freeze({ circuit: made, network, packed, weights });
}

function affine(c: CircuitBuilder, stage: PackedAffine, value: Wire, encryptedStage: number | undefined): Wire {
  const { diagonals, innerSum, bias } = stage;
  const multiplied =
    encryptedStage === undefined ? c.transform(value, diagonals) : encryptedTransform(c, stage, value, encryptedStage);
  const summed = c.innerSum(multiplied, innerSum.count, innerSum.stride);
  const shifted =
    encryptedStage === undefined
      ? c.addPlain(summed, bias)
      : c.add(summed, c.input(biasName(encryptedStage), { magnitude: declaredBound(bias), packing: 'biases' }));
  return c.declare(shifted, 1, 'rows were scaled by their largest possible sum');
}

function encryptedTransform(c: CircuitBuilder, { diagonals }: PackedAffine, value: Wire, at: number): Wire {
  const babySteps = cheapestBabySteps([...diagonals.keys()]);
  const magnitude = Math.max(...[...diagonals.values()].map(declaredBound));
  const giants = new Map<number, (readonly [Wire, Wire])[]>();
  const turned = new Map<number, Wire>();
  for (const k of diagonals.keys()) {
    const baby = k % babySteps;
    const rotated = turned.get(baby) ?? c.rotate(value, baby);
    turned.set(baby, rotated);
    const pairs = giants.get(k - baby) ?? [];
    pairs.push([
      rotated,
      c.input(weightName(at, k), { magnitude, packing: `diagonal ${k}, turned back by ${k - baby}` }),
    ]);
    giants.set(k - baby, pairs);
  }
  // Parts of rows, and every part is bounded as the whole row is: a slot's sum over diagonals is a sum over some of its row's entries.
  const because = 'it is a part of a row that was scaled by its largest possible sum';
  const parts = [...giants].map(([steps, pairs]) => c.rotate(c.declare(c.sumOfProducts(pairs), 1, because), steps));
  return c.declare(c.sum(parts), 1, because);
}

/** As many rotations as distinct baby and giant steps; all cost about the same here. */
function cheapestBabySteps(diagonals: readonly number[]): number {
  let best = { babySteps: 1, rotations: Number.POSITIVE_INFINITY };
  for (let babySteps = 1; babySteps <= 2 * Math.max(1, ...diagonals); babySteps *= 2) {
    const babies = new Set(diagonals.map((k) => k % babySteps));
    const giants = new Set(diagonals.map((k) => k - (k % babySteps)));
    const rotations = babies.size + giants.size;
    if (rotations < best.rotations) best = { babySteps, rotations };
  }
  return best.babySteps;
}

const weightName = (stage: number, diagonal: number): string => `weight.${stage}.${diagonal}`;
const biasName = (stage: number): string => `bias.${stage}`;

/** What the owner of the example encrypts. */
export function packedExample(
  { network, packed }: FeaturesPacking,
  example: ArrayLike<number>,
): ReadonlyMap<string, Float64Array> {
  if (example.length !== network.inputs) {
    throw new ParameterError(`${example.length} numbers for a network of ${network.inputs} inputs`);
  }
  return new Map([[INPUT, spread(packed.input, packed.slots, example)]]);
}

/** What the owner of an encrypted model encrypts; nothing if its weights are plain. */
export function packedDiagonals({ packed, weights }: FeaturesPacking): ReadonlyMap<string, Float64Array> {
  const named = new Map<string, Float64Array>();
  if (weights === 'plain') return named;
  packed.stages.forEach((stage, at) => {
    if (stage.kind !== 'affine') return;
    const babySteps = cheapestBabySteps([...stage.diagonals.keys()]);
    for (const [k, values] of stage.diagonals) named.set(weightName(at, k), turnedBack(values, k - (k % babySteps)));
    named.set(biasName(at), stage.bias);
  });
  return named;
}

/** Slot j holds what slot j − steps held. */
function turnedBack(values: Float64Array, steps: number): Float64Array {
  const n = values.length;
  return Float64Array.from({ length: n }, (_, slot) => values[(((slot - steps) % n) + n) % n]);
}

/** The network's outputs from what the owner opened. */
export function exampleOutputs(
  { network: { outputFactor }, packed }: FeaturesPacking,
  opened: ReadonlyMap<string, ArrayLike<number>>,
): Float64Array {
  const slots = opened.get(OUTPUT);
  if (slots === undefined) throw new ParameterError('the outputs were not opened');
  return Float64Array.from(packed.output.positions, (at) => outputFactor * slots[at]);
}
