import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { seededWords } from './seeded-words.contract.ts';

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
});

const GUARD = 32;
const counts = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 1000, 1003];

interface Case {
  readonly words: Uint32Array;
  readonly bytes: Uint8Array;
}

function seededCase(seed: number, count: number, byteCount: number): Case {
  const next = seededWords(seed);
  const words = Uint32Array.from({ length: count }, () => next());
  const bytes = Uint8Array.from({ length: byteCount }, () => next() & 255);
  return { words, bytes };
}

/** Both areas after `act`, the guards behind them included; `bytes` may lie at any address. */
function both(
  engine: Engine,
  { words, bytes }: Case,
  offset: number,
  act: (words: number, bytes: number) => void,
): Case {
  const { memory } = engine;
  return memory.scope(() => {
    const wordsAt = memory.allocate(4 * words.length + GUARD);
    const bytesAt = memory.allocate(bytes.length + GUARD + offset) + offset;
    memory.u8(wordsAt, 4 * words.length + GUARD).fill(0xa5);
    memory.u8(bytesAt, bytes.length + GUARD).fill(0x5a);
    memory.u32(wordsAt, words.length).set(words);
    memory.u8(bytesAt, bytes.length).set(bytes);
    act(wordsAt, bytesAt);
    const guards = [memory.u8(wordsAt + 4 * words.length, GUARD), memory.u8(bytesAt + bytes.length, GUARD)];
    expect(guards.map((guard) => new Set(guard))).toEqual([new Set([0xa5]), new Set([0x5a])]);
    return { words: memory.u32(wordsAt, words.length).slice(), bytes: memory.u8(bytesAt, bytes.length).slice() };
  });
}

const wordOf = (bytes: Uint8Array, bits: number, i: number): number => {
  let word = 0n;
  for (let j = 0; j < bits; j++) {
    const bit = i * bits + j;
    if ((bytes[bit >> 3]! >> (bit & 7)) & 1) word |= 1n << BigInt(j);
  }
  return Number(word);
};

describe('a key stream', () => {
  it.each([1, 2, 3, 4])('is added and subtracted in words of %i bytes, alike in both engines', (size) => {
    for (const count of counts) {
      const given = seededCase(count, count, count * size);
      for (const engine of engines) {
        const added = both(engine, given, 3, (w, s) => engine.masks.addStream(w, s, count, size));
        const expected = given.words.map((word, i) => word + wordOf(given.bytes, 8 * size, i));
        expect(added.words, `${engine.name} ${count}`).toEqual(expected);
        expect(added.bytes).toEqual(given.bytes);
        const back = both(engine, added, 1, (w, s) => engine.masks.subtractStream(w, s, count, size));
        expect(back.words, `${engine.name} ${count}`).toEqual(given.words);
      }
    }
  });
});

describe('words of so many bits', () => {
  it.each(Array.from({ length: 32 }, (_, i) => i + 1))(
    'are packed and added, %i bits each, alike in both engines',
    (bits) => {
      for (const count of counts) {
        const given = seededCase(100 + count, count, Math.ceil((count * bits) / 8));
        const modulus = 2 ** bits;
        for (const engine of engines) {
          const packed = both(engine, given, 5, (w, p) => engine.masks.pack(p, w, count, bits));
          given.words.forEach((word, i) => {
            if (wordOf(packed.bytes, bits, i) !== word % modulus) expect([engine.name, count, i]).toBe(0);
          });
          // Bits behind the last word are 0: what is not is refused by the receiver.
          const spare = packed.bytes.length * 8 - count * bits;
          expect(spare === 0 ? 0 : packed.bytes.at(-1)! >> (8 - spare)).toBe(0);
          const added = both(engine, packed, 7, (w, p) => engine.masks.addPacked(w, p, count, bits));
          expect(added.words, `${engine.name} ${count}`).toEqual(given.words.map((word) => word + (word % modulus)));
        }
      }
    },
  );

  it.each([1, 2, 7, 16, 23, 31, 32])('become signed, %i bits each, and extremes only move outwards', (bits) => {
    for (const count of counts) {
      const given = seededCase(300 + count, count, 8);
      const expected = Array.from(given.words, (word) => Number(BigInt.asIntN(bits, BigInt(word))));
      for (const before of [
        [0, 0],
        [-(2 ** 31), 2 ** 31 - 1],
      ]) {
        for (const engine of engines) {
          let range: number[] = [];
          const found = both(engine, given, 0, (w, e) => {
            engine.memory.i32(e, 2).set(before);
            engine.masks.signExtend(w, count, bits, e);
            range = [...engine.memory.i32(e, 2)];
          });
          expect([...new Int32Array(found.words.buffer)], `${engine.name} ${count}`).toEqual(expected);
          expect(range).toEqual([Math.min(before[0]!, ...expected), Math.max(before[1]!, ...expected)]);
        }
      }
    }
  });
});
