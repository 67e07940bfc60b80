// The convention of slots that rotations rest on, tested with the plain automorphism of coefficients.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { automorphism, toIntegers } from '../ring/operations.ts';
import { decodeComplex, encodeComplex, encodeReal } from './encoding.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { largestDifference, numbers, orbit, ringOf } from './encoding-naive.contract.ts';

let wasm: Engine;
beforeAll(async () => {
  wasm = await wasmEngine();
});

describe('rotation and conjugation', () => {
  test.each([
    { degree: 128, slots: 64, by: 1 },
    { degree: 128, slots: 64, by: 13 },
    { degree: 128, slots: 64, by: 63 },
    { degree: 128, slots: 16, by: 3 },
    { degree: 128, slots: 4, by: 1 },
    { degree: 4096, slots: 2048, by: 5 },
    { degree: 8192, slots: 4096, by: 1000 },
    { degree: 32768, slots: 16384, by: 1 },
  ])('X → X^(5^$by) turns $slots slots left by $by, N = $degree', ({ degree, slots, by }) => {
    const embedding = createEmbedding({ engine: wasm }, degree);
    const r = ringOf(wasm, degree, 2);
    const options = { slots, scale: 2 ** 40 };
    const z = numbers(slots, 1, by);
    const turned = automorphism(encodeComplex(embedding, r, z, options), orbit(degree, by + 1)[by]);
    const decoded = decodeComplex(embedding, turned, options);
    expect(
      largestDifference(
        decoded.real,
        z.real.map((_, j) => z.real[(j + by) % slots]),
      ),
    ).toBeLessThan(2 ** -30);
    expect(
      largestDifference(
        decoded.imaginary,
        z.imaginary.map((_, j) => z.imaginary[(j + by) % slots]),
      ),
    ).toBeLessThan(2 ** -30);
  });

  test('X → X^(2N−1) conjugates', () => {
    const embedding = createEmbedding({ engine: wasm }, 128);
    const r = ringOf(wasm, 128, 2);
    const options = { slots: 64, scale: 2 ** 40 };
    const z = numbers(64, 1, 5);
    const decoded = decodeComplex(embedding, automorphism(encodeComplex(embedding, r, z, options), 255), options);
    expect(largestDifference(decoded.real, z.real)).toBeLessThan(2 ** -30);
    expect(
      largestDifference(
        decoded.imaginary,
        z.imaginary.map((x) => -x),
      ),
    ).toBeLessThan(2 ** -30);
  });

  test('the encoding of a real vector is exactly its own conjugate', () => {
    const embedding = createEmbedding({ engine: wasm }, 256);
    const r = ringOf(wasm, 256, 3);
    for (const slots of [1, 4, 32, 128]) {
      const encoded = encodeReal(embedding, r, numbers(slots, 5, slots).real, { slots, scale: 2 ** 50 });
      expect(automorphism(encoded, 511).residues).toEqual(encoded.residues);
    }
  });

  test('real encoding agrees with complex encoding of the same numbers', () => {
    const embedding = createEmbedding({ engine: wasm }, 256);
    const r = ringOf(wasm, 256, 2);
    const { real } = numbers(128, 5, 1);
    const options = { slots: 128, scale: 2 ** 30 };
    const one = toIntegers(encodeReal(embedding, r, real, options));
    const two = toIntegers(encodeComplex(embedding, r, { real, imaginary: new Float64Array(128) }, options));
    expect(two).toEqual(one);
  });
});
