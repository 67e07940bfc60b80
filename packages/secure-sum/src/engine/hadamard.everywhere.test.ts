import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { normally, runsWhole, seededWords } from './seeded-words.contract.ts';

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
});

const GUARD = 8;

/** Bits of the floats, so that −0 and NaN are told apart. */
const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** The transform, and what lies behind it untouched. */
function transformed({ memory, hadamard }: Engine, values: Float32Array, times = 1): Float32Array {
  return memory.scope(() => {
    const at = memory.allocate(4 * (values.length + GUARD));
    memory.f32(at, values.length).set(values);
    memory.u32(at + 4 * values.length, GUARD).fill(0xa5a5a5a5);
    for (let i = 0; i < times; i++) hadamard.hadamard(at, Math.log2(values.length));
    expect([...memory.u32(at + 4 * values.length, GUARD)]).toEqual(new Array(GUARD).fill(0xa5a5a5a5));
    return memory.f32(at, values.length).slice();
  });
}

const parity = (bits: number): number => {
  let odd = 0;
  for (let left = bits; left !== 0; left &= left - 1) odd ^= 1;
  return odd;
};

/** Index bits 0, 1 and 2, 3 change places: what the transposed groups of 16 do. */
const transposedIndex = (i: number): number => (i & ~15) | ((i & 3) << 2) | ((i >> 2) & 3);

/** Σ_j (−1)^popcount(i AND j) x_j: the definition. */
const naive = (values: Float32Array): number[] =>
  Array.from(values, (_, i) =>
    values.reduce((sum, value, j) => sum + (parity(transposedIndex(i) & j) ? -value : value), 0),
  );

describe('the Walsh–Hadamard transform', () => {
  it('is the sum of signs of its definition, with every group of 16 transposed', () => {
    const next = seededWords(1);
    for (const layers of [4, 5, 6, 7, 8, 9]) {
      // Whole numbers: every sum is exact.
      const values = Float32Array.from({ length: 2 ** layers }, () => (next() % 2001) - 1000);
      for (const engine of engines) expect([...transformed(engine, values)], engine.name).toEqual(naive(values));
    }
  });

  it('has the same bits in both engines at every size, −0, subnormal and large numbers included', () => {
    const next = seededWords(2);
    const odd = [0, -0, 1e-45, -1e-45, 1e-38, 3e38 / 2 ** 20, 1];
    for (let layers = 4; layers <= (runsWhole() ? 21 : 17); layers++) {
      const values = Float32Array.from({ length: 2 ** layers }, () =>
        next() % 16 === 0 ? odd[next() % odd.length] : normally(next),
      );
      const [fast, slow] = engines.map((engine) => bitsOf(transformed(engine, values)));
      expect(fast.every((word, i) => word === slow[i])).toBe(true);
    }
  });

  it('is its own inverse but for the factor 2^layers', () => {
    const next = seededWords(3);
    for (const layers of [4, 8, 14, 20]) {
      const values = Float32Array.from({ length: 2 ** layers }, () => (next() % 15) - 7);
      expect(transformed(engines[0], values, 2).every((value, i) => value === values[i] * 2 ** layers)).toBe(true);
    }
  });
});

describe('flipping and scaling', () => {
  it('has the same bits in both engines and is the definition, from any bit on, in place or not', () => {
    const next = seededWords(4);
    const odd = [0, -0, 1e-45, 3e38, -1e38, 1e-38];
    for (const count of [4, 8, 12, 36, 100, 1000]) {
      for (const firstBit of [0, 4, 8, 12, 60]) {
        const signs = Uint8Array.from({ length: (firstBit + count + 11) >> 3 }, () => next() & 255);
        const values = Float32Array.from({ length: count }, () =>
          next() % 4 === 0 ? odd[next() % odd.length] : normally(next),
        );
        const [first, second] = [2 ** -64, Math.fround(2 ** 60 * normally(next))];
        const expected = values.map((value, i) => {
          const sign = (signs[(firstBit + i) >> 3] >> ((firstBit + i) & 7)) & 1 ? -1 : 1;
          return sign * Math.fround(Math.fround(value * first) * second);
        });
        for (const { memory, hadamard } of engines) {
          memory.scope(() => {
            const from = memory.allocate(4 * count);
            const to = memory.allocate(4 * count + 32);
            const bits = memory.allocate(signs.length);
            memory.f32(from, count).set(values);
            memory.u32(to, count + GUARD).fill(0xa5a5a5a5);
            memory.u8(bits, signs.length).set(signs);
            hadamard.flipAndScale(to, from, count, bits, firstBit, first, second);
            hadamard.flipAndScale(from, from, count, bits, firstBit, first, second);
            expect(bitsOf(memory.f32(to, count).slice())).toEqual(bitsOf(expected));
            expect(bitsOf(memory.f32(from, count).slice())).toEqual(bitsOf(expected));
            expect([...memory.u32(to + 4 * count, GUARD)]).toEqual(new Array(GUARD).fill(0xa5a5a5a5));
          });
        }
      }
    }
  });
});
