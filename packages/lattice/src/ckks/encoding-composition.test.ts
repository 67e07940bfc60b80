// Composition of centred values, seen through constant polynomials: every slot is the constant coefficient.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { fromIntegers } from '../ring/operations.ts';
import { primesBelow } from '../ring/primes.ts';
import { ring } from '../ring/ring.ts';
import { decodeComplex, decodeReal, encodeComplex } from './encoding.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { largestDifference, numbers, ringOf } from './encoding-naive.contract.ts';

let wasm: Engine;
beforeAll(async () => {
  wasm = await wasmEngine();
});

describe('composition of residues', () => {
  test.each([1, 2, 3, 4, 7, 22])(
    'of %i limbs is the centred value to 2^-50, at both ends of the range',
    (limbCount) => {
      const degree = 64;
      const embedding = createEmbedding({ engine: wasm }, degree);
      const primes = primesBelow(2 ** 30, limbCount, degree);
      // Also with a small prime between large ones, and one above the others.
      for (const list of [
        primes,
        [...primesBelow(2 ** 25, 1, degree), ...primes],
        [...primes, ...primesBelow(2 ** 25, 1, degree)],
      ]) {
        const r = ring(wasm, degree, list);
        const q = list.reduce((product, p) => product * BigInt(p), 1n);
        const half = (q - 1n) / 2n;
        const p0 = BigInt(list[0]);
        const candidates = [
          0n,
          1n,
          half,
          half - 1n,
          half - p0,
          p0 / 2n,
          p0 / 2n + 1n,
          p0,
          q / 3n,
          q / 5n,
          (1n << 24n) - 1n,
          3n,
        ];
        for (const x of candidates.flatMap((c) => [c, -c])) {
          if (x > half || x < -half) continue;
          // A constant polynomial has its value in every slot: nothing but the composition is seen.
          const constant = fromIntegers(r, [x, ...Array.from({ length: degree - 1 }, () => 0n)]);
          const [value] = decodeReal(embedding, constant, { slots: 1, scale: 1 });
          expect(Math.abs(value - Number(x))).toBeLessThanOrEqual(2 ** -50 * Math.abs(Number(x)));
        }
      }
    },
  );

  test('of so many limbs that the modulus exceeds every double still reads small values, and refuses huge ones', () => {
    const degree = 1024;
    const embedding = createEmbedding({ engine: wasm }, degree);
    const r = ringOf(wasm, degree, 40);
    const options = { slots: 8, scale: 2 ** 60 };
    const z = numbers(8, 0.5, 3);
    const decoded = decodeComplex(embedding, encodeComplex(embedding, r, z, options), options);
    expect(largestDifference(decoded.real, z.real)).toBeLessThan(2 ** -45);
    const huge = fromIntegers(r, [1n << 1190n, ...Array.from({ length: degree - 1 }, () => 0n)]);
    expect(() => decodeReal(embedding, huge, options)).toThrow(/2\^900/);
  });
});
