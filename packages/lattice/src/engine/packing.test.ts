import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { FILLINGS, filled, seededWords } from './seeded-words.contract.ts';

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
});

const COUNTS = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67, 128];
const WIDTHS = Array.from({ length: 32 }, (_, i) => i + 1);
const bytesOf = (count: number, bits: number): number => Math.ceil((count * bits) / 8);

/** All values behind one another as one big number: the definition of the format. */
function naive(values: Uint32Array, bits: number): Uint8Array {
  const whole = values.reduce((sum, value, i) => sum | (BigInt(value) << BigInt(i * bits)), 0n);
  return Uint8Array.from({ length: bytesOf(values.length, bits) }, (_, i) => Number((whole >> BigInt(8 * i)) & 255n));
}

function pack(engine: Engine, values: Uint32Array, bits: number, misalignment: number): Uint8Array {
  const { memory, packing } = engine;
  return memory.scope(() => {
    const input = memory.allocate(4 * values.length);
    memory.u32(input, values.length).set(values);
    const out = memory.allocate(bytesOf(values.length, bits) + 32) + misalignment;
    packing.packBits(out, input, values.length, bits);
    return memory.u8(out, bytesOf(values.length, bits)).slice();
  });
}

/** Everything behind the packed bytes is set, so that reading too far shows. */
function unpack(engine: Engine, packed: Uint8Array, count: number, bits: number, misalignment: number): Uint32Array {
  const { memory, packing } = engine;
  return memory.scope(() => {
    const at = memory.allocate(packed.length + 32) + misalignment;
    memory.u8(at, packed.length + 16).fill(255);
    memory.u8(at, packed.length).set(packed);
    const out = memory.allocate(4 * count + 16);
    memory.u32(out, count + 4).fill(0xa5a5a5a5);
    packing.unpackBits(out, at, count, bits);
    expect([...memory.u32(out + 4 * count, 4)]).toEqual([0xa5a5a5a5, 0xa5a5a5a5, 0xa5a5a5a5, 0xa5a5a5a5]);
    return memory.u32(out, count).slice();
  });
}

describe.each(FILLINGS)('bit packing of %s values', (filling) => {
  it('gives the same bytes in both engines at every width and length, and they are the definition', () => {
    const next = seededWords(11);
    for (const bits of WIDTHS) {
      for (const count of COUNTS) {
        const values = filled(filling, count, 2 ** bits, next);
        const expected = naive(values, bits);
        engines.forEach((engine, i) => {
          expect(pack(engine, values, bits, (count + i) % 8), `${bits} bits, ${count} values`).toEqual(expected);
          expect(unpack(engine, expected, count, bits, (count + i) % 8)).toEqual(values);
        });
      }
    }
  });
});

describe.each(FILLINGS)('quads of %s values', (filling) => {
  it('are packed to the same bytes in both engines, and added modulo q with the largest value told', () => {
    const next = seededWords(12);
    const q = 2 ** 30 - 35;
    for (const count of [64, 128, 192]) {
      const values = filled(filling, count, 2 ** 30, next);
      const sums = filled(filling, count, q, next);
      const lanes = [0, 1, 2, 3].map((lane) => naiveWords(values.filter((_, i) => i % 4 === lane)));
      const expected = Uint32Array.from({ length: (count / 32) * 30 }, (_, i) => lanes[i % 4][i >> 2]);
      for (const { memory, packing } of engines) {
        memory.scope(() => {
          const input = memory.allocate(4 * count);
          const packed = memory.allocate(4 * expected.length);
          const total = memory.allocate(4 * count);
          memory.u32(input, count).set(values);
          memory.u32(total, count).set(sums);
          packing.packQuads30(packed, input, count);
          expect(memory.u32(packed, expected.length).slice()).toEqual(expected);
          expect(packing.addQuads30(total, packed, count, q)).toBe(values.reduce((a, b) => Math.max(a, b)));
          const added = memory.u32(total, count);
          values.forEach((value, i) => {
            expect(added[i] % q).toBe((sums[i] + value) % q);
            if (value < q) expect(added[i]).toBeLessThan(q);
          });
        });
      }
    }
  });
});

/** The values of one lane behind one another as one big number, cut to words. */
function naiveWords(values: Uint32Array): Uint32Array {
  const whole = values.reduce((sum, value, i) => sum | (BigInt(value) << BigInt(i * 30)), 0n);
  return Uint32Array.from({ length: (values.length * 30) / 32 }, (_, i) =>
    Number((whole >> BigInt(32 * i)) & 0xffffffffn),
  );
}

describe('the range check', () => {
  it('finds one word at the bound anywhere, and nothing when all lie below', () => {
    for (const engine of engines) {
      const { memory, packing } = engine;
      memory.scope(() => {
        const at = memory.allocate(4 * 19);
        for (const bound of [1, 12345, 2 ** 30 - 35, 2 ** 31, 2 ** 32 - 1]) {
          for (const count of [1, 3, 4, 5, 16, 19]) {
            const words = memory.u32(at, count);
            words.fill(bound - 1);
            expect(packing.someAtLeast(at, count, bound)).toBe(0);
            for (let i = 0; i < count; i++) {
              for (const value of [bound, 2 ** 32 - 1]) {
                words.fill(bound - 1);
                words[i] = value;
                expect(packing.someAtLeast(at, count, bound)).toBe(1);
              }
            }
          }
        }
      });
    }
  });
});
