import { describe, expect, it } from 'vitest';
import { measure } from '../circuit/index.ts';
import { clearExecutor, inputsFrom } from '../execute/index.ts';
import { mlpTraining } from './circuit.ts';
import { type MlpWeights, packBlock, packWeights, unpackWeights } from './packing.ts';
import { type MlpLiteral, type MlpRecipe, mlpRecipe } from './recipe.ts';

const literal: MlpLiteral = {
  features: 3,
  hidden: 4,
  iterations: 2,
  learningRate: 0.4,
  rows: 21,
  blocks: 2,
  slots: 64,
  largest: { weight: 4, preActivation: 4, output: 8, label: 1 },
};

/** Exclusive or, which no linear model learns: the label is the sign of the product. */
function rowsOf(count: number): { rows: number[][]; labels: number[] } {
  const rows: number[][] = [];
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const a = ((i * 37) % 19) / 9.5 - 0.95;
    const b = ((i * 53) % 23) / 11.5 - 0.95;
    rows.push([a, b, 1]);
    labels.push(Math.sign(a * b));
  }
  return { rows, labels };
}

function startOf({ hidden, features }: MlpRecipe): MlpWeights {
  return {
    hidden: Array.from({ length: hidden * features }, (_, i) => 0.9 * Math.sin(3 * i + 1)),
    output: Array.from({ length: hidden }, (_, i) => 0.8 * Math.cos(2 * i + 1)),
  };
}

/** Gradient descent from the definition of the loss, with its gradient by central differences. */
function naive(recipe: MlpRecipe, rows: number[][], labels: number[], start: MlpWeights): number[] {
  const { features, hidden } = recipe;
  let weights = [...Array.from(start.hidden), ...Array.from(start.output)];
  const loss = (w: readonly number[]): number =>
    rows.reduce((sum, x, r) => {
      let o = 0;
      for (let h = 0; h < hidden; h++) {
        const z = x.reduce((total, value, f) => total + value * w[h * features + f], 0);
        o += w[hidden * features + h] * z * z;
      }
      return sum + (o - labels[r]) ** 2 / (2 * rows.length);
    }, 0);
  for (let iteration = 0; iteration < recipe.iterations; iteration++) {
    weights = weights.map((w, i) => {
      const at = (d: number): number => loss(weights.map((other, j) => (j === i ? other + d : other)));
      return w - (recipe.learningRate * (at(1e-4) - at(-1e-4))) / 2e-4;
    });
  }
  return weights;
}

async function trained(recipe: MlpRecipe): Promise<{ hidden: Float64Array; output: Float64Array }> {
  const { rows, labels } = rowsOf(recipe.rows);
  const n = recipe.rowsPerBlock;
  const inputs = new Map([...packWeights(recipe, startOf(recipe))]);
  for (let block = 0; block < recipe.blocks; block++) {
    const part = [block * n, (block + 1) * n] as const;
    for (const [name, values] of packBlock(recipe, block, rows.slice(...part), labels.slice(...part)))
      inputs.set(name, values);
  }
  return unpackWeights(recipe, await clearExecutor(mlpTraining(recipe)).run(inputsFrom(inputs)));
}

describe('a network with one hidden layer, trained by a circuit', () => {
  it('takes the steps that the derivative of its loss says', async () => {
    const recipe = mlpRecipe(literal);
    const { rows, labels } = rowsOf(recipe.rows);
    const { hidden, output } = await trained(recipe);
    const expected = naive(recipe, rows, labels, startOf(recipe));
    [...hidden, ...output].forEach((w, i) => {
      expect(w).toBeCloseTo(expected[i], 6);
    });
  });

  it('takes 7 levels an iteration and refreshes every weight between two', () => {
    const one = measure(mlpTraining(mlpRecipe({ ...literal, iterations: 1 })));
    const three = measure(mlpTraining(mlpRecipe({ ...literal, iterations: 3 })));
    expect(one.depth).toBe(7);
    expect(one.refreshes).toBe(0);
    expect(three.depth).toBe(7);
    expect(three.refreshes).toBe(2 * 8);
  });

  it('learns what no linear model learns', async () => {
    const recipe = mlpRecipe({ ...literal, iterations: 150, rows: 32 });
    const { rows, labels } = rowsOf(32);
    const { hidden, output } = await trained(recipe);
    const right = rows.filter((x, r) => {
      let o = 0;
      for (let h = 0; h < 4; h++)
        o += output[h] * x.reduce((total, value, f) => total + value * hidden[h * 3 + f], 0) ** 2;
      return Math.sign(o) === labels[r];
    });
    expect(right.length).toBeGreaterThanOrEqual(28);
  });

  it('a run that leaves its declared bounds is found in the clear', async () => {
    const diverging = mlpRecipe({ ...literal, learningRate: 40 });
    await expect(trained(diverging)).rejects.toThrow(/exceeds/);
  });
});

describe('what is refused', () => {
  it.each([
    [{ hidden: 0 }, /hidden/],
    [{ learningRate: Number.NaN }, /learningRate/],
    [{ rows: 33 }, /2 blocks of 16 rows hold no 33 rows/],
    [{ slots: 60 }, /60 slots/],
    [{ features: 65 }, /65 features do not fit/],
  ])('a recipe with %j', (change, reason) => {
    expect(() => mlpRecipe({ ...literal, ...change })).toThrow(reason);
  });

  it('rows of another length, features and labels out of bounds, too many rows', () => {
    const recipe = mlpRecipe(literal);
    expect(() => packBlock(recipe, 0, [[1, 1]], [1])).toThrow(/row 0 has 2 numbers/);
    expect(() => packBlock(recipe, 0, [[1, Number.NaN, 1]], [1])).toThrow(/feature 1 of row 0/);
    expect(() => packBlock(recipe, 0, [[1, 2, 1]], [1])).toThrow(/feature 1 of row 0/);
    expect(() => packBlock(recipe, 0, [[1, 1, 1]], [7])).toThrow(/label 0/);
    expect(() => packBlock(recipe, 2, [[1, 1, 1]], [1])).toThrow(/block 2/);
    const many = Array.from({ length: 17 }, () => [0, 0, 1]);
    expect(() => packBlock(recipe, 0, many, new Float64Array(17))).toThrow(/17 rows/);
  });
});
