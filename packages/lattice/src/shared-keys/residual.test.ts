import { beforeAll, describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { fromIntegers, toEvaluations } from '../ring/operations.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { PRIME_BOUND, primesBelow } from '../ring/primes.ts';
import { modulusOf, type Ring, ring } from '../ring/ring.ts';
import { isSmall } from './residual.ts';

describe('the measure of smallness', () => {
  let over: Ring;
  beforeAll(async () => {
    over = ring(await wasmEngine(), 16, primesBelow(PRIME_BOUND, 5, 16));
  });

  const with16 = (value: bigint): EvaluationPolynomial =>
    toEvaluations(
      fromIntegers(
        over,
        Array.from({ length: 16 }, (_, i) => (i === 11 ? value : BigInt(i))),
      ),
    );

  it('holds up to the bound, and not beyond it, for every size and both signs', () => {
    for (const bits of [20, 28, 29, 31, 57, 60, 88, 100, 140]) {
      const bound = 1n << BigInt(bits);
      for (const sign of [1n, -1n]) {
        expect(isSmall(with16(sign * bound), 1n, bits), `2^${bits}`).toBe(true);
        const above = bound + (bound >> 30n) + 1n;
        expect(isSmall(with16(sign * above), 1n, bits), `above 2^${bits}`).toBe(false);
      }
    }
  });

  it('sees every multiple of any of the primes, and whatever else is large', () => {
    const primes = over.moduli.map(({ q }) => BigInt(q));
    const products = primes.flatMap((p) => [p, ...primes.filter((other) => other !== p).map((other) => p * other)]);
    for (const x of [...products, primes[0] * primes[1] * primes[2], modulusOf(over) / 2n, modulusOf(over) / 3n]) {
      expect(isSmall(with16(x), 1n, 20)).toBe(false);
      expect(isSmall(with16(-x), 1n, 20)).toBe(false);
      expect(isSmall(with16(x + 5n), 1n, 20)).toBe(false);
    }
    expect(isSmall(with16(0n), 1n, 20)).toBe(true);
  });

  it('takes a factor modulo q: small is what the factor makes small', () => {
    const q = modulusOf(over);
    // x = 1/3 modulo q.
    const third = (q * (q % 3n === 1n ? 2n : 1n) + 1n) / 3n;
    const only = toEvaluations(
      fromIntegers(
        over,
        Array.from({ length: 16 }, () => third),
      ),
    );
    expect(isSmall(only, 1n, 100)).toBe(false);
    expect(isSmall(only, 3n, 20)).toBe(true);
  });

  it('leaves its operand as it was', () => {
    const p = with16(1234567n);
    const before = p.residues.slice();
    isSmall(p, 7n, 30);
    expect(p.residues).toEqual(before);
  });
});
