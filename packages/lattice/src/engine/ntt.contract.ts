// What every engine's transform must do (kernels/ntt.ts), against direct evaluation in big integers, and the primes and sizes
// it is tried at.

import { expect, it } from 'vitest';
import { exponentAt } from '../ring/evaluation-order.ts';
import { modulus } from '../ring/modulus.ts';
import { nttTables, primitiveRoot } from '../ring/ntt-tables.ts';
import { primeNearest, primesBelow, SMALLEST_PRIME } from '../ring/primes.ts';
import type { Engine } from './engine.ts';
import { FILLINGS, filled, seededWords } from './seeded-words.contract.ts';

/** The largest and the smallest usable prime of a degree, and one of 27.5 bits between them. */
export function primesToTry(degree: number): number[] {
  return [
    primesBelow(2 ** 30, 1, degree)[0],
    primeNearest(SMALLEST_PRIME, degree),
    primeNearest(Math.round(2 ** 27.5), degree),
  ];
}

export type Transform = (values: Uint32Array<ArrayBuffer>) => Uint32Array<ArrayBuffer>;

/** Both transforms of one engine for one prime, as functions on arrays. */
export function transforms(engine: Engine, degree: number, q: number): { forward: Transform; inverse: Transform } {
  const { memory, ntt } = engine;
  const t = nttTables(engine, degree, modulus(q, degree));
  const onMemory =
    (work: (address: number) => void): Transform =>
    (values) =>
      memory.scope(() => {
        const address = memory.allocate(4 * degree);
        memory.u32(address, degree).set(values);
        work(address);
        return memory.u32(address, degree).slice();
      });
  return {
    forward: onMemory((address) => ntt.forwardNtt(address, t.roots, t.quotients, degree, q)),
    inverse: onMemory((address) => {
      const { scale, scaledRoot } = t;
      const [roots, quotients] = [t.inverseRoots, t.inverseQuotients];
      ntt.inverseNtt(
        address,
        roots,
        quotients,
        degree,
        q,
        scale.value,
        scale.quotient,
        scaledRoot.value,
        scaledRoot.quotient,
      );
    }),
  };
}

/** The value at ψ^exponent by Horner's rule, in big integers. */
function evaluate(coefficients: Uint32Array, exponent: number, psi: bigint, q: bigint): bigint {
  let x = 1n;
  for (let i = 0; i < exponent; i++) x = (x * psi) % q;
  let sum = 0n;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = (sum * x + BigInt(coefficients[i])) % q;
  return sum;
}

export function nttContract(make: () => Engine | Promise<Engine>, degrees: readonly number[]): void {
  for (const degree of degrees) {
    it(`evaluates at the odd powers of ψ, in the order that is written down, at N = ${degree}`, async () => {
      const engine = await make();
      const next = seededWords(degree);
      for (const q of primesToTry(degree)) {
        const { forward } = transforms(engine, degree, q);
        const psi = BigInt(primitiveRoot(degree, q));
        // All positions of small rings, some of large ones.
        const step = Math.max(1, degree >> 6);
        for (const filling of ['random', 'extremes']) {
          // Lazy input: [0, 2q).
          const coefficients = filled(filling, degree, 2 * q, next);
          const evaluations = forward(coefficients);
          for (let position = next() % step; position < degree; position += step) {
            const expected = evaluate(coefficients, exponentAt(position, degree), psi, BigInt(q));
            expect(BigInt(evaluations[position])).toBe(expected);
          }
        }
      }
    });

    it(`undoes itself, and leaves every residue reduced, at N = ${degree}`, async () => {
      const engine = await make();
      const next = seededWords(degree + 1);
      for (const q of primesToTry(degree)) {
        const { forward, inverse } = transforms(engine, degree, q);
        for (const filling of FILLINGS) {
          for (const bound of [q, 2 * q]) {
            const values = filled(filling, degree, bound, next);
            const reduced = values.map((x) => x % q);
            expect(inverse(forward(values))).toEqual(reduced);
            expect(forward(inverse(values))).toEqual(reduced);
          }
        }
      }
    });
  }
}
