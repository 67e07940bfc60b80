import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { modulus } from './modulus.ts';
import { isPrime, PRIME_BOUND, primeNearest, primesBelow, requireNttPrime, SMALLEST_PRIME } from './primes.ts';

function isPrimeByTrial(candidate: number): boolean {
  if (candidate < 2) return false;
  for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) return false;
  return true;
}

describe('primes', () => {
  it('are told from composites as trial division tells them', () => {
    for (let candidate = -3; candidate < 5000; candidate++) expect(isPrime(candidate)).toBe(isPrimeByTrial(candidate));
    for (let offset = -200; offset <= 200; offset++) {
      for (const base of [2 ** 24, 2 ** 27, 2 ** 30 - 300]) {
        expect(isPrime(base + offset)).toBe(isPrimeByTrial(base + offset));
      }
    }
  });

  it('are told from the strong pseudoprimes of fewer bases and from numbers that are none', () => {
    // Strong pseudoprimes to the bases 2; 2 and 3; 2, 3 and 5 (Pomerance, Selfridge, Wagstaff 1980).
    for (const pseudoprime of [2047, 3277, 1373653, 25326001]) expect(isPrime(pseudoprime)).toBe(false);
    // Carmichael numbers.
    for (const carmichael of [561, 1105, 1729, 512461, 172947529]) expect(isPrime(carmichael)).toBe(false);
    for (const none of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32 + 15]) expect(isPrime(none)).toBe(false);
  });

  it('below a bound are the largest ones, in falling order, without the excepted', () => {
    expect(primesBelow(2 ** 30, 3, 4096)).toEqual([1073692673, 1073668097, 1073651713]);
    expect(primesBelow(2 ** 30, 7, 8192)).toEqual([
      1073692673, 1073643521, 1073479681, 1073430529, 1073299457, 1073233921, 1073184769,
    ]);
    expect(primesBelow(2 ** 30, 2, 4096, new Set([1073668097]))).toEqual([1073692673, 1073651713]);
    expect(primesBelow(1073692673, 1, 4096)).toEqual([1073668097]);
    for (const degree of [16, 1024, 65536]) {
      const primes = primesBelow(2 ** 28, 5, degree);
      for (const q of primes) expect(q % (2 * degree)).toBe(1);
      // Nothing was passed over.
      let count = 0;
      for (let q = primes[4]; q < 2 ** 28; q += 2 * degree) if (isPrimeByTrial(q)) count += 1;
      expect(count).toBe(5);
    }
  });

  it('near a target are the nearest, the smaller one on a tie', () => {
    for (const degree of [16, 8192]) {
      for (const target of [2 ** 25, 2 ** 27.5, 2 ** 28, 2 ** 29 + 12345]) {
        const found = primeNearest(target, degree);
        const distance = Math.abs(found - target);
        for (let q = Math.ceil(target - distance) + 1; q < target + distance; q++) {
          if (q % (2 * degree) === 1) expect(isPrimeByTrial(q), `${q} is nearer to ${target}`).toBe(false);
        }
        expect(primeNearest(target, degree, new Set([found]))).not.toBe(found);
      }
    }
  });

  it('that do not exist are refused with the numbers', () => {
    expect(() => primesBelow(2 ** 25, 1000, 65536)).toThrow(/only \d+ of 1000 primes ≡ 1 mod 131072/);
    // All there are for the largest ring.
    const all = new Set(primesBelow(2 ** 30, 802, 65536));
    expect(() => primesBelow(2 ** 30, 803, 65536)).toThrow('only 802 of 803');
    expect(() => primesBelow(2 ** 30, 1, 65536, all)).toThrow('only 0 of 1');
    expect(() => primeNearest(2 ** 28, 65536, all)).toThrow('no usable prime ≡ 1 mod 131072 near 268435456');
  });

  it('are refused for a ring when too small, too large, of the wrong class or not prime', () => {
    const refused: readonly [number, number, string][] = [
      [2 ** 24 - 3, 16, 'outside'],
      [SMALLEST_PRIME, 16, 'outside'],
      [PRIME_BOUND, 16, 'outside'],
      [1073741827, 16, 'outside'],
      [1073692673.5, 16, 'outside'],
      [Number.NaN, 16, 'outside'],
      [-1073692673, 16, 'outside'],
      [1073741789, 16, 'is not 1 modulo 2N = 32'],
      [1073692673, 65536, 'is not 1 modulo 2N = 131072'],
      [1073741793, 16, 'is not prime'],
    ];
    for (const [q, degree, reason] of refused) {
      expect(() => requireNttPrime(q, degree)).toThrow(ParameterError);
      expect(() => modulus(q, degree)).toThrow(reason);
      expect(() => modulus(q, degree)).toThrow(String(q));
    }
  });

  it('give the constants that the kernels assume', () => {
    for (const q of [...primesBelow(2 ** 30, 3, 16), primeNearest(2 ** 24, 16), primeNearest(2 ** 28, 16)]) {
      const m = modulus(q, 16);
      const big = BigInt(q);
      expect(2 ** (m.bits - 1) < q && q < 2 ** m.bits).toBe(true);
      expect(BigInt(m.reciprocal)).toBe((1n << 32n) / big);
      expect(BigInt(m.wordResidue)).toBe((1n << 32n) % big);
      expect(BigInt(m.wordResidueQuotient)).toBe((BigInt(m.wordResidue) << 32n) / big);
      expect(BigInt(m.barrettMu)).toBe((1n << BigInt(m.bits + 30)) / big);
      expect(BigInt(m.overflowReciprocal)).toBe((1n << 56n) / big);
      for (const word of [m.barrettMu, m.overflowReciprocal, m.wordResidueQuotient]) expect(word).toBeLessThan(2 ** 32);
    }
  });
});
