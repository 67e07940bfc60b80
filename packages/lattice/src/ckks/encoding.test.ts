import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { add, automorphism, fromIntegers, toIntegers } from '../ring/operations.ts';
import { primesBelow } from '../ring/primes.ts';
import { type Ring, ring } from '../ring/ring.ts';
import { decodeComplex, decodeReal, encodeComplex, encodeReal, roundTripBound } from './encoding.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { cosineTurns, type Numbers, numbers, sineTurns } from './encoding-naive.contract.ts';

let wasm: Engine;
beforeAll(async () => {
  wasm = await wasmEngine();
});

function ringOf(engine: Engine, degree: number, limbCount: number): Ring {
  return ring(engine, degree, primesBelow(2 ** 30, limbCount, degree));
}

/** Powers of five modulo 2N. */
function orbit(degree: number, count: number): number[] {
  const exponents = [1];
  while (exponents.length < count) exponents.push((exponents[exponents.length - 1] * 5) % (2 * degree));
  return exponents;
}

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

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
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

describe('rotation and conjugation', () => {
  test.each([
    { slots: 64, by: 1 },
    { slots: 64, by: 13 },
    { slots: 64, by: 63 },
    { slots: 16, by: 3 },
    { slots: 4, by: 1 },
  ])('X → X^(5^$by) turns $slots slots left by $by', ({ slots, by }) => {
    const degree = 128;
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

test('nothing of the values stays in scratch memory', () => {
  const engine = referenceEngine();
  const embedding = createEmbedding({ engine }, 64);
  const r = ringOf(engine, 64, 2);
  const before = engine.memory.scope(() => engine.memory.allocate(16));
  const options = { slots: 32, scale: 2 ** 30 };
  decodeReal(embedding, encodeReal(embedding, r, numbers(32, 1, 1).real, options), options);
  expect(engine.memory.u8(before, 20000).every((byte) => byte === 0)).toBe(true);
});
