import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedData, ParameterError } from '../errors.ts';
import { columnOf, rowsOf, type Schema, tableFromRows } from '../table/index.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { csvOf, inspectCsv, isFormula, readCsv, readCsvBatches, readCsvBytes } from './index.ts';
import { recordsOf } from './records.ts';
import { Scanner } from './scanner.ts';

const people = 'name,age,weight,born,town\nAda,36,61.5,1815-12-10,London\nAlan,41,?,1912-06-23,Maida Vale\n';

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

describe('reading CSV', () => {
  it('types columns, takes ? for missing, and says what it guessed', async () => {
    const { table, report, inspection } = await read(people);
    expect(table.columns.map((column) => column.type)).toEqual(['category', 'integer', 'number', 'date', 'category']);
    expect(rowsOf(table)).toEqual([
      ['Ada', 36, 61.5, '1815-12-10', 'London'],
      ['Alan', 41, null, '1912-06-23', 'Maida Vale'],
    ]);
    expect(report).toEqual({ bytes: people.length, rows: 2, rejectedRows: 0, blankLines: 0, rejected: [] });
    expect(inspection.preview).toEqual([
      ['Ada', '36', '61.5', '1815-12-10', 'London'],
      ['Alan', '41', '?', '1912-06-23', 'Maida Vale'],
    ]);
    expect(inspection.evidence.join('\n')).toMatch(/utf-8.*\nseparator comma.*\na header line/);
  });

  it.each([
    [';', 'semicolon'],
    ['\t', 'tab'],
    ['|', 'bar'],
  ])('guesses the separator %j', async (separator, name) => {
    const { table, inspection } = await read(people.replaceAll(',', separator));
    expect(table.rowCount).toBe(2);
    expect(table.columns).toHaveLength(5);
    expect(inspection.evidence[1]).toContain(`separator ${name}`);
  });

  it('reads decimal commas where the separator leaves them free', async () => {
    const { table, inspection } = await read('a;b\n3,5;x\n-0,25;y\n7;z\n');
    expect(rowsOf(table).map(([a]) => a)).toEqual([3.5, -0.25, 7]);
    expect(inspection.evidence.join()).toContain('decimal comma');
  });

  it('takes blanks after separators for layout when most fields have one', async () => {
    const { table } = await read('a, b\nx, y z\nu, v\n');
    expect(rowsOf(table)).toEqual([
      ['x', 'y z'],
      ['u', 'v'],
    ]);
  });

  it('knows that a file has no header, and then numbers its columns', async () => {
    const { table } = await read('0\t1.5\t1\r\n1\t2.5\t0\r\n1\t-2e3\t0\n');
    expect(table.columns.map((column) => column.name)).toEqual(['column_1', 'column_2', 'column_3']);
    expect(rowsOf(table)).toEqual([
      [0, 1.5, 1],
      [1, 2.5, 0],
      [1, -2000, 0],
    ]);
  });

  it('keeps quotes, separators and line ends inside quoted fields', async () => {
    const { table } = await read('a,b\n"say ""hi"", you","two\nlines"\n"",\'\'x\n"plain" ,"it\'\'s """\n');
    expect(rowsOf(table)).toEqual([
      ['say "hi", you', 'two\nlines'],
      [null, "''x"],
      ['plain', "it''s \""],
    ]);
  });

  it('counts blank lines instead of dropping them in silence', async () => {
    const { report } = await read('a,b\n\n1,2\n  \n3,4\n\n');
    expect(report).toMatchObject({ rows: 2, blankLines: 3, rejectedRows: 0 });
  });

  it('does not take postcodes, telephone numbers or long numbers for numbers', async () => {
    const { table } = await read('zip,phone,card,ok\n01234,+4144,12345678901234567,0\n99999,+4155,2,-0.5\n');
    expect(table.columns.map((column) => column.type)).toEqual(['category', 'category', 'category', 'number']);
    expect(rowsOf(table)[0]).toEqual(['01234', '+4144', '12345678901234567', 0]);
  });

  it('leaves dates alone whose order of day and month nothing tells, and says so', async () => {
    const unclear = await read('d\n01/02/2024\n03/04/2024\n');
    expect(unclear.table.columns[0]?.type).toBe('category');
    expect(unclear.inspection.columns[0]?.evidence).toContain('Declare which');
    const clear = await read('d\n01/02/2024\n13/04/2024\n');
    expect(rowsOf(clear.table)).toEqual([['2024-02-01'], ['2024-04-13']]);
  });

  it('reads every day of four centuries as Date does, and refuses those that the calendar lacks', async () => {
    const days = Array.from({ length: 400 * 366 }, (_, at) => {
      const [year, rest] = [1700 + Math.floor(at / 366), at % 366];
      return new Date(Date.UTC(year, 0, 1 + rest)).toISOString().slice(0, 10);
    });
    const { table } = await read(`day\n${days.join('\n')}\n`);
    const column = columnOf(table, 'day');
    expect(column.type === 'date' && days.findIndex((day, row) => column.values[row] !== Date.parse(day))).toBe(-1);
    const schema: Schema = { columns: [{ name: 'day', type: 'date' }] };
    for (const day of [
      '2023-02-29',
      '2024-00-01',
      '2024-13-01',
      '2024-01-00',
      '2024-04-31',
      '202a-01-01',
      '2024-1-011',
    ]) {
      expect(await complaint(`day\n2024-02-29\n${day}\n`, { schema })).toMatch(/line 3, column day: .* is no date/);
    }
  });

  it('lets a declared schema win', async () => {
    const schema: Schema = {
      columns: [
        { name: 'zip', type: 'integer' },
        { name: 'n', type: 'category' },
      ],
    };
    const { table } = await read('zip,n\n01234,5\n', { schema });
    expect(rowsOf(table)).toEqual([[1234, '5']]);
    await expect(read('zip,n\n1,2\n', { schema: { columns: [{ name: 'zap', type: 'integer' }] } })).rejects.toThrow(
      ParameterError,
    );
  });

  it('widens a guessed integer column, but not a declared one', async () => {
    const bytes = encodeUtf8('a\n1\n2.5\n');
    const plan = (await inspectCsv([encodeUtf8('a\n1\n')])).plan;
    const { table } = await readCsv([bytes], plan);
    expect([columnOf(table, 'a').type, rowsOf(table)]).toEqual(['number', [[1], [2.5]]]);
    await expect(readCsv([bytes], { ...plan, declared: ['a'] })).rejects.toThrow(
      /line 3, column a: "2.5" is no integer/,
    );
  });

  it.each([
    '0',
    '-0',
    '7',
    '-12.50',
    '123456789012345',
    '0.1',
    '0.000001',
    '1e5',
    '-2.5E-3',
    '.5',
    '5.',
    '3.141592653589793',
    '9007199254740993',
    '1.7976931348623157e308',
    '5e-324',
    '  42 ',
    '123456789.123456789',
    '0.30000000000000004',
  ])('reads the number %j as JavaScript does', async (text) => {
    const schema: Schema = { columns: [{ name: 'x', type: 'number' }] };
    const { table } = await read(`x\n${text}\n`, { schema });
    expect(Object.is(rowsOf(table)[0]?.[0], Number(text))).toBe(true);
  });

  it.each(['1e400', '0x10', '1_000', '--1', '1.2.3', 'Infinity', '1e', '+', '.', '12abc'])(
    'refuses the number %j',
    async (text) => {
      const schema: Schema = { columns: [{ name: 'x', type: 'number' }] };
      expect(await complaint(`x\n${text}\n`, { schema })).toMatch(/^x.csv, line 2, column x: .* is no number/);
    },
  );
});

describe('encodings', () => {
  const text = 'name,town\nZoë,Zürich\n€uro,𝄞\n';
  const utf16 = (littleEndian: boolean, mark: boolean): Uint8Array => {
    const units = [...((mark ? '\ufeff' : '') + text)].flatMap((one) =>
      [...Array(one.length).keys()].map((at) => one.charCodeAt(at)),
    );
    return Uint8Array.from(units.flatMap((unit) => (littleEndian ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255])));
  };
  it.each([
    ['UTF-8', encodeUtf8(text)],
    ['UTF-8 with a mark', encodeUtf8(`\ufeff${text}`)],
    ['UTF-16LE with a mark', utf16(true, true)],
    ['UTF-16BE with a mark', utf16(false, true)],
    ['UTF-16LE without', utf16(true, false)],
    ['UTF-16BE without', utf16(false, false)],
  ])('reads %s, whole and byte by byte', async (_, bytes) => {
    const inspection = await inspectCsv([bytes]);
    const expected = [
      ['Zoë', 'Zürich'],
      ['€uro', '𝄞'],
    ];
    expect(inspection.plan.columns.map((column) => column.name)).toEqual(['name', 'town']);
    expect(rowsOf((await readCsv([bytes], inspection.plan)).table)).toEqual(expected);
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect((await inspectCsv(single)).plan).toEqual(inspection.plan);
    expect(rowsOf((await readCsv(single, inspection.plan)).table)).toEqual(expected);
  });

  it('reads windows-1252 and says which byte gave it away', async () => {
    const bytes = Uint8Array.from([...'a,b\nZo', '\xeb', ',', '\x80', '5\n'].join(''), (one) => one.charCodeAt(0));
    const { table, inspection } = await readCsvBytes(bytes);
    expect(rowsOf(table)).toEqual([['Zoë', '€5']]);
    expect(inspection.evidence[0]).toContain('byte 0xeb at 6 is no UTF-8');
  });

  it('refuses the first field in another encoding than the file, however late it comes', async () => {
    const good = encodeUtf8(`a,b\n${'Zoë,1\n'.repeat(60_000)}`);
    const bytes = new Uint8Array([...good, 0x5a, 0x6f, 0xeb, 0x2c, 0x31, 0x0a]);
    expect(await complaint(bytes)).toMatch(/line 60002, column a: the field is no UTF-8/);
  });
});

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
  });

  it('cannot slow the lookup of categories by texts that fall on one place', async () => {
    const texts = Array.from({ length: 1 << 12 }, (_, at) =>
      collisions.map((pair, bit) => pair[(at >> bit) & 1]).join(''),
    );
    expect(new Set(texts.map(fnv1a)).size).toBe(1);
    const started = performance.now();
    const { table } = await read(`t\n${texts.join('\n')}\n${texts.join('\n')}\n`, {
      dialect: { header: true, separator: ';' },
    });
    const column = columnOf(table, 't');
    expect(column.type === 'category' && column.dictionary.length).toBe(1 << 12);
    expect(rowsOf(table).map(([text]) => text)).toEqual([...texts, ...texts]);
    expect(performance.now() - started).toBeLessThan(2000);
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

/** Each pair collides after the ones before it, so any choice of one text from each pair gives the same FNV-1a. */
const collisions = [
  ['tzddktm', 'fdgjfxa'],
  ['tssqtwy', 'puinhdm'],
  ['fsztnzq', 'bmtltla'],
  ['jfhcgsk', 'fajjnwn'],
  ['vcyhhiz', 'pwtmkye'],
  ['nkjiosv', 'otxwhhp'],
  ['ztzwcpc', 'eqetvmc'],
  ['fbfwgnb', 'flmmwts'],
  ['ztbbnzh', 'gifbofc'],
  ['kfjqdfl', 'ocqqlfh'],
  ['weeuvwt', 'tpbtoyk'],
  ['ncohtou', 'jhterwz'],
] as const;

const fnv1a = (text: string): number =>
  [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), 0x811c9dc5 | 0);

describe('the scanner', () => {
  it('finds what the slow reading of records finds, wherever the bytes are cut', () => {
    const piece = fc.constantFrom('a', '"', '""', ',', '\n', '\r\n', '\r', 'bc', ' ', '"x,y"', '"p""q"', '"l\nm"');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(60), (pieces, cut) => {
        const bytes = encodeUtf8(pieces.join(''));
        const slow = recordsOf(bytes, { separator: ',', quote: '"' }, 1000, true);
        const scanner = new Scanner(2, { separator: ',', quote: '"' }, 1000);
        const buffer = new Uint8Array(bytes.length + 1);
        buffer.set(bytes);
        const found: string[][] = [];
        const deliver = (): void => {
          for (let row = 0; row < scanner.rowCount; row += 1) {
            found.push(
              [0, 1].map((column) => {
                const [start, end] = [scanner.starts[row * 2 + column]!, scanner.ends[row * 2 + column]!];
                const text = String.fromCharCode(...bytes.subarray(start, end < 0 ? ~end : end));
                return end < 0 ? text.replaceAll('""', '"') : text;
              }),
            );
          }
          scanner.clear();
        };
        const first = Math.min(cut, bytes.length);
        const held = buffer.slice(0, first + 1);
        const at = scanner.scan(held, 0, first, false);
        deliver();
        scanner.scan(buffer, at, bytes.length, true);
        const flawed = scanner.flawed.length;
        deliver();
        const pairs = slow.filter((record) => record.length === 2);
        // Where nothing is wrong both agree to the byte; a flawed record is one that the slow reading bends.
        if (flawed === 0 && scanner.flawed.length === 0) expect(found.length).toBeLessThanOrEqual(pairs.length);
        for (const row of found) expect(pairs).toContainEqual(row);
      }),
      { seed: 11, numRuns: 2000 },
    );
  });

  it('gives the same table in batches of any size as at once', async () => {
    const text = `n,t\n${Array.from({ length: 3000 }, (_, at) => `${at},"row ""${at % 17}"""`).join('\n')}`;
    const bytes = encodeUtf8(text);
    const { plan } = await inspectCsv([bytes]);
    const { table } = await readCsv([bytes], plan);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, at) =>
      bytes.subarray(at * 777, at * 777 + 777),
    );
    const rows = [];
    for await (const batch of readCsvBatches(chunks, plan, { batchRows: 100 })) rows.push(...rowsOf(batch));
    expect(rows).toEqual(rowsOf(table));
    expect(rows).toHaveLength(3000);
    expect(rows[16]).toEqual([16, 'row "16"']);
  });
});

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
