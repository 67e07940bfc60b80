import { gzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { MalformedData } from '../errors.ts';
import { readIdx, writeIdx } from './index.ts';

const idx = (type: number, shape: readonly number[], body: readonly number[]): Uint8Array => {
  const extents = shape.flatMap((one) => [(one >>> 24) & 255, (one >>> 16) & 255, (one >>> 8) & 255, one & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...extents, ...body]);
};

describe('an IDX file', () => {
  it.each([
    [0x08, [2, 2], [1, 2, 3, 255], [1, 2, 3, 255]],
    [0x09, [2], [255, 127], [-1, 127]],
    [0x0b, [1], [0xff, 0xfe], [-2]],
    [0x0c, [1], [0, 0, 1, 0], [256]],
    [0x0d, [1], [0x3f, 0xc0, 0, 0], [1.5]],
    [0x0e, [1], [0xbf, 0xf0, 0, 0, 0, 0, 0, 0], [-1]],
  ])('of element type 0x%s is read, plain and gzipped', (type, shape, body, expected) => {
    for (const bytes of [idx(type, shape, body), gzipSync(idx(type, shape, body))]) {
      const array = readIdx(bytes);
      expect([array.shape, [...array.data]]).toEqual([shape, expected]);
    }
  });

  it('comes back as it was written', () => {
    const array = readIdx(writeIdx([2, 1, 2], Uint8Array.of(9, 8, 7, 6)));
    expect([array.shape, [...array.data]]).toEqual([
      [2, 1, 2],
      [9, 8, 7, 6],
    ]);
  });

  it.each([
    [idx(0x08, [0xffffffff, 0xffffffff, 28], [1]), /claims 4294967295 × 4294967295 × 28/],
    [idx(0x08, [3], [1, 2]), /claims 3 elements of 1 bytes, but 2 bytes follow/],
    [idx(0x08, [1], [1, 2]), /but 2 bytes follow/],
    [idx(0x0a, [1], [1]), /element type 0xa/],
    [Uint8Array.of(0, 0, 8, 200), /200 dimensions/],
    [Uint8Array.of(0, 0, 8, 3, 0), /cut off/],
    [Uint8Array.of(1, 2, 3, 4), /two zeros/],
    [gzipSync(idx(0x08, [1], [1])).subarray(0, 15), /gzip/],
  ])('whose header lies is refused before anything is made of it (%#)', (bytes, message) => {
    expect(() => readIdx(bytes, { file: 'x-idx3-ubyte' })).toThrow(message);
    expect(() => readIdx(bytes)).toThrow(MalformedData);
  });

  it('that unpacks to more than allowed is refused', () => {
    const bomb = gzipSync(new Uint8Array(16 << 20));
    expect(() => readIdx(bomb, { maxBytes: 1 << 20 })).toThrow(/more than the 1048576 bytes/);
  });
});
