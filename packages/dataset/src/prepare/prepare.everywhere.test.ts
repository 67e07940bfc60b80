import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedData, ParameterError } from '../errors.ts';
import {
  appendRows,
  categoriesOf,
  columnNames,
  rowsOf,
  type Schema,
  selectRows,
  tableFromRows,
} from '../table/index.ts';
import {
  applyImages,
  applyRecipe,
  featuresOf,
  fitImages,
  fitRecipe,
  localSums,
  recipeFromJson,
  recipeFromSums,
  type SharedStep,
  type Step,
} from './index.ts';

const schema: Schema = {
  columns: [
    { name: 'age', type: 'integer' },
    { name: 'weight', type: 'number' },
    { name: 'town', type: 'category' },
    { name: 'income', type: 'category' },
  ],
};
const train = tableFromRows(schema, [
  [20, 60, 'Chur', '>50K.'],
  [30, null, 'Bern', '<=50K.'],
  [40, 90, null, '>50K'],
  [null, 70, 'Bern', '<=50K'],
]);
const test = tableFromRows(schema, [
  [60, 80, 'Bern', '>50K.'],
  [10, 100, null, '<=50K'],
]);

const steps: Step[] = [
  { kind: 'recode', column: 'income', replacements: { '>50K.': '>50K', '<=50K.': '<=50K' } },
  { kind: 'impute', column: 'age', with: 'median' },
  { kind: 'impute', column: 'weight', with: 'mean' },
  { kind: 'impute', column: 'town', with: 'most frequent' },
  { kind: 'one-hot', column: 'town' },
  { kind: 'ordinal', column: 'income', categories: ['<=50K', '>50K'] },
  { kind: 'min-max', column: 'age' },
  { kind: 'standard', column: 'weight' },
];

describe('a recipe', () => {
  const recipe = fitRecipe(steps, train);

  it('is fitted on the training rows and applied to others with their statistics', () => {
    const prepared = applyRecipe(recipe, test);
    expect(columnNames(prepared)).toEqual(['age', 'weight', 'town=Bern', 'town=Chur', 'income']);
    // Median age 30, mean weight 73.33 (imputed before standardising: 60, 73.33, 90, 70).
    const mean = (60 + 220 / 3 + 90 + 70) / 4;
    const stddev = Math.sqrt([60, 220 / 3, 90, 70].reduce((sum, one) => sum + (one - mean) ** 2, 0) / 3);
    const expected = [
      [2, (80 - mean) / stddev, 1, 0, 1],
      [-0.5, (100 - mean) / stddev, 1, 0, 0],
    ];
    for (const [row, cells] of rowsOf(prepared).entries()) {
      for (const [column, cell] of cells.entries()) expect(cell).toBeCloseTo(expected[row]![column]!, 12);
    }
  });

  it('is a JSON value, and the same after a journey', () => {
    const arrived = recipeFromJson(JSON.parse(JSON.stringify(recipe)));
    expect(arrived).toEqual(recipe);
    expect(rowsOf(applyRecipe(arrived, test))).toEqual(rowsOf(applyRecipe(recipe, test)));
  });

  it('makes the same of a row whatever stands beside it', () => {
    const alone = selectRows(test, [1]);
    expect(rowsOf(applyRecipe(recipe, alone))[0]).toEqual(rowsOf(applyRecipe(recipe, test))[1]);
    const beside = applyRecipe(recipe, appendRows(alone, train));
    expect(rowsOf(beside)[0]).toEqual(rowsOf(applyRecipe(recipe, test))[1]);
  });

  it('refuses a category that training did not have, or makes it zeros when told to', () => {
    const stranger = tableFromRows(schema, [[1, 1, 'Davos', '>50K']]);
    expect(() => applyRecipe(recipe, stranger)).toThrow(/line 1, column town: "Davos" is none of the categories/);
    expect(() => applyRecipe(recipe, stranger)).toThrow(MalformedData);
    const lenient = fitRecipe([{ kind: 'one-hot', column: 'town', unknown: 'zeros' }], train);
    expect(rowsOf(applyRecipe(lenient, stranger))[0]?.slice(2, 4)).toEqual([0, 0]);
  });

  it('leaves constant columns at zero instead of dividing by nothing', () => {
    const flat = tableFromRows({ columns: [{ name: 'x', type: 'number' }] }, [[5], [5]]);
    for (const kind of ['min-max', 'standard'] as const) {
      expect(rowsOf(applyRecipe(fitRecipe([{ kind, column: 'x' }], flat), flat))).toEqual([[0], [0]]);
    }
  });

  it('makes numbers of dates: days, with fractions of instants', () => {
    const dates = { columns: [{ name: 'd', type: 'date' }] } as const;
    const recipe = recipeFromJson(JSON.parse('{"version":1,"steps":[{"kind":"days","column":"d"}]}'));
    const days = tableFromRows(dates, [['1970-01-02'], ['1969-12-31'], [null]]);
    expect(rowsOf(applyRecipe(recipe, days))).toEqual([[1], [-1], [null]]);
    expect(rowsOf(applyRecipe(recipe, tableFromRows(dates, [['1970-01-01T06:00Z']])))).toEqual([[0.25]]);
    expect(() => fitRecipe([{ kind: 'days', column: 'age' }], train)).toThrow(ParameterError);
  });

  it('clips to the training range when told to', () => {
    const clipped = fitRecipe([{ kind: 'min-max', column: 'age', clip: true, bounds: [20, 50] }], train);
    expect(rowsOf(applyRecipe(clipped, test)).map(([age]) => age)).toEqual([1, 0]);
  });

  it.each([
    [{ version: 2, steps: [] }, /version 2/],
    [{ version: 1, steps: [{ kind: 'shell', column: 'x' }] }, /no kind of step/],
    [{ version: 1, steps: [{ kind: 'standard', column: 'x', mean: '1', stddev: 1 }] }, /no number/],
    [{ version: 1, steps: [{ kind: 'standard', column: 'x', mean: 1, stddev: 1, code: 'x' }] }, /has no code/],
    [{ version: 1, steps: [{ kind: 'one-hot', column: 'x', categories: 'ab', unknown: 'zeros' }] }, /no list/],
    [[], /no object/],
  ])('out of JSON is checked (%#)', (value, message) => {
    expect(() => recipeFromJson(value)).toThrow(message);
    expect(() => recipeFromJson(value)).toThrow(ParameterError);
  });

  it('refuses steps that a column cannot take', () => {
    const wrong: Step[] = [
      { kind: 'standard', column: 'town' },
      { kind: 'one-hot', column: 'age' },
      { kind: 'impute', column: 'town', with: 'mean' },
      { kind: 'impute', column: 'age', with: { value: 'x' } },
      { kind: 'min-max', column: 'nothing' },
    ];
    for (const step of wrong) expect(() => fitRecipe([step], train)).toThrow(ParameterError);
  });
});

describe('rows of bounded norm', () => {
  it('are never longer than the bound, point as before, and short ones stay as they are', () => {
    const size = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(size, size, size), { minLength: 1, maxLength: 5 }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (rows, bound) => {
          const names = ['x', 'y', 'z'];
          const table = tableFromRows({ columns: names.map((name) => ({ name, type: 'number' })) }, rows);
          const recipe = fitRecipe([{ kind: 'bound-norm', bound }], table);
          for (const [at, row] of rowsOf(applyRecipe(recipe, table)).entries()) {
            const after = row.map(Number);
            expect(Math.hypot(...after)).toBeLessThanOrEqual(bound);
            const before = rows[at]!;
            if (Math.hypot(...before) <= bound * (1 - 1e-12)) expect(after).toEqual(before);
            else expect(Math.hypot(...after)).toBeGreaterThan(bound * (1 - 1e-12));
          }
        },
      ),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('features', () => {
  it('are numbers row by row, or are refused by name and row', () => {
    const { rows, names, values } = featuresOf(applyRecipe(fitRecipe(steps, train), test));
    expect([rows, names.length, values.length]).toEqual([2, 5, 10]);
    expect(values[5]).toBe(-0.5);
    expect(() => featuresOf(train, ['town'])).toThrow(/column town holds/);
    expect(() => featuresOf(train, ['age'])).toThrow(/line 4, column age: a missing value/);
  });
});

describe('statistics of several participants', () => {
  const shared: SharedStep[] = [
    { kind: 'impute', column: 'age', with: 'mean', bounds: [0, 100] },
    { kind: 'impute', column: 'town', with: 'most frequent', categories: ['Bern', 'Chur', 'Davos'] },
    { kind: 'one-hot', column: 'town', unknown: 'zeros', categories: ['Bern', 'Chur', 'Davos'] },
    { kind: 'standard', column: 'weight', bounds: [0, 200] },
    { kind: 'min-max', column: 'age', clip: true, bounds: [0, 100] },
  ];

  it('come from the sum of their sums, and are those of all rows together', () => {
    const whole = recipeFromSums(shared, localSums(shared, train));
    const parts = [[0, 3], [1], [2]].map((rows) => localSums(shared, selectRows(train, rows)));
    const total = parts.reduce((sum, one) => sum.map((value, at) => value + one[at]!));
    const joint = recipeFromSums(shared, total);
    expect(joint.steps[0]).toMatchObject({ kind: 'impute', column: 'age' });
    expect(Reflect.get(joint.steps[0]!, 'value')).toBeCloseTo(30, 10);
    expect(joint.steps[1]).toMatchObject({ value: 'Bern' });
    const [mean, stddev] = ['mean', 'stddev'].map((key) => Number(Reflect.get(joint.steps[3]!, key)));
    expect(mean).toBeCloseTo(220 / 3, 10);
    expect(stddev).toBeCloseTo(Math.sqrt([60, 90, 70].reduce((sum, one) => sum + (one - 220 / 3) ** 2, 0) / 3), 8);
    expect(whole.steps.map((step) => step.kind)).toEqual(joint.steps.map((step) => step.kind));
    expect(recipeFromJson(JSON.parse(JSON.stringify(joint)))).toEqual(joint);
  });

  it('let no row weigh more than one in any sum, however far out it lies', () => {
    const before = localSums(shared, train);
    const wild = appendRows(train, tableFromRows(schema, [[1_000_000, -1e9, 'Bern', 'x']]));
    const after = localSums(shared, wild);
    for (const [at, sum] of after.entries()) expect(Math.abs(sum - before[at]!)).toBeLessThanOrEqual(1);
  });

  it('endure noise: no negative variance, no empty count', () => {
    const noisy = localSums(shared, train).map((_, at) => (at % 2 === 0 ? -3 : 2));
    const recipe = recipeFromSums(shared, noisy);
    expect(recipeFromJson(JSON.parse(JSON.stringify(recipe)))).toEqual(recipe);
    expect(() => recipeFromSums(shared, [1, 2])).toThrow(ParameterError);
  });
});

describe('images for a network', () => {
  const images = {
    count: 2,
    width: 2,
    height: 1,
    channels: 3,
    samples: Uint8Array.of(0, 51, 102, 255, 204, 102, 0, 51, 102, 255, 204, 102),
    labels: categoriesOf('label', ['a', 'b']),
  } as const;

  it('are in [0, 1], channel by channel, or standardised by the training images', () => {
    const plain = applyImages(fitImages({ width: 2, height: 1, channels: 3, normalise: 'unit' }, images), images);
    expect(plain.shape).toEqual([2, 3, 1, 2]);
    expect([...plain.values.subarray(0, 6)].map((value) => Math.round(value * 255))).toEqual([
      0, 255, 51, 204, 102, 102,
    ]);
    const recipe = fitImages({ width: 2, height: 1, channels: 3, normalise: 'standard' }, images);
    const { values } = applyImages(recipe, images);
    for (let channel = 0; channel < 3; channel += 1) {
      const own = [...values].filter((_, at) => Math.floor(at / 2) % 3 === channel);
      expect(own.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0, 5);
      if (channel < 2) expect(own.reduce((sum, one) => sum + one * one, 0) / own.length).toBeCloseTo(1, 5);
    }
    expect(JSON.parse(JSON.stringify(recipe))).toEqual(recipe);
  });

  it('are resized and turned grey as the recipe says', () => {
    const { shape, values } = applyImages(
      fitImages({ width: 1, height: 1, channels: 1, normalise: 'unit' }, images),
      images,
    );
    expect(shape).toEqual([2, 1, 1, 1]);
    expect(values[0]).toBeCloseTo(
      (Math.round(0.587 * 51 + 0.114 * 102) + Math.round(0.299 * 255 + 0.587 * 204 + 0.114 * 102)) / 2 / 255,
      1,
    );
  });
});
