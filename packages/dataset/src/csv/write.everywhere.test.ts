import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsOf, type Schema, tableFromRows } from '../table/index.ts';
import { csvOf, isFormula, readCsvBytes } from './index.ts';
import { recordsOf } from './records.ts';

describe('writing CSV', () => {
  it('comes back as it was', async () => {
    const schema: Schema = {
      columns: [
        { name: 'n', type: 'number' },
        { name: 't', type: 'category' },
        { name: 'd', type: 'date' },
      ],
    };
    const text = fc
      .string({ unit: 'grapheme', maxLength: 12 })
      .filter(
        (one) => !/\0/.test(one) && !['', '?', 'NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'NULL', 'null'].includes(one),
      );
    const number = fc.double({ noDefaultInfinity: true, noNaN: true }).map((one) => (Object.is(one, -0) ? 0 : one));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(number, fc.option(text), fc.constantFrom('2024-02-29', null)), {
          minLength: 1,
          maxLength: 20,
        }),
        async (rows) => {
          const bytes = csvOf(tableFromRows(schema, rows), { neutraliseFormulas: false });
          const { table } = await readCsvBytes(bytes, {
            schema,
            dialect: { separator: ',', header: true, trim: false, encoding: 'utf-8' },
          });
          expect(rowsOf(table)).toEqual(rows);
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });

  it('makes formulas harmless and counts them, headers too', () => {
    const schema: Schema = {
      columns: [
        { name: '=cmd()', type: 'category' },
        { name: 'n', type: 'number' },
      ],
    };
    const evil = ['=1+1', '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1', '|x', '=HYPERLINK("http://x","y")'];
    const table = tableFromRows(schema, [...evil.map((text) => [text, -1]), ['-1.5', 2], ['a=b', 3]]);
    const lines = String.fromCharCode(...csvOf(table)).split('\n');
    expect(lines[0]).toBe("'=cmd(),n");
    expect(lines[1]).toBe("'=1+1,-1");
    expect(lines.at(-3)).toBe('-1.5,2');
    expect(lines.at(-2)).toBe('a=b,3');
    for (const text of evil) expect(isFormula(text)).toBe(true);
    for (const record of recordsOf(csvOf(table), { separator: ',', quote: '"' }, 100, true)) {
      for (const field of record) expect(isFormula(field)).toBe(false);
    }
  });
});
