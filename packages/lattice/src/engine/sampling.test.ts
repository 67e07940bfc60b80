import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { runsWhole, seededWords } from './seeded-words.contract.ts';

// The samplers of both engines, kernel by kernel, on random bytes and on the extremes: equal bytes out, nothing written beyond.

let engines: readonly Engine[];
beforeAll(async () => {
  engines = [await wasmEngine(), referenceEngine()];
});

const BYTES = 1 << 19;
const FILLINGS = ['random', 'zeros', 'ones'] as const;
type Filling = (typeof FILLINGS)[number];

function material(filling: Filling, length: number, seed: number): Uint8Array {
  const next = seededWords(seed);
  switch (filling) {
    case 'random':
      return Uint8Array.from({ length }, () => next() >>> 24);
    case 'zeros':
      return new Uint8Array(length);
    case 'ones':
      return new Uint8Array(length).fill(255);
    default:
      return filling satisfies never;
  }
}

/** Runs a kernel in both engines on the same input; `outBytes` at the front are what it may write, a guard follows. */
function agree(
  input: Uint8Array,
  outBytes: number,
  run: (engine: Engine, out: number, input: number) => void,
  compared: (engine: Engine, out: number) => unknown = (engine, out) => engine.memory.u8(out, outBytes).slice(),
): void {
  const [wasm, reference] = engines.map((engine) =>
    engine.memory.scope(() => {
      const out = engine.memory.allocate(BYTES);
      const at = engine.memory.allocate(BYTES);
      engine.memory.u8(out, BYTES).fill(0xa5);
      engine.memory.u8(at, BYTES).fill(0x5a);
      engine.memory.u8(at, input.length).set(input);
      run(engine, out, at);
      expect(engine.memory.u8(out + outBytes, 256).every((byte) => byte === 0xa5)).toBe(true);
      return compared(engine, out);
    }),
  );
  expect(wasm).toEqual(reference);
}

const COUNTS = [16, 32, 48, 64, 80, 96, 112, 160, 176, 1024];

describe.each(FILLINGS)('on %s', (filling) => {
  it('keepBelow keeps the same words, at every length around the vector and for every kind of bound', () => {
    const words = material(filling, 4096, 1);
    // The largest accepted word and the smallest refused one stand where vectors and the tail meet them.
    const bounds = [2 ** 24 + 43, 613416961, 2 ** 30 - 35, 954437177, 3 ** 20];
    for (const bound of bounds) {
      const limit = bound * Math.floor(2 ** 32 / bound);
      new DataView(words.buffer).setUint32(20, limit - 1, true);
      new DataView(words.buffer).setUint32(24, limit, true);
      for (const capacity of [1, 2, 3, 4, 5, 7, 8, 64, 513]) {
        for (const available of [1, 3, 4, 5, 8, 9, 64, 511, 1024]) {
          const shuffles = Uint8Array.from({ length: 256 }, (_, i) => {
            const lanes = [0, 1, 2, 3].filter((lane) => ((i >> 4) >> lane) & 1);
            const lane = lanes[(i & 15) >> 2];
            return lane === undefined ? 128 : 4 * lane + (i & 3);
          });
          agree(
            words,
            4 * capacity,
            (engine, out, at) => {
              const table = engine.memory.allocate(256);
              const kept = out + 8192;
              engine.memory.u8(table, 256).set(shuffles);
              const looked = engine.sampling.keepBelow(
                out,
                capacity,
                at,
                available,
                bound,
                Math.floor(2 ** 32 / bound),
                table,
                kept,
              );
              engine.memory.u32(out + 8196, 1)[0] = looked;
            },
            (engine, out) => {
              const [kept, looked] = engine.memory.u32(out + 8192, 2);
              return [kept, looked, [...engine.memory.u32(out, kept)]];
            },
          );
        }
      }
    }
  });

  it('ternaryDigits takes the same digits from words below 3^20', () => {
    const words = Uint32Array.from(new Uint32Array(material(filling, 4096, 2).buffer), (w) => Math.min(w, 3 ** 20 - 1));
    for (let i = 0; i < 32; i++) words[i] = [0, 1, 3 ** 10 - 1, 3 ** 10, 3 ** 20 - 3 ** 10, 3 ** 20 - 1][i % 6];
    for (const count of COUNTS) {
      agree(new Uint8Array(words.buffer), 4 * count, (engine, out, at) =>
        engine.sampling.ternaryDigits(out, at, count),
      );
    }
  });

  it('centredBinomial counts the same bits for every eta', () => {
    const input = material(filling, 17_000, 3);
    const etas = Array.from({ length: 64 }, (_, i) => i + 1);
    for (const eta of etas) {
      for (const count of runsWhole() ? COUNTS : [16, 80, 176]) {
        agree(input, 4 * count, (engine, out, at) => engine.sampling.centredBinomial(out, at, count, eta));
      }
    }
  });

  it('sampleSymmetric compares alike, ties included, for every size of table', () => {
    for (const columns of [64, 128, 256]) {
      for (const planes of [1, 2, 8, 15]) {
        const table = material('random', (planes + 1) * columns, columns + planes);
        for (let j = 0; j < columns; j++) table[(planes - 1) * columns + j] &= 254;
        const input = material(filling, 16 * 64 * (planes + 1), 5);
        // Values whose fraction equals their threshold in all bytes, or in all but the last.
        for (let i = 0; i < 16; i++) {
          const column = input[i] % columns;
          for (let plane = 0; plane < planes; plane++) input[16 * (plane + 1) + i] = table[plane * columns + column];
          input[16 * planes + i] ^= i % 4;
        }
        for (const count of [16, 32, 80, 1024]) {
          agree(input, 4 * count, (engine, out, at) => {
            const address = engine.memory.allocate(table.length);
            engine.memory.u8(address, table.length).set(table);
            engine.sampling.sampleSymmetric(out, at, count, address, columns, planes);
          });
        }
      }
    }
  });

  it('widenNoise adds and carries alike for every shift', () => {
    const count = 48;
    const input = material(filling, 4 * count * 7, 6);
    const x = new Int32Array(input.buffer, 0, count);
    for (let i = 0; i < count; i++) x[i] = filling === 'random' ? x[i] % 256 : filling === 'zeros' ? -255 : 255;
    for (let shift = 0; shift <= 96; shift++) {
      agree(input, 16 * count, (engine, out, at) => {
        const u = at + 4 * count;
        engine.sampling.widenNoise(out, at, u, u + 4 * count * Math.ceil(shift / 32), count, shift);
      });
    }
  });
});
