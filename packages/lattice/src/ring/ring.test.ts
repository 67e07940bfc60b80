import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { coefficientPermutation, evaluationPermutation, exponentAt, positionOf } from './evaluation-order.ts';
import { bitReverse, primitiveRoot } from './ntt-tables.ts';
import { primesBelow } from './primes.ts';
import { modulusBits, modulusOf, ring, subring } from './ring.ts';

describe('a ring', () => {
  it('is one object for one description, frozen, and another for another', async () => {
    const engine = await wasmEngine();
    const primes = primesBelow(2 ** 30, 3, 64);
    const r = ring(engine, 64, primes);
    expect(ring(engine, 64, [...primes])).toBe(r);
    expect(ring(engine, 64, [...primes].reverse())).not.toBe(r);
    expect(ring(engine, 32, primes)).not.toBe(r);
    expect(ring(referenceEngine(), 64, primes)).not.toBe(r);
    expect(Object.isFrozen(r)).toBe(true);
    expect(Object.isFrozen(r.moduli)).toBe(true);
    expect(subring(r, [0, 2])).toBe(ring(engine, 64, [primes[0], primes[2]]));
    expect(modulusOf(r)).toBe(primes.reduce((product, q) => product * BigInt(q), 1n));
    expect(modulusBits(r)).toBeCloseTo(90, 3);
  });

  it('is refused for a wrong degree, no primes, repeated primes, unusable primes and primes it lacks', async () => {
    const engine = await wasmEngine();
    const primes = primesBelow(2 ** 30, 2, 65536);
    for (const degree of [0, 1, 8, 15, 24, 131072, -16, 16.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => ring(engine, degree, primes)).toThrow(ParameterError);
      expect(() => ring(engine, degree, primes)).toThrow(String(degree));
    }
    expect(() => ring(engine, 16, [])).toThrow('at least one prime');
    expect(() => ring(engine, 16, [primes[0], primes[0]])).toThrow('primes repeat');
    expect(() => ring(engine, 16, [primes[0], 1073741793])).toThrow('1073741793 is not prime');
    const r = ring(engine, 16, primes);
    for (const index of [2, -1, 0.5, Number.NaN]) expect(() => subring(r, [index])).toThrow(`number ${index}`);
    expect(() => subring(r, [])).toThrow('at least one prime');
    expect(() => subring(r, [0, 0])).toThrow('primes repeat');
  });
});

describe('the order of evaluations', () => {
  it('holds every odd exponent once, and its inverse is its inverse', () => {
    for (const degree of [16, 32, 256]) {
      const exponents = Array.from({ length: degree }, (_, position) => exponentAt(position, degree));
      expect([...exponents].sort((a, b) => a - b)).toEqual(Array.from({ length: degree }, (_, i) => 2 * i + 1));
      exponents.forEach((exponent, position) => {
        expect(positionOf(exponent, degree)).toBe(position);
        expect(positionOf(exponent + 2 * degree, degree)).toBe(position);
      });
    }
  });

  it('makes automorphisms compose', () => {
    const [degree, g, h] = [64, 5, 77];
    for (const permutation of [evaluationPermutation]) {
      const [first, second, both] = [
        permutation(g, degree),
        permutation(h, degree),
        permutation((g * h) % (2 * degree), degree),
      ];
      expect(both).toEqual(second.map((position) => first[position]));
    }
    // In coefficient form the signs multiply.
    const [first, second, both] = [g, h, (g * h) % (2 * degree)].map((e) => coefficientPermutation(e, degree));
    expect(both).toEqual(second.map((entry) => first[entry >> 1] ^ (entry & 1)));
  });

  it('rests on a primitive 2N-th root of unity and on reversed bits', () => {
    for (const degree of [16, 1024, 65536]) {
      for (const q of primesBelow(2 ** 30, 2, degree)) {
        const psi = BigInt(primitiveRoot(degree, q));
        let power = psi;
        for (let i = 1; i < degree; i *= 2) power = (power * power) % BigInt(q);
        expect(power).toBe(BigInt(q) - 1n);
      }
    }
    for (let i = 0; i < 256; i++) {
      expect(bitReverse(i, 8)).toBe(Number.parseInt([...i.toString(2).padStart(8, '0')].reverse().join(''), 2));
    }
  });
});
