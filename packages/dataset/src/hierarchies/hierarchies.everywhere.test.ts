import { describe, expect, it } from 'vitest';
import { MalformedData, ParameterError } from '../errors.ts';
import { categoriesOf, dateColumn, numericColumn } from '../table/index.ts';
import { boundColumn, builtHierarchy, resolvedSpec, withMissing } from './columns.ts';
import { hierarchyFromCsv, hierarchyToCsv } from './csv.ts';
import { type Hierarchy, hierarchyOfRows } from './hierarchy.ts';

/** Every value's way up. */
function ways({ labels, codes }: Hierarchy): Record<string, string[]> {
  return Object.fromEntries(
    labels[0].map((text, base) => [text, codes.slice(1).map((own, level) => labels[level + 1][own[base]])]),
  );
}

describe('a hierarchy', () => {
  it('knows the share of the domain behind every value', () => {
    const one = hierarchyOfRows('job', 'file', [
      ['baker', 'hands', '*'],
      ['smith', 'hands', '*'],
      ['clerk', 'paper', '*'],
      ['judge', 'paper', '*'],
      ['scribe', 'paper', '*'],
    ]);
    expect(one.height).toBe(2);
    expect([...one.shares[0]]).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
    expect([...one.shares[1]]).toEqual([0.4, 0.6]);
    expect([...one.shares[2]]).toEqual([1]);
  });

  it.each([
    [
      [
        ['a', 'x', '*'],
        ['b', 'x', '?'],
      ],
      /does not nest: row 1 and row 2 are one value on level 1/,
    ],
    [
      [
        ['a', '*'],
        ['a', '*'],
      ],
      /row 2 repeats a value of row 1/,
    ],
    [[['a', '*'], ['b']], /row 2 has 1 levels, the first has 2/],
    [[], /is empty/],
  ])('is refused where it is none: %j', (rows, message) => {
    expect(() => hierarchyOfRows('job', 'file', rows)).toThrow(message);
  });
});

describe('a hierarchy as a file', () => {
  it('comes back as it was written, whatever stands in its cells', () => {
    const rows = [
      ['a;b', 'quote "x"', '*'],
      ['line\nbreak', 'quote "x"', '*'],
      ['', 'empty', '*'],
      ['<=50K', 'plain', '*'],
    ];
    const one = hierarchyOfRows('odd', 'file', rows);
    const again = hierarchyFromCsv({ name: 'odd', text: hierarchyToCsv(one) });
    expect(again.labels).toEqual(one.labels);
    expect(again.codes).toEqual(one.codes);
  });

  it('is read with a byte order mark, CRLF, commas and an empty line at the end', () => {
    const one = hierarchyFromCsv({ name: 'sex', text: '\uFEFFm,*\r\nf,*\r\n\r\n' });
    expect(ways(one)).toEqual({ m: ['*'], f: ['*'] });
  });

  it('is refused with file and line', () => {
    const read = (text: string) => () => hierarchyFromCsv({ name: 'job', text, file: 'job.csv' });
    expect(read('a;x;*\nb;x;?\n')).toThrow(MalformedData);
    expect(read('a;x;*\n\nb;x;?\n')).toThrow(/job\.csv: .*line 1 and line 3/);
    expect(read('a;*\n"b;*\n')).toThrow(/job\.csv, line 2: a quote is never closed/);
  });
});

describe('a hierarchy built from values', () => {
  const numbers = (values: number[]) => numericColumn('age', 'integer', Float64Array.from(values));

  it('is refused where it would have levels without end', () => {
    const wide = numbers([0, 1e10]);
    expect(() => builtHierarchy(wide, { kind: 'numbers', width: 1e-300 })).toThrow(/too narrow/);
    expect(() => builtHierarchy(wide, { kind: 'numbers', width: 1e-9 })).toThrow(ParameterError);
    expect(builtHierarchy(wide, { kind: 'numbers', width: 1e-5 }).height).toBe(50);
    const long = categoriesOf('note', ['x'.repeat(65), 'y']);
    expect(() => builtHierarchy(long, { kind: 'masking' })).toThrow(/a text of 65 characters/);
  });

  it('joins numbers in intervals that start at the origin and double', () => {
    const one = builtHierarchy(numbers([17, 22, 38, 90]), { kind: 'numbers', width: 5 });
    expect(ways(one)).toEqual({
      '17': ['15 to 19', '10 to 19', '0 to 19', '0 to 39', '*'],
      '22': ['20 to 24', '20 to 29', '20 to 39', '0 to 39', '*'],
      '38': ['35 to 39', '30 to 39', '20 to 39', '0 to 39', '*'],
      '90': ['90 to 94', '90 to 99', '80 to 99', '80 to 119', '*'],
    });
  });

  it('joins fractions in half-open intervals, below zero too', () => {
    const column = numericColumn('t', 'number', Float64Array.of(-0.3, 0.1, 0.25));
    const one = builtHierarchy(column, { kind: 'numbers', width: 0.25 });
    expect(ways(one)['-0.3']?.[0]).toBe('-0.5 to below -0.25');
    expect(ways(one)['0.25']?.[0]).toBe('0.25 to below 0.5');
  });

  it('nests for many random numbers and widths', () => {
    for (let at = 1; at < 60; at += 1) {
      const values = Float64Array.from({ length: 50 }, (_, i) => Math.round(Math.sin(i * at) * 10 ** (at % 5)));
      const one = builtHierarchy(numericColumn('x', 'integer', values), { kind: 'automatic' });
      expect(one.labels.at(-1)).toEqual(['*']);
    }
  });

  it('goes from days to months, years and decades', () => {
    const column = dateColumn('born', Float64Array.of(Date.UTC(1987, 1, 28), Date.UTC(1990, 11, 31)), 'day');
    expect(ways(builtHierarchy(column, { kind: 'automatic' }))).toEqual({
      '1987-02-28': ['1987-02', '1987', '1980 to 1989', '*'],
      '1990-12-31': ['1990-12', '1990', '1990 to 1999', '*'],
    });
  });

  it('masks postcodes from the right, of different lengths too', () => {
    const one = builtHierarchy(categoriesOf('zip', ['8001', '8053', '123']), { kind: 'masking' });
    expect(ways(one)['8053']).toEqual(['805*', '80**', '8***', '*']);
    expect(ways(one)['123']).toEqual(['12*', '1**', '***', '*']);
  });

  it('sees by itself that texts are postcodes', () => {
    const codes = Array.from({ length: 40 }, (_, at) => String(8000 + at));
    expect(builtHierarchy(categoriesOf('zip', codes), { kind: 'automatic' }).origin).toBe('masking');
    expect(builtHierarchy(categoriesOf('job', ['baker', 'smith']), { kind: 'automatic' }).origin).toBe('categories');
  });

  it('puts categories in named groups and leaves the rest alone', () => {
    const column = categoriesOf('job', ['baker', 'smith', 'judge']);
    const one = builtHierarchy(column, { kind: 'categories', groups: { hands: ['baker', 'smith'] } });
    expect(ways(one)).toEqual({ baker: ['hands', '*'], smith: ['hands', '*'], judge: ['judge', '*'] });
    const twice = { kind: 'categories', groups: { a: ['baker'], b: ['baker'] } } as const;
    expect(() => builtHierarchy(column, twice)).toThrow(ParameterError);
  });

  it('can be written down, so that next month it is the same', () => {
    const ages = numbers([17, 22, 38, 97]);
    const said = resolvedSpec(ages, { kind: 'automatic' });
    expect(said).toEqual({ kind: 'numbers', width: 5 });
    expect(builtHierarchy(ages, said)).toEqual(builtHierarchy(ages, { kind: 'automatic' }));
    expect(resolvedSpec(ages, { kind: 'numbers', width: 3 })).toEqual({ kind: 'numbers', width: 3 });
    expect(resolvedSpec(categoriesOf('job', ['baker']), { kind: 'automatic' })).toEqual({ kind: 'categories' });
  });

  it('is refused where the column holds something else', () => {
    expect(() => builtHierarchy(categoriesOf('job', ['a']), { kind: 'numbers' })).toThrow(/not numbers/);
    expect(() => builtHierarchy(numbers([1]), { kind: 'dates' })).toThrow(/no dates/);
    expect(() => builtHierarchy(numbers([1]), { kind: 'numbers', width: 0 })).toThrow(/width/);
  });
});

describe('a column', () => {
  const sex = hierarchyFromCsv({ name: 'sex', text: 'm;*\nf;*\n' });

  it('finds its places, missing cells being a value that generalises like others', () => {
    const bound = boundColumn(categoriesOf('sex', ['f', null, 'm', 'f']), sex);
    expect([...bound.codes]).toEqual([1, 2, 0, 1]);
    expect(bound.hierarchy.labels).toEqual([['m', 'f', ''], ['*']]);
    expect(withMissing(bound.hierarchy)).toBe(bound.hierarchy);
  });

  it('is refused with the value that the hierarchy lacks, and its row', () => {
    expect(() => boundColumn(categoriesOf('sex', ['f', 'x']), sex)).toThrow(/column sex: .*"x", .*row 2/);
  });
});
