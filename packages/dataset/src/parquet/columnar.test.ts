import { dictionary, largeUtf8, tableFromArrays, tableToIPC, utf8 } from '@uwdata/flechette';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { readArrow } from '../arrow/index.ts';
import { MalformedData, ParameterError } from '../errors.ts';
import { rowsOf } from '../table/index.ts';
import { inspectParquet, type ParquetOptions, readParquetBatches } from './index.ts';

const buffer = parquetWriteBuffer({
  columnData: [
    { name: 'age', data: [36, 41, null], type: 'INT32' },
    { name: 'id', data: [1n, 2n ** 40n, 3n], type: 'INT64' },
    { name: 'weight', data: [61.5, Number.NaN, 70], type: 'DOUBLE' },
    { name: 'town', data: ['London', null, 'Zürich'], type: 'STRING' },
    { name: 'born', data: [new Date('1815-12-10'), new Date('1912-06-23'), null], type: 'TIMESTAMP' },
    { name: 'ok', data: [true, false, true], type: 'BOOLEAN' },
  ],
  rowGroupSize: [2, 1],
});

async function read(bytes: ArrayBuffer, options: ParquetOptions = {}) {
  const rows: unknown[][] = [];
  const batches = readParquetBatches(bytes, options);
  for (;;) {
    const step = await batches.next();
    if (step.done) return { rows, report: step.value };
    rows.push(...rowsOf(step.value));
  }
}

describe('a Parquet file', () => {
  it('is read row group by row group, typed by its own schema', async () => {
    const { schema, rowCount } = await inspectParquet(buffer);
    expect([schema.columns.map((column) => column.type), rowCount]).toEqual([
      ['integer', 'integer', 'number', 'category', 'date', 'category'],
      3,
    ]);
    const { rows, report } = await read(buffer, { batchRows: 1 });
    expect(rows).toEqual([
      [36, 1, 61.5, 'London', '1815-12-10', 'true'],
      [41, 2 ** 40, null, null, '1912-06-23', 'false'],
      [null, 3, 70, 'Zürich', null, 'true'],
    ]);
    expect(report).toMatchObject({ rows: 3, rejectedRows: 0 });
  });

  it('with an integer that a double cannot hold says so, unless the column is declared to be categories', async () => {
    const wide = parquetWriteBuffer({ columnData: [{ name: 'id', data: [1n, 2n ** 60n], type: 'INT64' }] });
    await expect(read(wide, { file: 'x.parquet' })).rejects.toThrow(
      /x.parquet, line 2, column id: 1152921504606846976 is no integer/,
    );
    const schema = { columns: [{ name: 'id', type: 'category' }] } as const;
    expect((await read(wide, { schema })).rows).toEqual([['1'], ['1152921504606846976']]);
    expect((await read(wide, { tolerance: { rows: 1 } })).report).toMatchObject({ rows: 1, rejectedRows: 1 });
    await expect(read(wide, { schema: { columns: [{ name: 'no', type: 'category' }] } })).rejects.toThrow(
      ParameterError,
    );
  });

  it('that claims more than the limits is refused', async () => {
    const limits = { groupRows: 1, pageBytes: 1 << 20, columns: 10 };
    await expect(read(buffer, { limits })).rejects.toThrow(/a row group of 2 rows/);
    const repetitive = parquetWriteBuffer({
      columnData: [
        { name: 't', data: Array.from({ length: 20_000 }, (_, at) => `${at}`.padStart(90)), type: 'STRING' },
      ],
    });
    await expect(read(repetitive, { limits: { groupRows: 1 << 20, pageBytes: 1000, columns: 10 } })).rejects.toThrow(
      /a page claims \d+ bytes/,
    );
  });

  it('with bytes changed or cut off is read or refused with MalformedData', async () => {
    const bytes = new Uint8Array(buffer);
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = bytes.slice();
      changed[at]! ^= 0x3c;
      for (const spoilt of [changed.buffer, bytes.slice(0, at).buffer]) {
        try {
          await read(spoilt, { limits: { groupRows: 1000, pageBytes: 1 << 16, columns: 100 } });
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedData);
        }
      }
    }
  });
});

describe('an Arrow file', () => {
  const arrow = tableFromArrays({
    age: Int32Array.of(36, 41, 5),
    weight: [61.5, null, 70],
    town: ['London', null, 'Zürich'],
    born: [new Date('1815-12-10'), new Date('1912-06-23T10:00:00Z'), null],
  });

  it.each(['file', 'stream'] as const)('in the %s format is read, typed by its own schema', (format) => {
    const bytes = tableToIPC(arrow, { format });
    expect(bytes).not.toBeNull();
    const { table, columns } = readArrow(bytes ?? new Uint8Array(0));
    expect(table.columns.map((column) => column.type)).toEqual(['integer', 'number', 'category', 'date']);
    expect(rowsOf(table)).toEqual([
      [36, 61.5, 'London', '1815-12-10T00:00:00.000Z'],
      [41, null, null, '1912-06-23T10:00:00.000Z'],
      [5, 70, 'Zürich', null],
    ]);
    expect(columns[0]?.evidence).toContain('the file says');
  });

  it('with a nested column is refused by name', () => {
    const bytes = tableToIPC(tableFromArrays({ list: [[1, 2], null, []] }), { format: 'file' }) ?? new Uint8Array(0);
    expect(() => readArrow(bytes)).toThrow(/column list: Arrow: a List column is not read/);
  });

  it('cut off anywhere is read or refused with MalformedData', () => {
    const bytes = tableToIPC(arrow, { format: 'stream' }) ?? new Uint8Array(0);
    expect(bytes.length).toBeGreaterThan(100);
    for (let at = 0; at < bytes.length; at += 1) {
      try {
        readArrow(bytes.slice(0, at));
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedData);
      }
    }
  });

  it.each([
    ['a column', utf8()],
    ['a dictionary', dictionary(utf8())],
  ])('whose texts in %s all point to the same bytes is refused before they fill the memory', (_, type) => {
    const texts = Array.from({ length: 20_000 }, (_, at) => `${at}`.padStart(10));
    const table = tableFromArrays({ t: texts }, { types: { t: type } });
    const bytes = tableToIPC(table, { format: 'stream' }) ?? new Uint8Array(0);
    expect(readArrow(bytes).table.rowCount).toBe(texts.length);
    // The offsets 0, 10, 20, … become 0, all, 0, all, …
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    while (
      view.getUint32(at, true) !== 10 ||
      view.getUint32(at + 4, true) !== 20 ||
      view.getUint32(at + 8, true) !== 30
    )
      at += 4;
    for (let row = 1; row <= texts.length; row += 1)
      view.setUint32(at + 4 * (row - 1), row % 2 === 1 ? 200_000 : 0, true);
    const [started, before] = [performance.now(), process.memoryUsage.rss()];
    expect(() => readArrow(bytes)).toThrow(MalformedData);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 << 20);
  });

  it('with a dictionary of texts of either width of offsets is read', () => {
    for (const type of [dictionary(utf8()), dictionary(largeUtf8())]) {
      const table = tableFromArrays({ t: ['Basel', null, 'Chur', 'Basel'] }, { types: { t: type } });
      const { table: found } = readArrow(tableToIPC(table, { format: 'file' }) ?? new Uint8Array(0));
      expect(rowsOf(found)).toEqual([['Basel'], [null], ['Chur'], ['Basel']]);
    }
  });

  it('with many columns of categories and many batches is not taken for a lie', () => {
    const towns = ['Basel', 'Bern', 'Chur'];
    const columns = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`town ${at}`, towns]));
    const bytes = tableToIPC(tableFromArrays(columns), { format: 'stream' }) ?? new Uint8Array(0);
    expect(readArrow(bytes).table.columns).toHaveLength(300);
  });

  it('whose description of itself lies is refused before anything is believed', () => {
    const bytes = tableToIPC(arrow, { format: 'file' }) ?? new Uint8Array(0);
    const started = performance.now();
    // Every place, each byte of a count that could make it huge.
    for (let at = 0; at < bytes.length; at += 1) {
      for (const byte of [0xff, 0x7f, 0x80]) {
        const changed = bytes.slice();
        changed[at] = byte;
        if (at + 3 < bytes.length) changed[at + 3] = byte & 0x7f;
        try {
          readArrow(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedData);
        }
      }
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
