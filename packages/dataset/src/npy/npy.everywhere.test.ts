import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { MalformedData } from '../errors.ts';
import { rowsOf } from '../table/index.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { columnsFromNumpy, readNpy, readNpz, tableFromNumpy } from './index.ts';

/** What numpy.lib.format writes, version 1.0: the header is filled up to 64 bytes and ends in a line feed. */
function npy(header: string, body: ArrayLike<number>): Uint8Array {
  const padded = header.padEnd(64 - 10 - 1 + Math.ceil(Math.max(0, header.length - 53) / 64) * 64);
  const text = encodeUtf8(`${padded}\n`);
  return Uint8Array.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...text,
    ...Array.from(body),
  ]);
}
const header = (descriptor: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descriptor}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
const bytesOf = (array: Float64Array | Float32Array | Int16Array | Int32Array | BigInt64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe('an NPY array', () => {
  it.each([
    ['<f8', bytesOf(Float64Array.of(1.5, -2, 3)), [1.5, -2, 3]],
    ['<f4', bytesOf(Float32Array.of(1.5, -2, 3)), [1.5, -2, 3]],
    ['<i2', bytesOf(Int16Array.of(-300, 0, 7)), [-300, 0, 7]],
    ['>i2', Uint8Array.of(0xfe, 0xd4, 0, 0, 0, 7), [-300, 0, 7]],
    ['<i8', bytesOf(BigInt64Array.of(-5n, 2n ** 53n - 1n, 0n)), [-5, 2 ** 53 - 1, 0]],
    ['|b1', Uint8Array.of(1, 0, 1), [1, 0, 1]],
    ['|i1', Uint8Array.of(255, 0, 127), [-1, 0, 127]],
    ['<f2', Uint8Array.of(0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00), [1, -2, 2 ** -24]],
    ['<U2', bytesOf(Int32Array.of(97, 98, 99, 0, 0x1d11e, 0)), ['ab', 'c', '𝄞']],
    ['|S3', encodeUtf8('ab\0cde\0\0\0'), ['ab', 'cde', '']],
  ] as const)('of %s is read', (descriptor, body, expected) => {
    const array = readNpy(npy(header(descriptor, '(3,)'), body));
    expect([array.shape, Array.from<number | string>(array.data)]).toEqual([[3], expected]);
  });

  it('in Fortran order comes back in C order', () => {
    const array = readNpy(npy(header('|u1', '(2, 3)', 'True'), [1, 4, 2, 5, 3, 6]));
    expect([...(array.data as Uint8Array)]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it.each([
    [npy(header('|u1', '(4000000000, 4000000000)'), [1]), /shape .* but 1 bytes/],
    [npy(header('|u1', '(2,)'), [1]), /but 1 bytes/],
    [npy(header('|u1', '(2,)'), [1, 2, 3]), /but 3 bytes/],
    [npy(header('|O', '(1,)'), [1]), /Python objects/],
    [npy(header('<U0', '(3000000000,)'), []), /elements of no bytes/],
    [npy(header('<f8', `(${'1'.repeat(60)}x)`), []), /not one that NumPy writes/],
    [npy(header('<f8', `(${'1'.repeat(60)})`), []), /the shape is/],
    [npy(header('<f8', '(1,,1)'), []), /the shape is/],
    [npy(header('<i8', '(1,)'), bytesOf(BigInt64Array.of(2n ** 60n))), /does not fit into a double/],
    [npy(header('<c16', '(1,)'), new Uint8Array(16)), /<c16 are not read/],
    [npy("{'descr': __import__('os'), }", [1]), /not one that NumPy writes/],
    [Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 255, 255), /header of 65535 bytes/],
    [Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 9, 0, 0, 0), /version 9/],
    [encodeUtf8('not numpy'), /magic/],
  ])('that lies is refused (%#)', (bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(message);
    expect(() => readNpy(bytes)).toThrow(MalformedData);
  });
});

describe('a table of NumPy arrays', () => {
  it('does not become eight times as large as what a small file unpacks to', () => {
    const bytes = new Uint8Array(1 << 27);
    const array = { shape: [1 << 27], descriptor: '|u1', data: bytes };
    expect(() => columnsFromNumpy('x', { ...array, shape: [1 << 14, (1 << 13) + 1] })).toThrow(/at most 134217728/);
    expect(() =>
      tableFromNumpy(
        new Map([
          ['x', array],
          ['y', array],
        ]),
      ),
    ).toThrow(/the archive has 268435456 cells/);
  });
});

describe('an NPZ archive', () => {
  const archive = zipSync({
    'x.npy': npy(header('<f4', '(2, 2)'), bytesOf(Float32Array.of(1, 2, 3, 4.5))),
    'y.npy': npy(header('<U1', '(2,)'), bytesOf(Int32Array.of(97, 98))),
  });

  it('becomes a table, a column for each column of a matrix', () => {
    const table = tableFromNumpy(readNpz(archive));
    expect(table.columns.map((column) => column.name)).toEqual(['x_1', 'x_2', 'y']);
    expect(rowsOf(table)).toEqual([
      [1, 2, 'a'],
      [3, 4.5, 'b'],
    ]);
  });

  it('of images becomes a row for each of them, pixel after pixel', () => {
    const images = npy(header('|u1', '(2, 2, 3)'), Uint8Array.of(0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15));
    const coloured = npy(header('|u1', '(2, 1, 1, 3)'), Uint8Array.of(7, 8, 9, 4, 5, 6));
    const labels = npy(header('|u1', '(2,)'), Uint8Array.of(3, 4));
    const zip = zipSync({ 'images.npy': images, 'coloured.npy': coloured, 'labels.npy': labels });
    const table = tableFromNumpy(readNpz(zip));
    expect(table.columns.map((column) => column.name)).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((at) => `images_${at}`),
      ...[1, 2, 3].map((at) => `coloured_${at}`),
      'labels',
    ]);
    expect(rowsOf(table)).toEqual([
      [0, 1, 2, 3, 4, 5, 7, 8, 9, 3],
      [10, 11, 12, 13, 14, 15, 4, 5, 6, 4],
    ]);
    expect(() => columnsFromNumpy('x', { shape: [], descriptor: '|u1', data: Uint8Array.of(1) })).toThrow(
      /a single value/,
    );
    const wide = { shape: [1, 300, 300], descriptor: '|u1', data: new Uint8Array(90_000) };
    expect(() => columnsFromNumpy('x', wide)).toThrow(/90000 columns/);
  });

  it('that is a bomb is refused before it unpacks', () => {
    const bomb = zipSync({ 'x.npy': npy(header('|u1', '(8388608,)'), []), 'z.npy': new Uint8Array(8 << 20) });
    expect(() => readNpz(bomb, { entries: 10, unpackedBytes: 1 << 20 })).toThrow(/claims to unpack to/);
  });

  it('with anything else in it is refused', () => {
    expect(() => readNpz(zipSync({ 'run.sh': Uint8Array.of(1) }))).toThrow(/holds run.sh/);
  });
});
