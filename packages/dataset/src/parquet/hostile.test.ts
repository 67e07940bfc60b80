// Files made to make a reader loop or fill the memory, one of each kind: refused with a reason, soon, in little memory.
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { MalformedData } from '../errors.ts';
import { rowsOf } from '../table/index.ts';
import { type ParquetOptions, readParquetBatches } from './index.ts';

/** Thrift's compact protocol, as much of it as the files below need. */
type Field = number | bigint | boolean | string | Field[] | Fields | Raw;
type Fields = { readonly [id: number]: Field };
class Raw {
  readonly type: number;
  readonly bytes: readonly number[];
  constructor(type: number, bytes: readonly number[]) {
    this.type = type;
    this.bytes = bytes;
  }
}

function varint(value: bigint | number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
const zigzag = (value: bigint | number): number[] => {
  const wide = BigInt(value);
  return varint(wide < 0n ? -2n * wide - 1n : 2n * wide);
};

function typeOf(field: Field): number {
  if (typeof field === 'number') return 5;
  if (typeof field === 'bigint') return 6;
  if (typeof field === 'boolean') return field ? 1 : 2;
  if (typeof field === 'string') return 8;
  if (Array.isArray(field)) return 9;
  return field instanceof Raw ? field.type : 12;
}

function encoded(field: Field): number[] {
  if (typeof field === 'number' || typeof field === 'bigint') return zigzag(field);
  if (typeof field === 'boolean') return [];
  if (typeof field === 'string') return [...varint(field.length), ...new TextEncoder().encode(field)];
  if (field instanceof Raw) return [...field.bytes];
  if (Array.isArray(field)) {
    return [0xf0 | typeOf(field[0] ?? 0), ...varint(field.length), ...field.flatMap(encoded)];
  }
  return struct(field);
}

function struct(fields: Fields): number[] {
  const bytes: number[] = [];
  let last = 0;
  for (const [id, field] of Object.entries(fields)) {
    bytes.push(((Number(id) - last) << 4) | typeOf(field));
    // No spread into a call: hundreds of thousands of arguments are too many.
    for (const byte of encoded(field)) bytes.push(byte);
    last = Number(id);
  }
  return [...bytes, 0];
}

const le32 = (value: number): number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >>> 24) & 255];
const codes = { INT32: 1, INT64: 2, BYTE_ARRAY: 6 } as const;

interface Made {
  readonly type?: keyof typeof codes;
  readonly optional?: boolean;
  readonly repeated?: boolean;
  readonly rows?: number;
  readonly codec?: number;
  readonly converted?: number;
  readonly chunk?: Fields;
  readonly schema?: Field;
  readonly groups?: number;
}

/** A file of one column whose chunk is the pages as they are given. */
function file(pages: number[], made: Made = {}): ArrayBuffer {
  const { type = 'INT32', rows = 1000, codec = 0, groups = 1 } = made;
  const leaf: Record<number, Field> = { 1: codes[type], 3: made.repeated ? 2 : made.optional ? 1 : 0, 4: 'x' };
  if (made.converted !== undefined) leaf[6] = made.converted;
  const chunk: Fields = {
    ...{
      1: codes[type],
      2: [0],
      3: ['x'],
      4: codec,
      5: BigInt(rows),
      6: BigInt(pages.length),
      7: BigInt(pages.length),
    },
    9: 4n,
    ...made.chunk,
  };
  const group: Fields = { 1: [{ 2: 4n, 3: chunk }], 2: BigInt(pages.length), 3: BigInt(rows) };
  const footer = struct({
    1: 1,
    2: made.schema ?? [{ 4: 'root', 5: 1 }, leaf],
    3: BigInt(rows * groups),
    4: Array.from({ length: groups }, () => group),
  });
  const bytes = [80, 65, 82, 49, ...pages, ...footer, ...le32(footer.length), 80, 65, 82, 49];
  return Uint8Array.from(bytes).buffer;
}

interface Page {
  readonly count?: number;
  readonly encoding?: number;
  readonly size?: number;
  readonly packed?: number;
}

const page = (body: number[], { count = 1000, encoding = 0, size = body.length, packed = body.length }: Page = {}) => [
  ...struct({ 1: 0, 2: size, 3: packed, 5: { 1: count, 2: encoding, 3: 3, 4: 3 } }),
  ...body,
];
const dictionary = (body: number[], count: number) => [
  ...struct({ 1: 2, 2: body.length, 3: body.length, 7: { 1: count, 2: 0 } }),
  ...body,
];
const ones = (count: number): number[] => Array.from({ length: count }, () => le32(1)).flat();
const endless = (count: number): number[] => Array.from({ length: count }, () => 0x80);
const deltas = (block: number, parts: number, count: number, rest: number[]): number[] => [
  ...varint(block),
  ...varint(parts),
  ...varint(count),
  ...rest,
];

async function read(bytes: ArrayBuffer, options: ParquetOptions = {}) {
  const rows: unknown[][] = [];
  const batches = readParquetBatches(bytes, options);
  for (;;) {
    const step = await batches.next();
    if (step.done) return rows;
    rows.push(...rowsOf(step.value));
  }
}

const hostile: readonly (readonly [string, RegExp, ArrayBuffer])[] = [
  [
    'a run of 2^31 codes',
    /a run of \d+ values where 1000 are left/,
    file([...dictionary(le32(7), 1), ...page([1, ...varint(2 ** 32 - 2), 0], { encoding: 8 })]),
  ],
  [
    'a run of 2^31 levels',
    /a run of 2147483647 values/,
    file(page([...le32(6), ...varint(2 ** 32 - 2), 1, ...ones(1)]), { optional: true }),
  ],
  [
    'packed groups of nearly 2^31 values',
    /packed groups/,
    file([...dictionary(le32(7), 1), ...page([1, ...varint(2 ** 29 + 1), 0], { encoding: 8 })]),
  ],
  [
    'packed groups whose number wraps below zero',
    /packed groups/,
    file([...dictionary(le32(7), 1), ...page([1, ...varint(2 ** 32 - 1), 0, 0], { encoding: 8 })]),
  ],
  [
    'a dictionary of 2^30 values',
    /a dictionary claims 1073741824 values/,
    file([...dictionary(le32(7), 2 ** 30), ...page(ones(1000))]),
  ],
  [
    'a dictionary of two million texts in eight bytes',
    /2000000 values of BYTE_ARRAY in 8 bytes/,
    file([...dictionary([0, 0, 0, 0, 0, 0, 0, 0], 2e6), ...page([0])], { type: 'BYTE_ARRAY' }),
  ],
  [
    'pages of no values for ever',
    /pages of 0 rows in a group of 1000/,
    file(Array.from({ length: 20_000 }, () => page([], { count: 0 })).flat()),
  ],
  ['a page that ends before it begins', /a page of -9 bytes/, file(page([], { packed: -9, count: 0 }))],
  ['a page of 2^31 - 1 values', /a page claims 2147483647 values/, file(page(ones(10), { count: 2 ** 31 - 1 }))],
  ['a page of less than no values', /a page claims -5 values/, file(page(ones(10), { count: -5 }))],
  ['a page beyond its chunk', /a page of 1000000 bytes where/, file(page(ones(10), { packed: 1e6 }))],
  [
    'a page that claims two gigabytes',
    /a page claims 2147483647 bytes/,
    file(page(ones(10), { size: 2 ** 31 - 1 }), { codec: 1 }),
  ],
  [
    'a block of 2^31 differences',
    /blocks of 2147483648 differences/,
    file(page(deltas(2 ** 31, 4, 1000, [0, 0, 0, 0, 0, 0]), { encoding: 5 })),
  ],
  [
    'differences of 2^31 values',
    /differences of 2147483648 values where 1000 are/,
    file(page(deltas(128, 4, 2 ** 31, [0, 0, 0, 0, 0, 0]), { encoding: 5 })),
  ],
  [
    'a block in 2^31 parts',
    /blocks of 128 differences in 2147483648 parts/,
    file(page(deltas(128, 2 ** 31, 1000, [0, 0]), { encoding: 5, count: 1000 }), { type: 'INT64' }),
  ],
  [
    'a difference of 300,000 bytes',
    /more than ten bytes|more than 10 bytes/,
    file(page(deltas(128, 4, 1000, [...endless(300_000), 0]), { encoding: 5 }), { type: 'INT64' }),
  ],
  ['texts that each repeat the one before and more', /texts of more than \d+ bytes/, fronts(1_000_000, 2000)],
  [
    'a list of 2^31 in the description of itself',
    /a list of 2147483648 entries/,
    file([], { schema: new Raw(9, [0xfc, ...varint(2 ** 31)]) }),
  ],
  [
    'lists within lists, each as long as can be',
    /lists within lists|more entries than/,
    file([], { schema: new Raw(9, Array.from({ length: 20_000 }, () => [0xf9, ...varint(10_000)]).flat()) }),
  ],
  [
    'a number of 300,000 bytes in the description of itself',
    /more than ten bytes/,
    file(page(ones(1000)), { chunk: { 12: { 3: new Raw(6, [...endless(300_000), 0]) } } }),
  ],
  [
    'a schema element with 2^31 - 1 children',
    /fewer elements than it claims/,
    file([], { schema: [{ 4: 'root', 5: 2 ** 31 - 1 }] }),
  ],
  [
    'statistics with a decimal number of 200,000 digits',
    /a decimal number of 200000 bytes/,
    file(page(ones(1000)), { type: 'BYTE_ARRAY', converted: 5, chunk: { 12: { 5: '9'.repeat(200_000) } } }),
  ],
  [
    'a decimal number of 200,000 digits',
    /a decimal number of 200000 bytes/,
    file(page([...le32(200_000), ...Array.from({ length: 200_000 }, () => 57)], { count: 1 }), {
      type: 'BYTE_ARRAY',
      converted: 5,
      rows: 1,
    }),
  ],
  [
    'sixteen million rows in a run',
    /16777216 values at once|claims 16777216 values/,
    file([...dictionary(le32(7), 1), ...page([1, ...varint(2 ** 25), 0], { encoding: 8, count: 2 ** 24 })], {
      rows: 2 ** 24,
    }),
  ],
  ['groups that share their bytes', /columns of \d+ bytes in a file/, file(page(ones(1000)), { groups: 60 })],
  [
    'more cells than its bytes can have a reason for',
    /cells are read/,
    file(page(ones(1)), { rows: 2 ** 24, groups: 50, chunk: { 7: 9n } }),
  ],
  ['a Brotli page', /Brotli pages are not read/, file(page(ones(1000)), { codec: 4 })],
  [
    'a Zstandard page of a thousand blocks of 128 KB',
    /Zstandard blocks beyond their page/,
    file(page(zstd(1000), { size: 4000 }), { codec: 6 }),
  ],
  ['a gzip page of more than it says', /more than the 4000 bytes/, file(page(gzipped(), { size: 4000 }), { codec: 2 })],
];

function fronts(prefix: number, count: number): ArrayBuffer {
  // Prefixes: 0, then always the same; lengths: the first text, then nothing.
  const constant = (first: number, second: number, blocks: number): number[] => [
    ...deltas(2048, 1, count, zigzag(first)),
    // One difference of `second - first`, the others none: in the first part 32 bits each.
    ...Array.from({ length: blocks }, () => [
      ...zigzag(Math.min(0, second - first)),
      32,
      ...Array.from({ length: 2048 }, (_, at) =>
        le32((at === 0 ? second - first : 0) - Math.min(0, second - first)),
      ).flat(),
    ]).flat(),
  ];
  const body = [...constant(0, prefix, 1), ...constant(prefix, 0, 1), ...Array.from({ length: prefix }, () => 97)];
  return file(page(body, { encoding: 7, count }), { type: 'BYTE_ARRAY', rows: count });
}

/** A frame of blocks that each repeat one byte 128 K times. */
function zstd(blocks: number): number[] {
  const header = ((1 << 17) << 3) | 2;
  const block = (last: number): number[] => [(header | last) & 255, (header >> 8) & 255, (header >> 16) & 255, 0];
  return [
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0,
    0x40,
    ...Array.from({ length: blocks }, (_, at) => block(at + 1 === blocks ? 1 : 0)).flat(),
  ];
}

/** gzip of 10 000 zeros, stored. */
function gzipped(): number[] {
  const size = 10_000;
  const stored = [1, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255, ...Array.from({ length: size }, () => 0)];
  return [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, ...stored, 0, 0, 0, 0, ...le32(size)];
}

describe('a hostile Parquet file', () => {
  it.each(hostile)('with %s is refused with a reason, soon and in little memory', async (_, reason, bytes) => {
    const before = process.memoryUsage.rss();
    const started = performance.now();
    const outcome = await read(bytes).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(MalformedData);
    expect(String(outcome)).toMatch(reason);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 << 20);
  });

  it('is told from an honest one made the same way', async () => {
    expect(await read(file(page(ones(1000))))).toHaveLength(1000);
    const runs = file([...dictionary(le32(7), 1), ...page([1, ...varint(2 * 1000), 0], { encoding: 8 })]);
    expect((await read(runs)).at(-1)).toEqual([7]);
    const levels = file(page([...le32(3), ...varint(2 * 1000), 1, ...ones(1000)]), { optional: true });
    expect(await read(levels)).toHaveLength(1000);
    expect(
      await read(file(page(deltas(1024, 1, 1000, [...zigzag(5), ...zigzag(2), 0]), { encoding: 5 }))),
    ).toContainEqual([5 + 2 * 999]);
  });
});

describe('an honest Parquet file', () => {
  const count = 5000;
  const numbers = Array.from({ length: count }, (_, at) => (at * 7919) % 1000);
  const texts = numbers.map((value) => `town ${value}`);
  const missing = numbers.map((value, at) => (at % 3 === 0 ? null : value));
  const expected = numbers.map((value, at) => [
    value,
    texts[at],
    missing[at],
    at % 5 === 0 ? 'true' : 'false',
    value / 8,
  ]);

  it.each([
    ['plain', 'PLAIN', 'PLAIN', 'PLAIN', 'PLAIN'],
    ['differences', 'DELTA_BINARY_PACKED', 'DELTA_LENGTH_BYTE_ARRAY', 'RLE', 'BYTE_STREAM_SPLIT'],
    ['front coding', 'DELTA_BINARY_PACKED', 'DELTA_BYTE_ARRAY', 'RLE', 'PLAIN'],
    ['what the writer chooses', undefined, undefined, undefined, undefined],
  ] as const)('is read whatever its encodings: %s', async (_, integers, strings, flags, doubles) => {
    const of = (
      encoding:
        | 'PLAIN'
        | 'DELTA_BINARY_PACKED'
        | 'DELTA_LENGTH_BYTE_ARRAY'
        | 'DELTA_BYTE_ARRAY'
        | 'RLE'
        | 'BYTE_STREAM_SPLIT'
        | undefined,
    ) => (encoding === undefined ? {} : { encoding });
    for (const codec of ['SNAPPY', 'UNCOMPRESSED'] as const) {
      const bytes = parquetWriteBuffer({
        columnData: [
          { name: 'n', data: numbers, type: 'INT32', ...of(integers) },
          { name: 't', data: texts, type: 'STRING', ...of(strings) },
          { name: 'm', data: missing, type: 'INT32', ...of(integers) },
          { name: 'f', data: numbers.map((_, at) => at % 5 === 0), type: 'BOOLEAN', ...of(flags) },
          { name: 'd', data: numbers.map((value) => value / 8), type: 'DOUBLE', ...of(doubles) },
        ],
        codec,
        pageSize: 3000,
        rowGroupSize: [3000, 2000],
      });
      expect(await read(bytes, { batchRows: 700 })).toEqual(expected);
    }
  });

  it('with nested columns is read, its lists as text', async () => {
    const data = Array.from({ length: 300 }, (_, at) => ({ a: at, b: [at, at + 1] }));
    const bytes = parquetWriteBuffer({
      columnData: [
        { name: 'l', data },
        { name: 'n', data: data.map((one) => one.a) },
      ],
      schema: [
        { name: 'root', num_children: 2 },
        { name: 'l', repetition_type: 'OPTIONAL', num_children: 2 },
        { name: 'a', type: 'INT32', repetition_type: 'OPTIONAL' },
        { name: 'b', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
        { name: 'n', type: 'INT32', repetition_type: 'REQUIRED' },
      ],
    });
    const rows = await read(bytes, { batchRows: 100 });
    expect(rows[299]).toEqual(['{"a":299,"b":[299,300]}', 299]);
  });
});
