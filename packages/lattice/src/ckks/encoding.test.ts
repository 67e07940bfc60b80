import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { add, fromIntegers, toIntegers } from '../ring/operations.ts';
import type { Ring } from '../ring/ring.ts';
import { decodeComplex, decodeReal, encodeComplex, encodeReal, roundTripBound } from './encoding.ts';
import { decodeRealFromBlock, encodeToBlock } from './encoding-blocks.ts';
import { createEmbedding, type Embedding } from './encoding-embedding.ts';
import {
  cosineTurns,
  largestDifference,
  type Numbers,
  numbers,
  orbit,
  ringOf,
  sineTurns,
} from './encoding-naive.contract.ts';

let wasm: Engine;
beforeAll(async () => {
  wasm = await wasmEngine();
});

/** Σ m_k ζ^(5^j·k), straight from the definition. */
function naiveSlots(coefficients: readonly number[], degree: number, slots: number): Numbers {
  const at = orbit(degree, slots);
  const sum = (part: (turns: number) => number): Float64Array =>
    Float64Array.from(at, (e) =>
      coefficients.reduce((s, m, k) => s + m * part(((e * k) % (2 * degree)) / (2 * degree)), 0),
    );
  return { real: sum(cosineTurns), imaginary: sum(sineTurns) };
}

/** m_k = (1/s)·Re Σ_j z_j·ζ^(−5^j·k) for k a multiple of N/2s, before rounding. */
function naiveCoefficients({ real, imaginary }: Numbers, degree: number): number[] {
  const slots = real.length;
  const at = orbit(degree, slots);
  return Array.from({ length: degree }, (_, k) => {
    if (k % (degree / (2 * slots)) !== 0) return 0;
    let sum = 0;
    at.forEach((e, j) => {
      const turns = ((e * k) % (2 * degree)) / (2 * degree);
      sum += real[j] * cosineTurns(turns) + imaginary[j] * sineTurns(turns);
    });
    return sum / slots;
  });
}

describe.each([16, 32, 64, 128, 256])('the embedding of degree %i', (degree) => {
  const every = Array.from({ length: Math.log2(degree) }, (_, k) => 2 ** k);

  test.each(every)('encodes %i complex slots to the coefficients of the inverse sum, rounded', (slots) => {
    const small = ringOf(wasm, degree, 2);
    const z = numbers(slots, 3, slots);
    const scale = 2 ** 40 * 1.37;
    const exact = naiveCoefficients(z, degree);
    const encoded = toIntegers(
      encodeComplex(createEmbedding({ engine: wasm }, degree), small, z, { slots, scale }),
    ).map(Number);
    expect(
      largestDifference(
        encoded,
        exact.map((m) => m * scale),
      ),
    ).toBeLessThan(0.5 + scale * 2 ** -46);
    encoded.forEach((m, k) => {
      if (k % (degree / (2 * slots)) !== 0) expect(m).toBe(0);
    });
  });

  test.each(every)('decodes %i slots as the values at the powers of five of the root', (slots) => {
    const small = ringOf(wasm, degree, 3);
    const step = degree / (2 * slots);
    const { real } = numbers(degree, 2 ** 45, slots);
    const coefficients = Array.from(real, (x, k) => (k % step === 0 ? Math.round(x) : 0));
    const scale = 2 ** 43;
    const decoded = decodeComplex(
      createEmbedding({ engine: wasm }, degree),
      fromIntegers(small, coefficients.map(BigInt)),
      { slots, scale },
    );
    const exact = naiveSlots(
      coefficients.map((m) => m / scale),
      degree,
      slots,
    );
    expect(decoded.real.length).toBe(slots);
    expect(largestDifference(decoded.real, exact.real)).toBeLessThan(2 ** -40);
    expect(largestDifference(decoded.imaginary, exact.imaginary)).toBeLessThan(2 ** -40);
  });
});

test('fewer slots ignore what lies outside their subring', () => {
  const degree = 64;
  const small = ringOf(wasm, degree, 2);
  const embedding = createEmbedding({ engine: wasm }, degree);
  for (const slots of [1, 2, 4, 8, 16]) {
    const z = numbers(slots, 1, slots);
    const options = { slots, scale: 2 ** 40 };
    const noise = fromIntegers(
      small,
      Array.from({ length: degree }, (_, k) => (k % (degree / (2 * slots)) === 0 ? 0n : 1n << 38n)),
    );
    const clean = decodeComplex(embedding, encodeComplex(embedding, small, z, options), options);
    const noisy = decodeComplex(embedding, add(encodeComplex(embedding, small, z, options), noise), options);
    expect(noisy).toEqual(clean);
  }
});

describe('a round trip', () => {
  test.each([
    { degree: 1024, limbs: 2, scaleLog2: 40 },
    { degree: 8192, limbs: 1, scaleLog2: 24 },
    { degree: 8192, limbs: 6, scaleLog2: 55 },
    { degree: 32768, limbs: 4, scaleLog2: 58 },
  ])('stays within the stated bound: $degree, $limbs limbs, 2^$scaleLog2', ({ degree, limbs, scaleLog2 }) => {
    const embedding = createEmbedding({ engine: wasm }, degree);
    const r = ringOf(wasm, degree, limbs);
    const scale = 2 ** scaleLog2 * 1.01;
    const magnitude = 2 ** Math.min(3, 60 - scaleLog2, 30 * limbs - scaleLog2 - 2);
    for (const slots of [2, 8, 256, degree / 4, degree / 2]) {
      const z = numbers(slots, magnitude / 2, slots + 7);
      const bound = roundTripBound({ slots, scale, magnitude });
      const complex = decodeComplex(embedding, encodeComplex(embedding, r, z, { slots, scale }), { slots, scale });
      expect(largestDifference(complex.real, z.real)).toBeLessThan(bound);
      expect(largestDifference(complex.imaginary, z.imaginary)).toBeLessThan(bound);
      const real = decodeReal(embedding, encodeReal(embedding, r, z.real, { slots, scale }), { slots, scale });
      expect(largestDifference(real, z.real)).toBeLessThan(bound);
      // Random rounding errors add up like √s, not s: a bound that is never near would hide a broken transform.
      expect(largestDifference(real, z.real)).toBeLessThan((8 * Math.sqrt(slots)) / scale + 2 ** -46 * magnitude);
    }
  });
});

test('encoding is linear up to rounding', () => {
  const degree = 512;
  const embedding = createEmbedding({ engine: wasm }, degree);
  const r = ringOf(wasm, degree, 2);
  const options = { slots: 256, scale: 2 ** 30 };
  const [a, b] = [numbers(256, 1, 1), numbers(256, 1, 2)];
  const sum = { real: a.real.map((x, i) => x + b.real[i]), imaginary: a.imaginary.map((x, i) => x + b.imaginary[i]) };
  const together = toIntegers(add(encodeComplex(embedding, r, a, options), encodeComplex(embedding, r, b, options)));
  const direct = toIntegers(encodeComplex(embedding, r, sum, options));
  together.forEach((m, k) => {
    expect(Math.abs(Number(m - direct[k]))).toBeLessThanOrEqual(1);
  });
});

test('the product of two polynomials holds the products of their slots', () => {
  const degree = 32;
  const embedding = createEmbedding({ engine: wasm }, degree);
  const r = ringOf(wasm, degree, 4);
  const options = { slots: 16, scale: 2 ** 40 };
  const [a, b] = [numbers(16, 2, 1), numbers(16, 2, 2)];
  const x = toIntegers(encodeComplex(embedding, r, a, options));
  const y = toIntegers(encodeComplex(embedding, r, b, options));
  const product = Array.from({ length: degree }, () => 0n);
  x.forEach((u, i) => {
    y.forEach((v, k) => {
      if (i + k < degree) product[i + k] += u * v;
      else product[i + k - degree] -= u * v;
    });
  });
  const decoded = decodeComplex(embedding, fromIntegers(r, product), { slots: 16, scale: 2 ** 80 });
  const real = a.real.map((_, i) => a.real[i] * b.real[i] - a.imaginary[i] * b.imaginary[i]);
  const imaginary = a.real.map((_, i) => a.real[i] * b.imaginary[i] + a.imaginary[i] * b.real[i]);
  expect(largestDifference(decoded.real, real)).toBeLessThan(2 ** -30);
  expect(largestDifference(decoded.imaginary, imaginary)).toBeLessThan(2 ** -30);
});

describe('nothing of the values stays in scratch memory', () => {
  const setUp = (): { engine: Engine; embedding: Embedding; r: Ring; scratch: () => Uint8Array } => {
    const engine = referenceEngine();
    const embedding = createEmbedding({ engine }, 64);
    const r = ringOf(engine, 64, 2);
    const start = engine.memory.scope(() => engine.memory.allocate(r.blockBytes));
    return { engine, embedding, r, scratch: () => engine.memory.u8(start, 20000) };
  };
  const options = { slots: 32, scale: 2 ** 30 };
  const { real } = numbers(32, 1, 1);

  test('of polynomials', () => {
    const { embedding, r, scratch } = setUp();
    decodeReal(embedding, encodeReal(embedding, r, real, options), options);
    expect(scratch().every((byte) => byte === 0)).toBe(true);
  });

  test('of blocks, but the block itself', () => {
    const { engine, embedding, r, scratch } = setUp();
    engine.memory.scope(() => {
      const block = engine.memory.allocate(r.blockBytes);
      encodeToBlock(embedding, r, { real }, options, block);
      expect(
        scratch()
          .subarray(0, r.blockBytes)
          .some((byte) => byte !== 0),
      ).toBe(true);
      expect(decodeRealFromBlock(embedding, r, block, options).length).toBe(32);
    });
    expect(
      scratch()
        .subarray(r.blockBytes)
        .every((byte) => byte === 0),
    ).toBe(true);
  });

  test('after a refusal', () => {
    const { embedding, r, scratch } = setUp();
    expect(() => encodeReal(embedding, r, [...real.subarray(1), Number.NaN], options)).toThrow('value 31');
    expect(scratch().every((byte) => byte === 0)).toBe(true);
  });
});
