// Rows, labels and weights to and from the slots of the training circuit.

import { ParameterError } from '../errors.ts';
import { hiddenName, labelsName, outputName, rowsName } from './circuit.ts';
import type { MlpRecipe } from './recipe.ts';

export interface MlpWeights {
  /** hidden × features, row by row. */
  readonly hidden: ArrayLike<number>;
  readonly output: ArrayLike<number>;
}

/** One block: what a member encrypts. Refuses numbers that are not finite or beyond the recipe's bounds, by their place. */
export function packBlock(
  recipe: MlpRecipe,
  block: number,
  rows: readonly ArrayLike<number>[],
  labels: ArrayLike<number>,
): ReadonlyMap<string, Float64Array> {
  const { features, rowsPerBlock: n, slots, largest } = recipe;
  if (!Number.isInteger(block) || block < 0 || block >= recipe.blocks) {
    throw new ParameterError(`block ${block} of ${recipe.blocks}`);
  }
  if (rows.length > n || rows.length !== labels.length) {
    throw new ParameterError(`${rows.length} rows and ${labels.length} labels for a block of ${n}`);
  }
  const packedRows = new Float64Array(slots);
  const packedLabels = new Float64Array(slots);
  rows.forEach((row, r) => {
    if (row.length !== features) throw new ParameterError(`row ${r} has ${row.length} numbers, not ${features}`);
    for (let f = 0; f < features; f++) {
      if (!(Math.abs(row[f]) <= 1)) throw new ParameterError(`feature ${f} of row ${r} does not lie in [−1, 1]`);
      packedRows[f * n + r] = row[f];
    }
    if (!(Math.abs(labels[r]) <= largest.label)) {
      throw new ParameterError(`label ${r} does not lie within ${largest.label} of 0`);
    }
    for (let slot = r; slot < slots; slot += n) packedLabels[slot] = labels[r];
  });
  return new Map([
    [rowsName(block), packedRows],
    [labelsName(block), packedLabels],
  ]);
}

export function packWeights(
  { features, hidden, rowsPerBlock: n, slots }: MlpRecipe,
  weights: MlpWeights,
): ReadonlyMap<string, Float64Array> {
  if (weights.hidden.length !== hidden * features || weights.output.length !== hidden) {
    throw new ParameterError(
      `${weights.hidden.length} and ${weights.output.length} weights for ${hidden} units of ${features} features`,
    );
  }
  const packed = new Map<string, Float64Array>();
  for (let h = 0; h < hidden; h++) {
    const spread = new Float64Array(slots);
    for (let f = 0; f < features; f++) spread.fill(weights.hidden[h * features + f], f * n, (f + 1) * n);
    packed.set(hiddenName(h), spread);
    packed.set(outputName(h), new Float64Array(slots).fill(weights.output[h]));
  }
  return packed;
}

/** The weights, from outputs that were opened. */
export function unpackWeights(
  { features, hidden, rowsPerBlock: n }: MlpRecipe,
  opened: ReadonlyMap<string, ArrayLike<number>>,
): { readonly hidden: Float64Array; readonly output: Float64Array } {
  const slotsOf = (name: string): ArrayLike<number> => {
    const values = opened.get(name);
    if (values === undefined) throw new ParameterError(`${name} was not opened`);
    return values;
  };
  return {
    hidden: Float64Array.from({ length: hidden * features }, (_, i) => {
      return slotsOf(hiddenName(Math.floor(i / features)))[(i % features) * n];
    }),
    output: Float64Array.from({ length: hidden }, (_, h) => slotsOf(outputName(h))[0]),
  };
}
