import { describe, expect, it } from 'vitest';
import { MalformedData, ParameterError } from '../errors.ts';
import { columnOf, rowsOf, type Schema, selectRows } from '../table/index.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { inspectCsv, readCsv, readCsvBatches, readCsvBytes } from './index.ts';

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
    expect(report).toEqual({
      bytes: people.length,
      rows: 2,
      rejectedRows: 0,
      blankLines: 0,
      commentLines: 0,
      rejected: [],
    });
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

  it('takes lines above the table for comments where they are none of its records, and says so', async () => {
    const adult = '|1x3 Cross validator\n25, Private, 226802, <=50K.\n38, ?, 89814, >50K.\n';
    const { table, report, inspection } = await read(adult);
    expect(rowsOf(table)[0]).toEqual([25, 'Private', 226802, '<=50K.']);
    expect(report).toMatchObject({ rows: 2, rejectedRows: 0, commentLines: 1 });
    expect(inspection.plan.dialect).toMatchObject({ comment: '|', separator: ',', header: false });
    expect(inspection.evidence.join('\n')).toMatch(/lines that begin with \| are comments: .*"\|1x3 Cross validator"/);
    const { table: noted } = await read('# made on 2020-01-01, by X\r\n# for Y\r\na,b,c\r\n1,2,x\r\n');
    expect(noted.columns.map((column) => column.name)).toEqual(['a', 'b', 'c']);
  });

  it('takes a sign for a comment only where it can be none of the table, unless told so', async () => {
    // A name with # of a column, a bar as separator, rows that begin with the sign as well.
    for (const text of ['#id,name\n1,x\n2,y\n', '|a|b|\n|1|2|\n|3|4|\n', '#x\n#1,a\n#2,b\n#3,c\n']) {
      const { plan } = await inspectCsv([encodeUtf8(text)]);
      expect(plan.dialect.comment).toBeUndefined();
    }
    const { table, report } = await read('a,b\n#1,2\n3,4\n#"x,\n5,6', { dialect: { comment: '#' } });
    expect(rowsOf(table)).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(report).toMatchObject({ rows: 2, commentLines: 2 });
    // Lines are counted on: the bad row is said to be where it is.
    expect(await complaint('#x\na,b\n#y\n1\n', { dialect: { comment: '#' } })).toMatch(
      /x.csv, line 4: the record has 1/,
    );
    for (const comment of [',', 'x', '##', '"'])
      await expect(read(people, { dialect: { comment } })).rejects.toThrow(ParameterError);
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

  it.each([
    ['1', '2.5', 'number'],
    ['1', 'x', 'category'],
    ['1', '007', 'category'],
    ['1.5', '+41', 'category'],
    ['2024-01-01', 'soon', 'category'],
    ['', '5', 'integer'],
    ['01/02/2024', '13/02/2024', 'date'],
    ['5', '12345678901234567', 'category'],
  ])('guesses from all rows: %j a long time and then %j is a %s', async (usual, last, type) => {
    const { table, report } = await read(
      `x,y\n${`${usual},${'long text '.repeat(20)}\n`.repeat(12_000)}${last},text\n`,
    );
    expect([columnOf(table, 'x').type, table.rowCount, report.rejectedRows]).toEqual([type, 12_001, 0]);
    expect(rowsOf(selectRows(table, [12_000]))[0]?.[0]).toBe(
      type === 'category' ? last : type === 'date' ? '2024-02-13' : Number(last),
    );
  });

  it('has its columns where a file has no rows', async () => {
    const bytes = encodeUtf8('name,age\n');
    const { plan } = await inspectCsv([bytes]);
    const batches = readCsvBatches([bytes], plan);
    const { value } = await batches.next();
    expect(value && 'columns' in value && [value.rowCount, value.columns.map(({ name }) => name)]).toEqual([
      0,
      ['name', 'age'],
    ]);
    expect(await batches.next()).toMatchObject({ done: true, value: { rows: 0, rejectedRows: 0 } });
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
