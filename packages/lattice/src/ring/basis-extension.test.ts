import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import * as door from './index.ts';

const N = 64;
const wasm = await wasmEngine();
const primes = door.primesBelow(2 ** 30, 5, N);

describe.each([wasm, referenceEngine()])('the door to the ring, on engine $name', (engine) => {
  const small = door.ring(engine, N, primes.slice(0, 2));
  const next = seededWords(3);
  const coefficients = (bound: bigint): bigint[] =>
    Array.from({ length: N }, () => ((BigInt(next()) * 2n ** 32n + BigInt(next())) % (2n * bound)) - bound);

  it('extends a basis: the same integers modulo more primes, fewer, and others', () => {
    const q = door.modulusOf(small);
    for (const target of [primes, primes.slice(2), primes.slice(1, 2)]) {
      const to = door.ring(engine, N, target);
      const values = coefficients((q * 49n) / 100n);
      const expected = door.fromIntegers(to, values);
      expect(door.extendBasis(door.fromIntegers(small, values), to).residues).toEqual(expected.residues);
    }
  });

  it('multiplies and accumulates as products and sums do', () => {
    const [a, b, c, d] = Array.from({ length: 4 }, () =>
      door.toEvaluations(door.fromIntegers(small, coefficients(2n ** 40n))),
    );
    const expected = door.add(door.multiply(a, b), door.multiply(c, d));
    expect(door.innerProduct([a, c], [b, d]).residues).toEqual(expected.residues);
    expect(door.multiplyAdd(door.multiply(a, b), c, d).residues).toEqual(expected.residues);
  });

  it('rescales: divided by the last primes and rounded', () => {
    const whole = door.ring(engine, N, primes);
    const values = coefficients(2n ** 62n);
    const [, , , p, q] = primes.map(BigInt);
    const quotient = door.toIntegers(
      door.toCoefficients(door.rescale(door.toEvaluations(door.fromIntegers(whole, values)), 3)),
    );
    quotient.forEach((x, i) => {
      const error = 2n * (values[i] - x * p * q);
      expect((error < 0n ? -error : error) <= p * q).toBe(true);
    });
  });

  it('refuses other rings, other degrees and uneven lists', () => {
    const [a, b] = [1, 2].map(() => door.toEvaluations(door.fromIntegers(small, coefficients(10n))));
    const other = door.ring(engine, N, primes.slice(0, 3));
    const foreign = door.toEvaluations(door.fromIntegers(other, coefficients(10n)));
    expect(() => door.multiplyAdd(a, b, foreign)).toThrow(door.ParameterError);
    expect(() => door.innerProduct([a], [a, b])).toThrow(/1 and 2/);
    expect(() => door.innerProduct([], [])).toThrow(/0 and 0/);
    const wide = door.ring(engine, 2 * N, door.primesBelow(2 ** 30, 2, 2 * N));
    expect(() => door.extendBasis(door.toCoefficients(a), wide)).toThrow(/degree/);
  });
});
