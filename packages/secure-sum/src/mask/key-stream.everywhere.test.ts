import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, referenceEngine, wasmEngine } from '../engine/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';
import {
  addPackedWords,
  applyMasks,
  extremesOf,
  isWithin,
  type Mask,
  packedBytes,
  packWords,
  signedPackedWords,
  signedWords,
} from './key-stream.ts';
import { runningSum } from './running-sum.ts';

let primitives: PublicPrimitives;
let engines: readonly Engine[];
beforeAll(async () => {
  primitives = await loadWebPrimitives();
  engines = [await wasmEngine(), referenceEngine()];
});

const keyOf = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const seeded = (seed: number, count: number): Uint32Array => Uint32Array.from({ length: count }, seededWords(seed));

/** The definition, from one expansion of the whole stream. */
function naive(words: Uint32Array, wordBits: number, masks: readonly Mask[]): Uint32Array {
  const size = Math.ceil(wordBits / 8);
  const result = words.slice();
  for (const { key, sign } of masks) {
    const stream = new Uint8Array(size * words.length);
    primitives.chacha20(key, new Uint8Array(12), 0, stream);
    for (let i = 0; i < words.length; i++) {
      let word = 0;
      for (let j = size - 1; j >= 0; j--) word = word * 256 + stream[size * i + j]!;
      result[i] = result[i]! + sign * word;
    }
  }
  return result;
}

describe('masks', () => {
  // Across the pieces: a stream goes on where the last piece of it ended (attack 69).
  it.each([8, 16, 23, 32])('of words of %i bits are the stream of their key, on both engines', (wordBits) => {
    const masks: Mask[] = [
      { key: keyOf(1), sign: 1 },
      { key: keyOf(2), sign: -1 },
      { key: keyOf(3), sign: 1 },
    ];
    for (const count of [1, 63, 21_824, 21_825, 70_001]) {
      const words = seeded(count, count);
      const expected = naive(words, wordBits, masks);
      for (const engine of engines) {
        const result = words.slice();
        applyMasks(engine, primitives, result, wordBits, masks);
        expect(
          result.every((word, i) => word === expected[i]),
          `${engine.name} ${count}`,
        ).toBe(true);
      }
    }
  });

  it('cancel when one is added and the same one taken away', () => {
    const words = seeded(4, 50_000);
    const result = words.slice();
    applyMasks(engines[0]!, primitives, result, 23, [{ key: keyOf(7), sign: 1 }]);
    expect(result).not.toEqual(words);
    applyMasks(engines[0]!, primitives, result, 23, [{ key: keyOf(7), sign: -1 }]);
    expect(result).toEqual(words);
  });

  it('attack 71: are uniform modulo 2^w, the largest value included', () => {
    // 2^20 words of 6 bits: χ² with 63 degrees of freedom is below 137.2 with probability 1 − 10^−7.
    const words = new Uint32Array(2 ** 20);
    applyMasks(engines[0]!, primitives, words, 6, [{ key: keyOf(9), sign: 1 }]);
    const counts = new Float64Array(64);
    for (const word of words) counts[word & 63]! += 1;
    const expected = words.length / 64;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(137.2);
    // The planted break: a mask that never has its largest value.
    counts[62]! += counts[63]!;
    counts[63] = 0;
    expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeGreaterThan(137.2);
  });

  it('leave nothing of themselves in the memory of the engine (attack 73)', () => {
    for (const engine of engines) {
      const words = new Uint32Array(1000);
      applyMasks(engine, primitives, words, 32, [{ key: keyOf(11), sign: 1 }]);
      const all = engine.memory.u32(0, 4096);
      expect(all.some((word) => word === words[17])).toBe(false);
    }
  });

  it('are refused for words that are none', () => {
    for (const wordBits of [0, 33, 1.5, Number.NaN]) {
      expect(() => applyMasks(engines[0]!, primitives, new Uint32Array(1), wordBits, [])).toThrow(ParameterError);
    }
  });
});

describe('packed words', () => {
  it.each([1, 8, 13, 16, 23, 25, 26, 31, 32])('of %i bits come back modulo 2^w and add up', (wordBits) => {
    for (const count of [1, 7, 8, 16_384, 16_385, 40_003]) {
      const words = seeded(count + wordBits, count);
      const packed = engines.map((engine) => packWords(engine, words, wordBits));
      expect(packed[0]!.length).toBe(packedBytes(count, wordBits));
      expect(packed[0]!.every((byte, i) => byte === packed[1]![i])).toBe(true);
      for (const engine of engines) {
        const sum = words.slice();
        addPackedWords(engine, sum, packed[0]!, wordBits);
        const wrong = sum.findIndex((word, i) => word !== (words[i]! + (words[i]! % 2 ** wordBits)) >>> 0);
        expect(wrong, `${engine.name} ${count}`).toBe(-1);
      }
    }
  });

  it('of another length are refused', () => {
    expect(() => addPackedWords(engines[0]!, new Uint32Array(8), new Uint8Array(24), 23)).toThrow(ParameterError);
  });
});

describe('words as signed numbers', () => {
  it('are in two’s complement of w bits', () => {
    for (const engine of engines) {
      const signed = (bits: number, ...words: number[]) => signedWords(engine, Uint32Array.from(words), bits);
      expect([...signed(8, 0, 1, 127, 128, 255, 256).values]).toEqual([0, 1, 127, -128, -1, 0]);
      expect([...signed(32, 2 ** 31, 2 ** 32 - 1).values]).toEqual([-(2 ** 31), -1]);
    }
  });

  it.each([1, 2, 8, 23, 26, 31, 32])(
    'of %i bits are those of a plain computation, with the extremes of all',
    (bits) => {
      for (const count of [0, 1, 3, 4, 5, 16_384, 16_387, 40_003]) {
        const words = seeded(7 + count + bits, count);
        const expected = Array.from(words, (word) => {
          const rest = word % 2 ** bits;
          return rest < 2 ** (bits - 1) ? rest : rest - 2 ** bits;
        });
        const least = expected.reduce((a, b) => Math.min(a, b), 0);
        const greatest = expected.reduce((a, b) => Math.max(a, b), 0);
        for (const engine of engines) {
          const packed = packWords(engine, words, bits);
          for (const found of [signedWords(engine, words, bits), signedPackedWords(engine, packed, count, bits)]) {
            expect(
              found.values.findIndex((value, i) => value !== expected[i]),
              `${engine.name} ${count}`,
            ).toBe(-1);
            expect([found.least, found.greatest], `${engine.name} ${count}`).toEqual([least, greatest]);
          }
        }
      }
    },
  );

  it('are within a bound or not', () => {
    for (const engine of engines) {
      for (const [bound, ...values] of [
        [5, -5, 5],
        [5, -6, 5],
        [5, 6],
        [5, 0, 0, 0, 0, 0, 0, 0, -6],
        [5, 1, 6, 1, 1, 1, 1, 1, 1],
      ] as const) {
        const given = Int32Array.from(values);
        const fits = values.every((value) => Math.abs(value) <= bound);
        expect(isWithin(extremesOf(engine, given), bound)).toBe(fits);
        expect(isWithin(signedWords(engine, new Uint32Array(given.buffer), 32), bound)).toBe(fits);
      }
    }
  });

  it('of another length are refused', () => {
    expect(() => signedPackedWords(engines[0]!, new Uint8Array(24), 8, 23)).toThrow(ParameterError);
  });
});

describe('a running sum', () => {
  it.each([1, 8, 16, 23, 26, 32])(
    'long enough for a memory of its own is what a short array would be, at %i bits',
    (bits) => {
      const count = 70_003;
      const words = seeded(bits, count);
      const masks: Mask[] = [
        { key: new Uint8Array(32).fill(3), sign: 1 },
        { key: new Uint8Array(32).fill(4), sign: -1 },
      ];
      for (const engine of engines) {
        const plain = new Uint32Array(count);
        const { words: own, bench } = runningSum(engine, count);
        expect(bench).not.toBe(engine);
        expect(own.every((word) => word === 0)).toBe(true);
        const packed = packWords(engine, words, bits);
        for (const [target, where] of [
          [plain, engine],
          [own, bench],
        ] as const) {
          addPackedWords(where, target, packed, bits);
          applyMasks(where, primitives, target, bits, masks);
          addPackedWords(where, target, packed, bits);
        }
        expect(own.length).toBe(count);
        expect(
          own.findIndex((word, i) => word !== plain[i]),
          engine.name,
        ).toBe(-1);
        const [one, other] = [packWords(engine, plain, bits), packWords(bench, own, bits)];
        expect(other.findIndex((byte, i) => byte !== one[i])).toBe(-1);
        const signed = [signedWords(engine, plain, bits), signedWords(bench, own, bits)];
        expect(signed[1]!.values.findIndex((value, i) => value !== signed[0]!.values[i])).toBe(-1);
        // The sum itself was not made signed.
        expect(own.findIndex((word, i) => word !== plain[i])).toBe(-1);
      }
    },
  );

  it('that is short is an ordinary array', () => {
    expect(runningSum(engines[0]!, 1000)).toEqual({ words: new Uint32Array(1000), bench: engines[0]! });
  });
});
