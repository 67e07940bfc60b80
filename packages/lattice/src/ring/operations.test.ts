import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import {
  add,
  automorphism,
  automorphismOfEvaluations,
  fromIntegers,
  multiply,
  multiplyByInteger,
  negate,
  subtract,
  toCoefficients,
  toEvaluations,
  toIntegers,
} from './index.ts';
import { centred, naiveProduct, naiveRandom, naiveSubstitution } from './naive-polynomial.contract.ts';
import { primeNearest, primesBelow } from './primes.ts';
import { modulusOf, type Ring, ring } from './ring.ts';

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

/** A ring of each kind: one prime, and three primes of unequal size, for an even and an odd number of layers. */
function rings(engine: Engine): Ring[] {
  return [16, 32, 64].flatMap((degree) => [
    ring(engine, degree, primesBelow(2 ** 30, 1, degree)),
    ring(engine, degree, [...primesBelow(2 ** 30, 2, degree), primeNearest(2 ** 25, degree)]),
  ]);
}

describe.each(engines)('polynomials on the %s engine', (_name, make) => {
  it('come back from residues as the integers they were, centred', async () => {
    const next = seededWords(21);
    for (const r of rings(await make())) {
      const q = modulusOf(r);
      const half = (q - 1n) / 2n;
      const values = [half, -half, 0n, 1n, -1n, ...naiveRandom(r.degree - 5, half, next)];
      expect(toIntegers(fromIntegers(r, values))).toEqual(values);
      expect(toIntegers(fromIntegers(r, [half + 1n, -half - 1n, 7n * q, ...values.slice(3)]))).toEqual([
        -half,
        half,
        0n,
        ...values.slice(3),
      ]);
      expect(toIntegers(toCoefficients(toEvaluations(fromIntegers(r, values))))).toEqual(values);
    }
  });

  it('add, subtract, negate and scale as integers modulo q do, in both forms', async () => {
    const next = seededWords(22);
    for (const r of rings(await make())) {
      const q = modulusOf(r);
      const [a, b] = [naiveRandom(r.degree, q / 2n, next), naiveRandom(r.degree, q / 2n, next)];
      const [x, y] = [fromIntegers(r, a), fromIntegers(r, b)];
      const [u, v] = [toEvaluations(x), toEvaluations(y)];
      const expectBoth = (
        inCoefficients: ReturnType<typeof fromIntegers>,
        inEvaluations: ReturnType<typeof toEvaluations>,
        naive: (i: number) => bigint,
      ): void => {
        const expected = a.map((_, i) => centred(naive(i), q));
        expect(toIntegers(inCoefficients)).toEqual(expected);
        expect(toIntegers(toCoefficients(inEvaluations))).toEqual(expected);
      };
      expectBoth(add(x, y), add(u, v), (i) => a[i] + b[i]);
      expectBoth(subtract(x, y), subtract(u, v), (i) => a[i] - b[i]);
      expectBoth(negate(x), negate(u), (i) => -a[i]);
      for (const factor of [0n, 1n, -1n, q - 1n, 3n * q + 5n, -123456789123456789n]) {
        expectBoth(multiplyByInteger(x, factor), multiplyByInteger(u, factor), (i) => a[i] * factor);
      }
    }
  });

  it('multiply as the schoolbook does, X^N being −1', async () => {
    const next = seededWords(23);
    for (const r of rings(await make())) {
      const q = modulusOf(r);
      const [a, b] = [naiveRandom(r.degree, q / 2n, next), naiveRandom(r.degree, q / 2n, next)];
      const product = multiply(toEvaluations(fromIntegers(r, a)), toEvaluations(fromIntegers(r, b)));
      expect(toIntegers(toCoefficients(product))).toEqual(naiveProduct(a, b).map((x) => centred(x, q)));
    }
  });

  it('are mapped by every automorphism as by substitution, in both forms', async () => {
    const next = seededWords(24);
    for (const r of rings(await make())) {
      const q = modulusOf(r);
      const a = naiveRandom(r.degree, q / 2n, next);
      const x = fromIntegers(r, a);
      const u = toEvaluations(x);
      for (let galois = 1; galois < 2 * r.degree; galois += 2) {
        const expected = naiveSubstitution(a, galois).map((c) => centred(c, q));
        expect(toIntegers(automorphism(x, galois))).toEqual(expected);
        expect(toIntegers(toCoefficients(automorphismOfEvaluations(u, galois)))).toEqual(expected);
      }
    }
  });

  it('refuse operands of different rings, even numbers for automorphisms, and wrong lengths', async () => {
    const engine = await make();
    const primes = primesBelow(2 ** 30, 3, 16);
    const [r, other] = [ring(engine, 16, primes.slice(0, 2)), ring(engine, 16, primes.slice(1))];
    const x = fromIntegers(r, new Array<bigint>(16).fill(1n));
    const y = fromIntegers(other, new Array<bigint>(16).fill(1n));
    expect(() => add(x, y)).toThrow('different rings');
    expect(() => subtract(x, y)).toThrow('different rings');
    expect(() => multiply(toEvaluations(x), toEvaluations(y))).toThrow('different rings');
    for (const galois of [0, 2, -1, 32, 33, 1.5, Number.NaN]) {
      expect(() => automorphism(x, galois)).toThrow(`Galois element ${galois}`);
      expect(() => automorphismOfEvaluations(toEvaluations(x), galois)).toThrow(`Galois element ${galois}`);
    }
    expect(() => fromIntegers(r, [1n])).toThrow('1 coefficients given');
  });

  it('are left as they were by every operation, and stay valid when memory grows', async () => {
    const engine = await make();
    const r = ring(engine, 16, primesBelow(2 ** 30, 2, 16));
    const x = fromIntegers(r, naiveRandom(16, modulusOf(r) / 2n, seededWords(25)));
    const before = x.residues.slice();
    toEvaluations(x);
    add(x, x);
    negate(x);
    automorphism(x, 3);
    engine.memory.scope(() => engine.memory.allocate(64 << 20));
    expect(x.residues).toEqual(before);
  });
});
