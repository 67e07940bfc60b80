import { applyRecipe, fitRecipe, localSums, type SharedStep, type Step, sumsLength } from '@sumus/dataset/prepare';
import { appendRows, type Cell, type Schema, selectRows, type Table, tableFromRows } from '@sumus/dataset/table';
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import type { Engine } from '@sumus/secure-sum/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CheckedPlan,
  type ColumnStep,
  columnSumsOf,
  noiseOf,
  type Plan,
  priceOfColumns,
  rowNorm,
  sumsInPlan,
  type TablePreparation,
  wordEncodingOf,
} from '../plan/index.ts';
import type { TemplateOptions } from '../plan/template.ts';
import {
  bytesOfPublished,
  isOfColumns,
  type Published,
  publishedFromBytes,
  type ReleaseResult,
  release,
  startPublished,
} from '../release/index.ts';
import { columnsOf, columnVector, contribute, NOTHING_KEPT, recipeOf, sumsOfColumns } from './index.ts';
import {
  added,
  contributed,
  numbers,
  primitives,
  rotationFor,
  seeded,
  smallPlan,
  sumEngine,
  supportFor,
  workOf,
} from './small-run.contract.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await sumEngine();
});

const wards = ['A', 'B', 'C'];
const steps: readonly ColumnStep[] = [
  { kind: 'impute', column: 'age', with: 'mean', bounds: [0, 120] },
  { kind: 'impute', column: 'ward', with: 'most frequent', categories: wards },
  { kind: 'standard', column: 'weight', bounds: [30, 200] },
  { kind: 'one-hot', column: 'ward', unknown: 'zeros', categories: wards },
];
const table: TablePreparation = {
  kind: 'table',
  columns: [
    { name: 'age', type: 'number' },
    { name: 'weight', type: 'number' },
    { name: 'ward', type: 'category' },
  ],
  target: { column: 'ill', classes: ['yes', 'no'] },
  steps,
  rowsAtMost: 100,
};
const schema: Schema = { columns: [...table.columns, { name: 'ill', type: 'category' }] };

/** Five inputs and two classes: 12 parameters, and 8 sums of columns. */
const planFor = (
  options: Partial<TemplateOptions> = {},
  change: (plan: Plan) => Plan = (plan) => plan,
  more: Partial<TablePreparation> = {},
): CheckedPlan =>
  smallPlan(
    {
      architecture: { input: [5], layers: [{ kind: 'dense', units: 2 }] },
      parameterCount: 12,
      ...options,
    },
    (plan) => change({ ...plan, preparation: { ...table, ...more } }),
  );

/** Sites that differ: each has an age and a ward of its own. */
function site(seed: number, rows = 60): Table {
  const random = numbers(seed, 1, 2 * rows);
  return tableFromRows(
    schema,
    Array.from({ length: rows }, (_, row): readonly Cell[] => [
      row % 7 === 0 ? null : 30 + 10 * seed + 8 * (random[row] ?? 0),
      70 + 15 * (random[rows + row] ?? 0),
      row % 5 === 0 ? null : (wards[row % 3 === 0 ? seed % 3 : 1] ?? 'A'),
      row % 2 === 0 ? 'yes' : 'no',
    ]),
  );
}
const sites = [1, 2, 3].map((seed) => site(seed));
const everybody = sites.slice(1).reduce((all, one) => appendRows(all, one), sites[0] as Table);

const first = (plan: CheckedPlan): Published => startPublished(plan, new Float32Array(12).fill(0.5));

function wordsOf(plan: CheckedPlan, values: Float32Array, seed: number, units = 60): Int32Array {
  const published = first(plan);
  const made = contribute({ engine, primitives, randomBytes: seeded(seed) }, plan, {
    work: { kind: 'statistics', values, units },
    kept: NOTHING_KEPT,
    from: published,
    support: supportFor(plan, published),
    rotation: rotationFor(plan),
    versionsOld: 0,
  });
  if (made.kind !== 'contribution') throw new Error('too few');
  return made.words;
}

function releasedOf(plan: CheckedPlan, tables: readonly Table[], published = first(plan)): ReleaseResult {
  const words = added(tables.map((one, seed) => wordsOf(plan, sumsOfColumns(plan, one), seed)));
  return release(engine, plan, {
    published,
    support: supportFor(plan, published),
    sums: [{ words, contributors: tables.length, rotation: rotationFor(plan) }],
    memberCount: 8,
  });
}

function publishedOf(plan: CheckedPlan, tables: readonly Table[]): Published {
  const result = releasedOf(plan, tables);
  if (result.kind !== 'released') throw new Error(result.reason);
  return result.published;
}

describe('the sum of columns', () => {
  it('gives the recipe that all rows together would, from one sum', () => {
    const plan = planFor();
    const found = recipeOf(plan, publishedOf(plan, sites));
    const ordinary: readonly Step[] = [
      { kind: 'impute', column: 'age', with: 'mean' },
      { kind: 'impute', column: 'ward', with: 'most frequent' },
      { kind: 'standard', column: 'weight' },
      { kind: 'one-hot', column: 'ward', unknown: 'zeros', categories: wards },
    ];
    const naive = fitRecipe(ordinary, columnsOf(table, everybody));
    for (const [i, step] of naive.steps.entries()) {
      const other = found?.steps[i];
      if (step.kind === 'standard' && other?.kind === 'standard') {
        expect(Math.abs(other.mean - step.mean)).toBeLessThan(0.1);
        expect(Math.abs(other.stddev - step.stddev)).toBeLessThan(0.2);
      } else if (step.kind === 'impute' && other?.kind === 'impute' && typeof step.value === 'number') {
        expect(Math.abs(Number(other.value) - step.value)).toBeLessThan(0.1);
      } else expect(other).toEqual(step);
    }
    if (found === undefined) throw new Error('no recipe');
    expect(applyRecipe(found, columnsOf(table, sites[0] as Table)).columns).toHaveLength(5);
  });

  it('leaves the model what it is, is a version of its own, and comes back from its bytes', () => {
    const plan = planFor();
    const before = first(plan);
    expect(isOfColumns(plan, before)).toBe(true);
    expect(recipeOf(plan, before)).toBeUndefined();
    const after = publishedOf(plan, sites);
    expect(isOfColumns(plan, after)).toBe(false);
    expect(after).toMatchObject({ kind: 'model', version: 1 });
    if (before.kind !== 'model' || after.kind !== 'model') throw new Error('no model');
    expect(after.server).toEqual(before.server);
    for (const published of [before, after]) {
      expect(publishedFromBytes(plan, bytesOfPublished(published))).toEqual(published);
    }
    expect(() =>
      publishedFromBytes(planFor({}, undefined, { steps: steps.slice(1) }), bytesOfPublished(after)),
    ).toThrow();
    expect(sumsInPlan(plan)).toBe(6);
  });

  it('is followed by rounds that keep it', () => {
    const plan = planFor();
    const published = publishedOf(plan, sites);
    const words = added(
      [1, 2, 3].map((seed) => contributed(plan, workOf(numbers(seed, 0.1, 12)), { engine, published, seed }).words),
    );
    const next = release(engine, plan, {
      published,
      support: supportFor(plan, published),
      sums: [{ words, contributors: 3, rotation: rotationFor(plan) }],
      memberCount: 8,
    });
    if (next.kind !== 'released') throw new Error(next.reason);
    expect(next.published.columnSums).toEqual(published.columnSums);
    expect(next.published).toMatchObject({ version: 2 });
  });

  it.each([
    ['control variates', { localWork: { correction: { kind: 'control-variates' } } }],
    ['weights', { combine: { kind: 'weighted-mean', maximumWeight: 1000 } }],
  ] as const)(
    'is the same beside %s',
    (_, { localWork, combine = { kind: 'mean' } }: { localWork?: object; combine?: object }) => {
      const plan = planFor({ protection: 'mask' }, (base) => {
        const { exchange } = base;
        if (exchange.schedule === 'one-round') throw new Error('no rounds');
        return {
          ...base,
          exchange: { ...exchange, combine, localWork: { ...exchange.localWork, ...localWork } } as Plan['exchange'],
        };
      });
      const ages = (published: Published): number => {
        const step = recipeOf(plan, published)?.steps[0];
        return step?.kind === 'impute' ? Number(step.value) : Number.NaN;
      };
      expect(Math.abs(ages(publishedOf(plan, sites)) - ages(publishedOf(planFor(), sites)))).toBeLessThan(0.2);
    },
  );

  it('weighs a site of more rows than it may count less, and bends none of its means', () => {
    const alone = [1, 2, 3].map(() => sites[0] as Table);
    const [whole, cut] = [100, 30].map((rowsAtMost) => {
      const plan = planFor({}, undefined, { rowsAtMost });
      const published = publishedOf(plan, alone);
      const step = recipeOf(plan, published)?.steps[0];
      return { age: step?.kind === 'impute' ? Number(step.value) : Number.NaN, rows: published.columnSums?.[7] ?? 0 };
    });
    expect(Math.abs((cut?.age ?? 0) - (whole?.age ?? 1))).toBeLessThan(0.05);
    // Cut by the norm of all sums together: at least as much as rows are cut, at most twice of it.
    expect(cut?.rows).toBeLessThan((whole?.rows ?? 0) * 0.9);
  });

  it('shows of a site no statistic by itself: a sum of fewer than the plan has is none', () => {
    const plan = planFor();
    expect(releasedOf(plan, sites.slice(1))).toMatchObject({ kind: 'rejected', code: 'too-few' });
    const words = new Int32Array(wordEncodingOf(plan).words).fill(2 ** 20);
    const published = first(plan);
    const given = { published, support: supportFor(plan, published), memberCount: 8 };
    const sums = [{ words, contributors: 3, rotation: rotationFor(plan) }];
    expect(release(engine, plan, { ...given, sums })).toMatchObject({ kind: 'rejected', code: 'out-of-range' });
  });

  it('is not made of a table of too few, nor of an update', () => {
    const plan = planFor();
    const published = first(plan);
    const given = { kept: NOTHING_KEPT, from: published, support: supportFor(plan, published), versionsOld: 0 };
    const tools = { engine, primitives, randomBytes: seeded(1) };
    const few = { kind: 'statistics', values: new Float32Array(8), units: 3 } as const;
    expect(contribute(tools, plan, { ...given, work: few, rotation: rotationFor(plan) })).toEqual({
      kind: 'too few',
      found: 3,
      needed: 10,
      countedIn: 'rows',
    });
    const update = workOf(numbers(1, 1, 12));
    expect(() => contribute(tools, plan, { ...given, work: update, rotation: rotationFor(plan) })).toThrow(
      /summed first/,
    );
  });

  it('refuses a table that lacks a column, or has it of another type', () => {
    const other = tableFromRows({ columns: [{ name: 'age', type: 'category' }] }, [['old']]);
    expect(() => sumsOfColumns(planFor(), other)).toThrow(/age holds categorys|age holds category/);
    expect(() => columnsOf({ columns: [{ name: 'height', type: 'number' }] }, other)).toThrow(/needs a column height/);
  });
});

describe('what one row moves', () => {
  const all: readonly SharedStep[] = steps;

  it('is in the plan as it is in the data: as many sums, and no longer', () => {
    expect(columnSumsOf(planFor())).toBe(sumsLength(all));
    for (const seed of [1, 2, 3]) {
      const rows = columnsOf(table, site(seed, 20));
      const sums = localSums(all, rows);
      for (let row = 0; row < 20; row++) {
        const rest = [...Array(20).keys()].filter((other) => other !== row);
        const without = localSums(all, selectRows(rows, rest));
        expect(Math.hypot(...sums.map((value, i) => value - (without[i] ?? 0)))).toBeLessThanOrEqual(
          rowNorm(table) * (1 + 1e-12),
        );
      }
    }
    expect(rowNorm(table)).toBeCloseTo(Math.sqrt(6), 12);
    // It is reached: a row at the upper bounds.
    const top = tableFromRows(schema, [[120, 200, 'A', 'yes']]);
    expect(Math.hypot(...sumsOfColumns(planFor(), top))).toBeCloseTo(rowNorm(table), 6);
    // And is clip / rowsAtMost of the vector that is summed.
    const plan = planFor();
    const vector = columnVector(plan, sumsOfColumns(plan, top), 12);
    expect(Math.hypot(...vector)).toBeCloseTo(plan.encoding.clippingNorm / 100, 6);
  });
});

describe('the sum of columns with a promise', () => {
  const promising = (rowsAtMost: number): CheckedPlan =>
    planFor(
      { protection: 'mask', epsilon: 8, unit: 'record' },
      (base) => ({
        ...base,
        privacy: { ...base.privacy, corruptContributors: 1, noiseMultiplier: 2 } as Plan['privacy'],
      }),
      { rowsAtMost },
    );

  it('has the noise of a round, and costs what a Gaussian of that noise over clip / rowsAtMost costs', () => {
    const plan = promising(100);
    const price = priceOfColumns(plan);
    if (price === undefined) throw new Error('free');
    const answer = tightestEpsilon([price], 1e-6);
    // σ over what a row moves: the noise of the sum · rowsAtMost / clip.
    const multiplier = ((noiseOf(plan)?.stddev ?? 0) * 100) / plan.encoding.clippingNorm;
    expect(multiplier).toBeCloseTo((2 * 0.005 * 100) / 0.1, 6);
    const gaussian = tightestEpsilon(
      [under({ unit: 'record', adjacency: 'add-remove' }).gaussian({ noiseMultiplier: multiplier })],
      1e-6,
    );
    if (answer.kind !== 'bound') throw new Error(answer.reason);
    expect(answer.epsilon).toBeGreaterThan(0.3);
    if (gaussian.kind === 'bound') {
      expect(answer.epsilon).toBeGreaterThan(gaussian.epsilon);
      expect(answer.epsilon).toBeLessThan(1.2 * gaussian.epsilon);
    }
    expect(priceOfColumns(planFor())).toBeUndefined();
  });

  it('costs less where more rows fill the clip', () => {
    const epsilons = [50, 200].map((rowsAtMost) => {
      const price = priceOfColumns(promising(rowsAtMost));
      const answer = price && tightestEpsilon([price], 1e-6);
      return answer?.kind === 'bound' ? answer.epsilon : Number.NaN;
    });
    expect(epsilons[1]).toBeLessThan((epsilons[0] ?? 0) / 3);
  });

  it('has all of that noise where nobody has a row', () => {
    const plan = promising(100);
    const { noise, scale } = wordEncodingOf(plan);
    const empty = selectRows(sites[0] as Table, []);
    const draws = Array.from({ length: 400 }, (_, seed) => [...wordsOf(plan, sumsOfColumns(plan, empty), seed)]).flat();
    const deviation = Math.sqrt(draws.reduce((sum, word) => sum + word * word, 0) / draws.length);
    const share = deviation / scale;
    expect(Math.abs(deviation / Math.sqrt(noise?.variance ?? 0) - 1)).toBeLessThan(5 / Math.sqrt(2 * draws.length));
    // Two honest shares of three make it.
    expect(share * Math.sqrt(2)).toBeGreaterThan((noiseOf(plan)?.stddev ?? 1) * 0.97);
  });
});
