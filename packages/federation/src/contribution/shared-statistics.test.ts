import { applyRecipe, fitRecipe, localSums, type SharedStep, type Step } from '@sumus/dataset/prepare';
import { appendRows, type Cell, type Schema, selectRows, type Table, tableFromRows } from '@sumus/dataset/table';
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { rotationOf } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../plan/index.ts';
import {
  contributeToPreparation,
  type Preparation,
  preparationEncoding,
  priceOfPreparation,
  recipeOfSum,
  rowNorm,
} from './index.ts';
import { added, contextOf, numbers, primitives, seeded, smallPlan, sumEngine } from './small-run.contract.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await sumEngine();
});

const schema: Schema = {
  columns: [
    { name: 'age', type: 'number' },
    { name: 'weight', type: 'number' },
    { name: 'ward', type: 'category' },
  ],
};
const wards = ['A', 'B', 'C'];

/** Sites that differ: each has an age and a ward of its own. */
function site(seed: number, rows = 60): Table {
  const random = numbers(seed, 1, 2 * rows);
  return tableFromRows(
    schema,
    Array.from({ length: rows }, (_, row): readonly Cell[] => [
      row % 7 === 0 ? null : 30 + 10 * seed + 8 * (random[row] ?? 0),
      70 + 15 * (random[rows + row] ?? 0),
      row % 5 === 0 ? null : (wards[row % 3 === 0 ? seed % 3 : 1] ?? 'A'),
    ]),
  );
}
const sites = [1, 2, 3].map((seed) => site(seed));
const everybody = sites.slice(1).reduce((all, one) => appendRows(all, one), sites[0] as Table);

const steps: readonly SharedStep[] = [
  { kind: 'impute', column: 'age', with: 'mean', bounds: [0, 120] },
  { kind: 'impute', column: 'ward', with: 'most frequent', categories: wards },
  { kind: 'standard', column: 'weight', bounds: [30, 200] },
];
const clear = { steps, rowsAtMost: 100, noiseMultiplier: 0 };

function wordsOf(plan: ReturnType<typeof smallPlan>, preparation: Preparation, table: Table, seed: number): Int32Array {
  const made = contributeToPreparation({ engine, primitives, randomBytes: seeded(seed) }, plan, preparation, {
    table,
    units: table.rowCount,
    rotation: rotationFor(plan, preparation),
  });
  if (made.kind !== 'contribution') throw new Error('too few');
  return made.words;
}
const rotationFor = (plan: ReturnType<typeof smallPlan>, preparation: Preparation): ReturnType<typeof rotationOf> =>
  rotationOf(primitives, contextOf(1), preparationEncoding(plan, preparation).windows);

function recipeFrom(plan: ReturnType<typeof smallPlan>, preparation: Preparation, tables: readonly Table[]) {
  const words = added(tables.map((table, seed) => wordsOf(plan, preparation, table, seed)));
  return recipeOfSum(engine, plan, preparation, {
    words,
    contributors: tables.length,
    rotation: rotationFor(plan, preparation),
  });
}

describe('a preparation', () => {
  it('gives the recipe that all rows together would, from one sum', () => {
    const found = recipeFrom(smallPlan(), clear, sites);
    if (found.kind !== 'recipe') throw new Error(found.reason);
    const ordinary: readonly Step[] = [
      { kind: 'impute', column: 'age', with: 'mean' },
      { kind: 'impute', column: 'ward', with: 'most frequent' },
      { kind: 'standard', column: 'weight' },
    ];
    const naive = fitRecipe(ordinary, everybody);
    for (const [i, step] of naive.steps.entries()) {
      const other = found.recipe.steps[i];
      if (step.kind === 'standard' && other?.kind === 'standard') {
        expect(Math.abs(other.mean - step.mean)).toBeLessThan(0.1);
        expect(Math.abs(other.stddev - step.stddev)).toBeLessThan(0.2);
      } else if (step.kind === 'impute' && other?.kind === 'impute' && typeof step.value === 'number') {
        expect(Math.abs(Number(other.value) - step.value)).toBeLessThan(0.1);
      } else expect(other).toEqual(step);
    }
    expect(applyRecipe(found.recipe, sites[0] as Table).rowCount).toBe(60);
  });

  it('weighs a site of more rows than it may count less, and bends none of its means', () => {
    const plan = smallPlan();
    const twice = { ...clear, rowsAtMost: 30 };
    const alone = [1, 2, 3].map(() => sites[0] as Table);
    const [whole, cut] = [clear, twice].map((preparation) => recipeFrom(plan, preparation, alone));
    if (whole?.kind !== 'recipe' || cut?.kind !== 'recipe') throw new Error('rejected');
    const firstValue = (recipe: typeof whole.recipe): number => {
      const [step] = recipe.steps;
      return step?.kind === 'impute' ? Number(step.value) : Number.NaN;
    };
    expect(Math.abs(firstValue(cut.recipe) - firstValue(whole.recipe))).toBeLessThan(0.05);
  });

  it('shows of a site no statistic by itself: a sum of fewer than the plan has is no recipe', () => {
    expect(recipeFrom(smallPlan(), clear, sites.slice(1))).toMatchObject({ kind: 'rejected', code: 'too-few' });
    const plan = smallPlan();
    const words = new Int32Array(preparationEncoding(plan, clear).words).fill(2 ** 20);
    const given = { words, contributors: 3, rotation: rotationFor(plan, clear) };
    expect(recipeOfSum(engine, plan, clear, given)).toMatchObject({ kind: 'rejected', code: 'out-of-range' });
  });

  it('is not made of a table of too few', () => {
    const plan = smallPlan();
    const made = contributeToPreparation({ engine, primitives, randomBytes: seeded(1) }, plan, clear, {
      table: selectRows(sites[0] as Table, [0, 1, 2]),
      units: 3,
      rotation: rotationFor(plan, clear),
    });
    expect(made).toEqual({ kind: 'too few', found: 3, needed: 10, countedIn: 'rows' });
  });
});

describe('a preparation with a promise', () => {
  const plan = smallPlan({ protection: 'mask', epsilon: 8, unit: 'record', minimumUnits: 10 }, (base) => ({
    ...base,
    privacy: { ...base.privacy, corruptContributors: 1 } as Plan['privacy'],
  }));
  const noisy = { ...clear, rowsAtMost: 60, noiseMultiplier: 5 };

  it('moves by no more than its norm when a row is taken out', () => {
    for (const seed of [1, 2, 3]) {
      const table = site(seed, 20);
      const all = localSums(steps, table);
      for (let row = 0; row < 20; row++) {
        const rest = [...Array(20).keys()].filter((other) => other !== row);
        const without = localSums(steps, selectRows(table, rest));
        expect(Math.hypot(...all.map((value, i) => value - (without[i] ?? 0)))).toBeLessThanOrEqual(
          rowNorm(steps) * (1 + 1e-12),
        );
      }
    }
    expect(rowNorm(steps)).toBeCloseTo(Math.sqrt(6), 12);
    // It is reached: a row at the upper bounds.
    const top = tableFromRows(schema, [[120, 200, 'A']]);
    expect(Math.hypot(...localSums(steps, top))).toBeCloseTo(rowNorm(steps), 12);
  });

  it('has the noise that is priced, of all honest shares', () => {
    const { noise, scale, windows } = preparationEncoding(plan, noisy);
    expect(Math.sqrt(2 * (noise?.variance ?? 0)) / scale).toBeGreaterThanOrEqual(5 * rowNorm(steps));
    const empty = selectRows(sites[0] as Table, []);
    const draws = Array.from({ length: 400 }, (_, seed) => {
      const made = contributeToPreparation({ engine, primitives, randomBytes: seeded(seed) }, plan, noisy, {
        table: empty,
        units: 10,
        rotation: rotationFor(plan, noisy),
      });
      if (made.kind !== 'contribution') throw new Error('too few');
      return [...made.words];
    }).flat();
    const deviation = Math.sqrt(draws.reduce((sum, word) => sum + word * word, 0) / draws.length);
    expect(Math.abs(deviation / Math.sqrt(noise?.variance ?? 0) - 1)).toBeLessThan(
      5 / Math.sqrt(2 * 400 * windows.length),
    );
  });

  it('costs what a Gaussian of the same multiplier costs, and a little more for whole numbers', () => {
    const price = priceOfPreparation(plan, noisy);
    if (price === undefined) throw new Error('free');
    const answer = tightestEpsilon([price], 1e-6);
    if (answer.kind !== 'bound') throw new Error(answer.reason);
    // ε of σ = 5 at δ = 1e-6, of the continuous Gaussian: 0.834.
    expect(answer.epsilon).toBeGreaterThan(0.834);
    expect(answer.epsilon).toBeLessThan(0.95);
    expect(priceOfPreparation(smallPlan(), clear)).toBeUndefined();
  });

  it('is refused without noise where the plan promises something, and with noise where it does not', () => {
    expect(() => preparationEncoding(plan, clear)).toThrow('without noise');
    expect(() => preparationEncoding(smallPlan(), noisy)).toThrow('promises nothing');
    expect(() => preparationEncoding(smallPlan(), { ...clear, steps: [{ kind: 'drop', columns: ['age'] }] })).toThrow(
      'needs a sum',
    );
  });
});
