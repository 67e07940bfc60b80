import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import {
  appendRows,
  categoricalColumn,
  columnOf,
  dateColumn,
  filterRows,
  missingCountOf,
  numericColumn,
  parseDate,
  rowsOf,
  type Schema,
  schemaFromJson,
  schemaOf,
  selectColumns,
  selectRows,
  tableFromRows,
  tableOf,
  textOf,
  withColumns,
  withoutColumns,
  withoutUnusedCategories,
} from './index.ts';

const schema: Schema = {
  columns: [
    { name: 'age', type: 'integer' },
    { name: 'weight', type: 'number' },
    { name: 'born', type: 'date' },
    { name: 'town', type: 'category' },
  ],
};
const rows = [
  [39, 71.5, '1987-02-28', 'Bern'],
  [null, null, null, null],
  [41, 60, '1985-01-01', 'Chur'],
  [40, 80.25, '1986-12-31', 'Bern'],
];
const people = tableFromRows(schema, rows);

describe('a table', () => {
  it('gives back the rows it was made from, missing cells included', () => {
    expect(rowsOf(people)).toEqual(rows);
    expect(people.columns.map(missingCountOf)).toEqual([1, 1, 1, 1]);
    expect(textOf(columnOf(people, 'town'), 1)).toBe('');
    expect(schemaOf(people)).toEqual(schema);
  });

  it('selects rows in the order asked for, and shares dictionaries', () => {
    const some = selectRows(people, Uint32Array.of(3, 0, 3));
    expect(rowsOf(some)).toEqual([rows[3], rows[0], rows[3]]);
    const [before, after] = [columnOf(people, 'town'), columnOf(some, 'town')];
    expect(before.type === 'category' && after.type === 'category' && before.dictionary === after.dictionary).toBe(
      true,
    );
    expect(rowsOf(filterRows(people, (row) => row > 1))).toEqual(rows.slice(2));
  });

  it('refuses a row or a column that is not there', () => {
    for (const row of [4, -1, 0.5]) expect(() => selectRows(people, [row])).toThrow(ParameterError);
    expect(() => columnOf(people, 'height')).toThrow(/no column height/);
    expect(() => withoutColumns(people, ['height'])).toThrow(ParameterError);
  });

  it('selects, drops and replaces columns and leaves the first table as it was', () => {
    expect(rowsOf(selectColumns(people, ['town', 'age']))[0]).toEqual(['Bern', 39]);
    expect(rowsOf(withoutColumns(people, ['born', 'weight']))[0]).toEqual([39, 'Bern']);
    const changed = withColumns(people, [
      numericColumn('age', 'integer', Float64Array.of(1, 2, 3, 4)),
      numericColumn('extra', 'number', Float64Array.of(0.5, 0.5, 0.5, 0.5)),
    ]);
    expect(rowsOf(changed)[1]).toEqual([2, null, null, null, 0.5]);
    expect(rowsOf(people)).toEqual(rows);
    expect(
      () =>
        Reflect.set(people, 'rowCount', 5) ||
        (() => {
          throw new TypeError('frozen');
        })(),
    ).toThrow(TypeError);
  });

  it('is appended to another by joining dictionaries', () => {
    const more = tableFromRows(schema, [
      [1, 2, '2000-02-29', 'Davos'],
      [3, 4, null, 'Chur'],
    ]);
    const all = appendRows(people, more);
    expect(rowsOf(all)).toEqual([...rows, [1, 2, '2000-02-29', 'Davos'], [3, 4, null, 'Chur']]);
    expect(() => appendRows(people, withoutColumns(more, ['age']))).toThrow(ParameterError);
  });

  it('refuses columns of different lengths or of one name', () => {
    const one = numericColumn('x', 'number', new Float64Array(2));
    expect(() => tableOf([one, numericColumn('y', 'number', new Float64Array(3))])).toThrow(/3 rows/);
    expect(() => tableOf([one, one])).toThrow(/two columns/);
  });
});

describe('a column', () => {
  it('refuses what its type cannot hold', () => {
    expect(() => numericColumn('x', 'integer', Float64Array.of(1.5))).toThrow(ParameterError);
    expect(() => numericColumn('x', 'integer', Float64Array.of(2 ** 53))).toThrow(ParameterError);
    expect(() => numericColumn('x', 'number', Float64Array.of(Number.POSITIVE_INFINITY))).toThrow(ParameterError);
    expect(() => dateColumn('x', Float64Array.of(8.65e15), 'day')).toThrow(ParameterError);
    expect(() => categoricalColumn('x', Int32Array.of(2), ['a', 'b'])).toThrow(/code 2 of 2/);
    expect(() => categoricalColumn('x', Int32Array.of(0), ['a', 'a'])).toThrow(/twice/);
  });

  it('forgets categories that occur in no row, and keeps the rest in order', () => {
    const column = categoricalColumn('x', Int32Array.of(3, -1, 1, 3), ['a', 'b', 'c', 'd']);
    const tidy = withoutUnusedCategories(column);
    expect(tidy.dictionary).toEqual(['b', 'd']);
    expect([...tidy.codes]).toEqual([1, -1, 0, 1]);
  });

  it('keeps the declared order of categories and refuses one that was not declared', () => {
    const declared: Schema = { columns: [{ name: 'size', type: 'category', categories: ['S', 'M', 'L'] }] };
    const [column] = tableFromRows(declared, [['L'], ['S']]).columns;
    expect(column?.type === 'category' && [...column.codes]).toEqual([2, 0]);
    expect(() => tableFromRows(declared, [['XL']])).toThrow(ParameterError);
  });
});

describe('dates', () => {
  it.each([
    ['2026-11-20', 'iso', '2026-11-20T00:00:00.000Z'],
    ['0099-03-01', 'iso', '0099-03-01T00:00:00.000Z'],
    ['2026-11-20T13:05', 'iso', '2026-11-20T13:05:00.000Z'],
    ['2026-11-20 13:05:06.25+01:30', 'iso', '2026-11-20T11:35:06.250Z'],
    ['29.2.2024', 'day.month.year', '2024-02-29T00:00:00.000Z'],
    ['01/02/2024', 'day/month/year', '2024-02-01T00:00:00.000Z'],
    ['01/02/2024', 'month/day/year', '2024-01-02T00:00:00.000Z'],
  ] as const)('%s as %s is %s', (text, format, instant) => {
    expect(new Date(parseDate(text, format)?.milliseconds ?? Number.NaN).toISOString()).toBe(instant);
  });

  it.each([
    ['2023-02-29', 'iso'],
    ['1900-02-29', 'iso'],
    ['2024-13-01', 'iso'],
    ['2024-00-10', 'iso'],
    ['2024-01-01T24:00', 'iso'],
    ['31.4.2024', 'day.month.year'],
    ['13/13/2024', 'day/month/year'],
  ] as const)('%s as %s is none', (text, format) => {
    expect(parseDate(text, format)).toBeUndefined();
  });
});

describe('a schema out of JSON', () => {
  it('is read, and refused with the reason where it says something unknown', () => {
    expect(schemaFromJson(JSON.parse(JSON.stringify(schema)))).toEqual(schema);
    const wrong: [unknown, RegExp][] = [
      [null, /no object/],
      [{}, /list called columns/],
      [{ columns: [{ name: 'a', type: 'float' }] }, /not float/],
      [{ columns: [{ name: 'a', type: 'number', kind: 1 }] }, /has no kind/],
      [{ columns: [{ name: 'a', type: 'number', categories: ['x'] }] }, /no categories/],
      [{ columns: [{ name: 'a', type: 'category', categories: ['x', 'x'] }] }, /twice/],
      [
        {
          columns: [
            { name: 'a', type: 'number' },
            { name: 'a', type: 'date' },
          ],
        },
        /one name/,
      ],
    ];
    for (const [value, message] of wrong) expect(() => schemaFromJson(value)).toThrow(message);
  });
});
