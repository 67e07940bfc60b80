// The training as one circuit: forward, backward and step, then a refresh of every weight, as often as the recipe says. Refreshed
// collectively under a shared key it is what POSEIDON does (SPT21), with rows encrypted instead of kept.
//
// Packing: slot f·n + r is feature f of row r, n rows a block. Summing with stride n over all features goes around the whole vector, so every
// slot of a row receives ⟨w_h, x⟩ without masks. A sum over rows of numbers that are equal for every feature goes around a period, and
// needs none either (the gradient of v); only the gradient of w_h is summed within its feature's slots, masked and spread again.
//
//   levels   z 1 · a 2 · o 3 · v·e 4 · ·z 5 · ·x 6 · mask and rate 7

import { type Circuit, type CircuitBuilder, circuit, type Wire } from '../circuit/index.ts';
import type { MlpRecipe } from './recipe.ts';

export interface Block {
  readonly rows: Wire;
  readonly labels: Wire;
}

interface Weights {
  readonly hidden: readonly Wire[];
  readonly output: readonly Wire[];
}

export const rowsName = (block: number): string => `rows.${block}`;
export const labelsName = (block: number): string => `labels.${block}`;
export const hiddenName = (unit: number): string => `hidden.${unit}`;
export const outputName = (unit: number): string => `output.${unit}`;

export function mlpTraining(recipe: MlpRecipe): Circuit {
  const { slots, blocks, iterations, largest } = recipe;
  return circuit('training of a network with one hidden layer', slots, (c) => {
    const data = Array.from(
      { length: blocks },
      (_, block): Block => ({
        rows: c.input(rowsName(block), { packing: `slot f·${recipe.rowsPerBlock} + r: feature f of row r` }),
        labels: c.input(labelsName(block), {
          magnitude: largest.label,
          packing: `slot f·${recipe.rowsPerBlock} + r: label of row r`,
        }),
      }),
    );
    const units = Array.from({ length: recipe.hidden }, (_, unit) => unit);
    const magnitude = largest.weight;
    let weights: Weights = {
      hidden: units.map((unit) =>
        c.input(hiddenName(unit), { magnitude, packing: 'a weight a feature, equal for all rows' }),
      ),
      output: units.map((unit) => c.input(outputName(unit), { magnitude, packing: 'one weight in every slot' })),
    };
    for (let iteration = 1; iteration <= iterations; iteration++) {
      weights = c.section(`iteration ${iteration}`, () => step(c, recipe, data, weights, iteration < iterations));
    }
    units.forEach((unit) => {
      c.output(hiddenName(unit), weights.hidden[unit]);
      c.output(outputName(unit), weights.output[unit]);
    });
  });
}

function step(
  c: CircuitBuilder,
  recipe: MlpRecipe,
  data: readonly Block[],
  weights: Weights,
  refreshing: boolean,
): Weights {
  const { rowsPerBlock: n, largest, learningRate, rows } = recipe;
  const backward = data.map((block) => gradients(c, recipe, block, weights));
  const rate = learningRate / rows;
  const sumOver = (pick: (one: Gradients) => Wire): Wire => c.sum(backward.map(pick));
  const settled = (before: Wire, change: Wire): Wire => {
    const after = c.declare(c.subtract(before, change), largest.weight, 'the recipe declares it of weights');
    return refreshing ? c.refresh(after) : after;
  };
  // The first slot of every feature holds the sum over its rows; the others hold sums that reach into the next feature's.
  const mask = Float64Array.from({ length: recipe.slots }, (_, slot) => (slot % n === 0 ? rate : 0));
  return {
    hidden: weights.hidden.map((w, unit) => {
      const summed = c.innerSum(
        sumOver(({ hidden }) => hidden[unit]),
        n,
      );
      return settled(w, c.innerSum(c.multiplyPlain(summed, mask), n, -1));
    }),
    output: weights.output.map((v, unit) => {
      const summed = c.innerSum(
        sumOver(({ output }) => output[unit]),
        n,
      );
      return settled(v, c.multiplyPlain(summed, rate));
    }),
  };
}

interface Gradients {
  /** Not yet summed over rows. */
  readonly hidden: readonly Wire[];
  readonly output: readonly Wire[];
}

/** ∂/∂v_h = e·a_h and ∂/∂w_h = e·v_h·2·z_h·x with e = o − y. Rows of zeros have z = a = o = y = 0 and add nothing. */
function gradients(c: CircuitBuilder, recipe: MlpRecipe, { rows, labels }: Block, weights: Weights): Gradients {
  const { rowsPerBlock: n, slots, largest } = recipe;
  const z = weights.hidden.map((w) =>
    c.declare(
      c.innerSum(c.multiply(w, rows), slots / n, n),
      largest.preActivation,
      'the recipe declares it of hidden units',
    ),
  );
  const a = z.map((unit) => c.square(unit));
  const o = c.declare(
    c.sumOfProducts(a.map((unit, h): readonly [Wire, Wire] => [unit, weights.output[h]])),
    largest.output,
    'the recipe declares it of outputs',
  );
  const error = c.subtract(o, labels);
  const twice = c.add(error, error);
  return {
    output: a.map((unit) => c.multiply(error, unit)),
    hidden: z.map((unit, h) => c.multiply(c.multiply(c.multiply(twice, weights.output[h]), unit), rows)),
  };
}
