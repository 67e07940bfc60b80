import { describe, expect, it } from 'vitest';
import { MalformedData } from '../errors.ts';
import { rowsOf, type Schema } from '../table/index.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { inspectJsonLines, readJsonLinesBatches } from './index.ts';

async function read(text: string, options: Parameters<typeof readJsonLinesBatches>[2] & { schema?: Schema } = {}) {
  const bytes = encodeUtf8(text);
  const { schema, columns, preview } = await inspectJsonLines([bytes], options);
  const rows: unknown[][] = [];
  const batches = readJsonLinesBatches([bytes.subarray(0, 7), bytes.subarray(7)], schema, {
    file: 'x.jsonl',
    ...options,
  });
  for (;;) {
    const step = await batches.next();
    if (step.done) return { rows, schema, columns, preview, report: step.value };
    rows.push(...rowsOf(step.value));
  }
}

describe('JSON lines', () => {
  it('become typed columns: keys that come later, nested objects, lists, missing cells', async () => {
    const { rows, schema } = await read(
      '{"a":1,"b":"x","c":{"d":true,"e":"2024-05-06"}}\r\n{"a":2.5,"b":null,"f":[1,{"g":2}]}\n\n{"b":"y"}',
    );
    expect(schema.columns).toEqual([
      { name: 'a', type: 'number' },
      { name: 'b', type: 'category' },
      { name: 'c.d', type: 'category' },
      { name: 'c.e', type: 'date' },
      { name: 'f', type: 'category' },
    ]);
    expect(rows).toEqual([
      [1, 'x', 'true', '2024-05-06', null],
      [2.5, null, null, null, '[1,{"g":2}]'],
      [null, 'y', null, null, null],
    ]);
  });

  it('take no harm from a key called __proto__', async () => {
    const { rows, schema } = await read('{"__proto__":{"polluted":1},"a":2}\n');
    expect(schema.columns.map((column) => column.name)).toEqual(['__proto__.polluted', 'a']);
    expect(rows).toEqual([[1, 2]]);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each([
    ['{"a":1}\n{"a":\n', /x.jsonl, line 2: the line is no JSON/],
    ['{"a":1}\n[1]\n', /line 2: the line is no JSON object/],
    ['{"a":1}\n"a"\n', /line 2: the line is no JSON object/],
    ['{"a":"x"}\n{"a":12345678901234567890}\n', /line 2, column a: .* beyond 2\^53/],
    ['{"a":1}\n{"a":"u\\u0000v"}\n', /line 2, column a: the text holds a NUL/],
    [`{"a":1}\n${'{"a":'.repeat(30)}1${'}'.repeat(30)}\n`, /line 2: objects within objects/],
    [
      `{"a":1}\n{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`,
      /line 2: lists within lists more than 64 deep|line 2: the line is no JSON/,
    ],
    [`{"a":1}\n{"a":${'['.repeat(65)}${']'.repeat(65)}}\n`, /line 2: lists within lists more than 64 deep/],
    ['{"a.b":1,"a":{"b":2}}\n{"a.b":1}\n', /line 1: the key a.b is there twice/],
  ])('with a bad line stop there, saying why: %.40s', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
    await expect(read(text)).rejects.toThrow(MalformedData);
  });

  it('with bad lines within the tolerance are read, and the bad ones told', async () => {
    const schema: Schema = { columns: [{ name: 'a', type: 'integer' }] };
    const { rows, report } = await read('{"a":1}\n{"a":"x"}\n{"a":1.5}\nnull\n{"a":4}\n', {
      schema,
      tolerance: { rows: 3 },
    });
    expect(rows).toEqual([[1], [4]]);
    expect(report).toMatchObject({ rows: 2, rejectedRows: 3 });
    expect(report.rejected.map(({ line }) => line).sort()).toEqual([2, 3, 4]);
    await expect(read('{"a":1}\nnull\n', { tolerance: { share: 0.4 } })).rejects.toThrow(/1 of 2 rows/);
  });

  it('with a line that never ends are refused at the limit', async () => {
    await expect(read(`{"a":"${'x'.repeat(5000)}`, { lineBytes: 1000 })).rejects.toThrow(
      /a line of more than 1000 bytes/,
    );
  });
});
