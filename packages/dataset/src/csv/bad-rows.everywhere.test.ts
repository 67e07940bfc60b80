import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedData } from '../errors.ts';
import { columnOf, rowsOf, type Schema } from '../table/index.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { readCsvBytes } from './index.ts';

const read = async (text: string, more: Parameters<typeof readCsvBytes>[1] = {}) =>
  readCsvBytes(encodeUtf8(text), more);

/** The message of the MalformedData that reading throws. */
async function complaint(text: string | Uint8Array, more: Parameters<typeof readCsvBytes>[1] = {}): Promise<string> {
  try {
    await readCsvBytes(typeof text === 'string' ? encodeUtf8(text) : text, { file: 'x.csv', ...more });
  } catch (error) {
    if (error instanceof MalformedData) return error.message;
    throw error;
  }
  return 'nothing was refused';
}

describe('bad rows', () => {
  const bad = 'a,b\n1,x\n2\n3,y,z\n4,"w"v\n5,u\0\n6,t\n';
  it.each([
    ['a,b\n1,2\n3\n', /line 3: the record has 1 fields, the table 2 columns/],
    ['a,b\n1,2\n"x"y,3\n', /line 3: text after a closing quote/],
    ['a,b\n1,2\n3,"4\n5,6\n', /line 3: a quote is opened and never closed/],
    ['a,b\n1,2\n3,4\0\n', /line 3, column b: the field holds a NUL byte/],
  ])('stop the reading of %j with line and reason', async (text, message) => {
    expect(await complaint(text, { schema: { columns: [{ name: 'b', type: 'category' }] } })).toMatch(message);
  });

  it('within the tolerance are left out, counted and told', async () => {
    const schema: Schema = { columns: [{ name: 'b', type: 'category' }] };
    const { table, report } = await read(bad, { tolerance: { rows: 4 }, schema });
    expect(rowsOf(table)).toEqual([
      [1, 'x'],
      [6, 't'],
    ]);
    expect(columnOf(table, 'b')).toMatchObject({ dictionary: ['x', 't'] });
    expect(report.rejectedRows).toBe(4);
    expect(report.rejected.map((row) => row.line).sort()).toEqual([3, 4, 5, 6]);
    await expect(read(bad, { tolerance: { rows: 3 }, schema })).rejects.toThrow(/more than 3 bad rows/);
    await expect(read(bad, { tolerance: { share: 0.5 }, schema })).rejects.toThrow(/4 of 6 rows are bad/);
    expect((await read(bad, { tolerance: { share: 0.7 }, schema })).report.rows).toBe(2);
  });

  it('are told by the line on which they start, behind fields that span lines', async () => {
    expect(await complaint('a,b\n"x\ny\r\nz",1\n\nu,2,3\n')).toMatch(/line 6: the record has 3/);
  });

  it('never disappear: rows, rejected and blank lines are all lines', async () => {
    const lines = Array.from({ length: 5000 }, (_, at) =>
      at % 7 === 0 ? 'x' : at % 11 === 0 ? '' : at % 13 === 0 ? 'a,b,c' : `${at},t`,
    );
    const schema: Schema = { columns: [{ name: 'n', type: 'integer' }] };
    const { report } = await read(`n,t\n${lines.join('\n')}\n`, { tolerance: { share: 1 }, schema });
    expect(report.rows + report.rejectedRows + report.blankLines).toBe(5000);
    expect(report.rejected).toHaveLength(100);
  });
});

describe('hostile files', () => {
  it('cannot make the reader hold a record without end', async () => {
    const limits = { recordBytes: 1 << 16, columns: 10 };
    expect(await complaint(`a,b\n1,"${'x'.repeat(1 << 21)}`, { limits })).toMatch(
      /line 2: a record of more than 65536 bytes/,
    );
    expect(await complaint(`${'a,'.repeat(100)}\n`, { limits })).toMatch(/101 columns; at most 10/);
    expect(await complaint('')).toMatch(/the file is empty/);
    expect(await complaint('a,'.repeat(1 << 18))).toMatch(/the first \d+ bytes hold no whole record|columns; at most/);
  });

  it('cannot slow the lookup of categories by texts that fall on one place', async () => {
    const texts = Array.from({ length: 1 << 15 }, (_, at) =>
      collisions.map((pair, bit) => pair[(at >> bit) & 1]).join(''),
    );
    expect(new Set(texts.map(wordHash)).size).toBe(1);
    const started = performance.now();
    const { table } = await read(`t\n${texts.join('\n')}\n${texts.join('\n')}\n`, {
      dialect: { header: true, separator: ';' },
    });
    const column = columnOf(table, 't');
    expect(column.type === 'category' && column.dictionary.length).toBe(1 << 15);
    expect(rowsOf(table).map(([text]) => text)).toEqual([...texts, ...texts]);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('of random bytes are read or refused, never anything else', async () => {
    const byte = fc.oneof(
      fc.constantFrom(...[...'",;\n\r\t 0123.-aé'].flatMap((one) => [...encodeUtf8(one)])),
      fc.nat(255),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.array(byte, { maxLength: 200 }),
        async (random, likely) => {
          for (const bytes of [random, Uint8Array.from(likely)]) {
            try {
              const { table, report } = await readCsvBytes(bytes, { tolerance: { share: 1 } });
              expect(table.rowCount).toBe(report.rows);
            } catch (error) {
              expect(error).toBeInstanceOf(MalformedData);
            }
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});

/** Each pair collides after the ones before it, so any choice of one text from each pair gives the same hash. */
const collisions = [
  ['jotcwszj', 'wmogxtkp'],
  ['toorfdkr', 'bfhoplkc'],
  ['cawjnjtb', 'lzjpylpm'],
  ['hrfwsjdi', 'rsozsuio'],
  ['rhdvkffa', 'xbbnebtk'],
  ['ixeiwopg', 'chhdwmek'],
  ['rnhfqmlc', 'lumsikou'],
  ['byesgsqa', 'lbwoafeb'],
  ['vuwlinlq', 'ffqbcjap'],
  ['whzvucag', 'aasqckan'],
  ['mkdmajwl', 'mljneeuw'],
  ['qiwoxcwl', 'qgqjxmwx'],
  ['tgypmauu', 'nqdyewlv'],
  ['blvltjga', 'wmoaugex'],
  ['ywaqruab', 'nmyemkmi'],
] as const;

/** The hash of category-table.ts for texts whose length is a multiple of four. */
function wordHash(text: string): number {
  const bytes = encodeUtf8(text);
  const view = new DataView(bytes.buffer);
  let hash = bytes.length;
  for (let at = 0; at < bytes.length; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}
