import { describe, expect, it } from 'vitest';
import { agree, distance, inBothEngines, seededFloats } from './agreement.contract.ts';

// A sum of k products of numbers in [-1, 1], in floats against doubles: at most k·2^-24·√k in practice; k ≤ 600 here.
const TOLERANCE = 3e-5;
const SCRATCH = 128 * 256 + 33 * 8 * 256 + 32;

const shapes: readonly [number, number, number][] = [
  [1, 1, 1],
  [4, 8, 3],
  [7, 11, 9],
  [5, 17, 300],
  [130, 9, 31],
  [131, 24, 257],
  [64, 10, 128],
  [3, 130, 600],
];

describe('a matrix product', () => {
  for (const [m, n, k] of shapes) {
    it(`of ${m}×${k} by ${k}×${n} is the plain triple sum, in all transposes, with and without accumulation`, async () => {
      for (const [ta, tb, accumulate] of [
        [0, 0, 0],
        [1, 0, 1],
        [0, 1, 0],
        [1, 1, 1],
      ]) {
        await agree(
          {
            a: seededFloats(m * k, 1),
            b: seededFloats(k * n, 2),
            c: seededFloats(m * n, 3),
            scratch: new Float32Array(SCRATCH),
          },
          ['c'],
          TOLERANCE,
          ({ matrix }, at) => {
            const [aRow, aColumn] = ta === 1 ? [1, m] : [k, 1];
            const [bRow, bColumn] = tb === 1 ? [1, k] : [n, 1];
            matrix.gemm(m, n, k, at('a'), aRow, aColumn, at('b'), bRow, bColumn, at('c'), n, accumulate, at('scratch'));
          },
        );
      }
    });
  }

  it('writes only its columns of a wider matrix', async () => {
    const c = seededFloats(6 * 20, 4);
    const [wasm] = await inBothEngines(
      { a: seededFloats(6 * 5, 5), b: seededFloats(5 * 9, 6), c, scratch: new Float32Array(SCRATCH) },
      ({ matrix }, at) => {
        matrix.gemm(6, 9, 5, at('a'), 5, 1, at('b'), 9, 1, at('c') + 4 * 3, 20, 0, at('scratch'));
      },
    );
    for (let i = 0; i < c.length; i++) {
      const column = i % 20;
      if (column < 3 || column >= 12) expect(wasm['c'][i]).toBe(c[i]);
    }
  });

  it('asks for as much scratch as it uses', async () => {
    for (const n of [1, 8, 9, 100]) {
      await inBothEngines(
        { c: new Float32Array(3 * n), a: seededFloats(3 * 300, 7), b: seededFloats(300 * n, 8) },
        (engine, at) => {
          const bytes = engine.matrix.gemmScratchBytes(n);
          const scratch = engine.memory.reserve(bytes + 64);
          const guard = engine.memory.f32(scratch + bytes, 8).fill(7);
          engine.matrix.gemm(3, n, 300, at('a'), 300, 1, at('b'), n, 1, at('c'), n, 0, scratch);
          expect(Array.from(guard)).toEqual(new Array(8).fill(7));
        },
      );
    }
  });

  it('is told apart from one with a wrong element', () => {
    const right = seededFloats(100, 9);
    const wrong = right.slice();
    wrong[57] += 1e-3;
    expect(distance(wrong, right)).toBeGreaterThan(TOLERANCE);
    wrong[57] = Number.NaN;
    expect(distance(wrong, right)).toBeNaN();
  });
});
