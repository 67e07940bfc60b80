// What every engine's integer kernels must do (kernels/integers.ts), one coefficient at a time in big integers.

import { expect, it } from 'vitest';
import { modulus } from '../ring/modulus.ts';
import { primesBelow } from '../ring/primes.ts';
import type { Engine } from './engine.ts';
import { FILLINGS, filled, seededWords } from './seeded-words.contract.ts';

const DEGREE = 64;

/** Copies planes of words into scratch, one after another. */
function place(engine: Engine, planes: readonly Uint32Array[]): number {
  const first = planes.map((plane) => {
    const at = engine.memory.allocate(4 * plane.length);
    engine.memory.u32(at, plane.length).set(plane);
    return at;
  });
  return first[0];
}

/** Calls of packLanes: word ranges, biases, and lane counts on both sides of a group. */
const PACKINGS = [
  { name: 'unsigned 16-bit words', bound: 2 ** 16, bias: 0, lanes: 5, group: 2 ** 17 },
  { name: 'any unsigned word, three at a time', bound: 2 ** 32, bias: 0, lanes: 7, group: 3 },
  { name: 'any signed word, three at a time', bound: 2 ** 32, bias: 2 ** 31, lanes: 4, group: 3 },
  { name: 'one lane', bound: 2 ** 32, bias: 2 ** 31, lanes: 1, group: 3 },
];

/** Shapes of unpackLanes: one digit a lane, two digits, the widest of either, a single bit. */
const UNPACKINGS = [
  { lanes: 3, laneBits: 20 },
  { lanes: 1, laneBits: 28 },
  { lanes: 2, laneBits: 29 },
  { lanes: 2, laneBits: 53 },
  { lanes: 9, laneBits: 20 },
  { lanes: 40, laneBits: 1 },
];

export function integersContract(make: () => Engine | Promise<Engine>, n: number): void {
  it.each(PACKINGS)('packs $name into residues', async ({ bound, bias, lanes, group }) => {
    const engine = await make();
    const next = seededWords(n);
    for (const q of [...primesBelow(2 ** 30, 1, DEGREE), ...primesBelow(2 ** 25, 1, DEGREE)]) {
      for (const filling of FILLINGS) {
        const words = Array.from({ length: lanes }, () => filled(filling, n, bound, next));
        const weights = filled(filling, lanes, q, next);
        const m = modulus(q, DEGREE);
        const constant = filled(filling, 1, q, next)[0];
        const packed = engine.memory.scope(() => {
          const at = place(engine, words);
          const weightsAt = place(engine, [weights]);
          const out = engine.memory.allocate(4 * n);
          engine.integers.packLanes(
            out,
            at,
            4 * n,
            lanes,
            weightsAt,
            bias,
            constant,
            group,
            n,
            q,
            m.wordResidue,
            m.wordResidueQuotient,
            m.reciprocal,
          );
          return engine.memory.u32(out, n).slice();
        });
        const naive = Array.from({ length: n }, (_, i) => {
          let sum = BigInt(constant);
          for (let l = 0; l < lanes; l++) {
            sum += (bias === 0 ? BigInt(words[l][i]) : BigInt(words[l][i] | 0) + BigInt(bias)) * BigInt(weights[l]);
          }
          return Number(sum % BigInt(q));
        });
        expect(Array.from(packed)).toEqual(naive);
      }
    }
  });

  it.each(UNPACKINGS)('unpacks $lanes lanes of $laneBits bits, signed and unsigned', async ({ lanes, laneBits }) => {
    const engine = await make();
    const next = seededWords(lanes * laneBits);
    const primes = primesBelow(2 ** 30, 4, DEGREE);
    const q = primes.reduce((product, prime) => product * BigInt(prime), 1n);
    const all = BigInt(lanes * laneBits);
    const lowBits = laneBits > 28 ? Math.floor(laneBits / 2) : 0;
    const widths = lowBits === 0 ? [laneBits] : [lowBits, laneBits - lowBits];
    const numbers = [...primes.map((prime) => q / BigInt(prime)), -q];
    const digits: number[] = [];
    let position = 0n;
    for (let lane = 0; lane < lanes; lane++) {
      for (const width of widths) {
        for (const x of numbers) digits.push(Number(BigInt.asUintN(width, x >> position)));
        position += BigInt(width);
      }
    }
    for (const isSigned of [0, 1]) {
      for (const filling of FILLINGS) {
        const y = primes.map((prime) => filled(filling, n, prime, next));
        const counts = filled(filling, n, primes.length + 1, next);
        const values = engine.memory.scope(() => {
          const at = place(engine, y);
          const countsAt = place(engine, [counts]);
          const weights = place(engine, [Uint32Array.from(digits)]);
          const out = engine.memory.allocate(8 * n * lanes);
          engine.integers.unpackLanes(
            out,
            at,
            4 * n,
            primes.length,
            countsAt,
            weights,
            lanes,
            lowBits,
            laneBits - lowBits,
            isSigned,
            n,
          );
          return engine.memory.f64(out, n * lanes).slice();
        });
        for (let i = 0; i < n; i++) {
          let x = numbers
            .slice(0, -1)
            .reduce((sum, weight, t) => sum + weight * BigInt(y[t][i]), -q * BigInt(counts[i]));
          x = BigInt.asUintN(Number(all), x);
          for (let lane = 0; lane < lanes; lane++) {
            const value = isSigned === 1 ? BigInt.asIntN(laneBits, x) : BigInt.asUintN(laneBits, x);
            expect(values[lane * n + i]).toBe(Number(value));
            x = (x - value) >> BigInt(laneBits);
          }
        }
      }
    }
  });

  it('measures the largest distance from a multiple of Q to within 1.25 units a prime', async () => {
    const engine = await make();
    const next = seededWords(3);
    for (const count of [1, 2, 7]) {
      const primes = primesBelow(2 ** 28, count, DEGREE);
      const q = primes.reduce((product, prime) => product * BigInt(prime), 1n);
      for (const filling of FILLINGS) {
        const y = primes.map((prime) => filled(filling, n, prime, next));
        const measured = engine.memory.scope(() => {
          const at = place(engine, y);
          const reciprocals = place(engine, [Uint32Array.from(primes, (prime) => Math.floor(2 ** 56 / prime))]);
          return engine.integers.largestResidual(at, 4 * n, count, reciprocals, n);
        });
        let largest = 0;
        for (let i = 0; i < n; i++) {
          const x = primes.reduce((sum, prime, t) => sum + BigInt(y[t][i]) * (q / BigInt(prime)), 0n) % q;
          const distance = 2n * x > q ? q - x : x;
          largest = Math.max(largest, Number((distance << 40n) / q) / 2 ** 16);
        }
        expect(Math.abs(measured - largest)).toBeLessThanOrEqual(1.25 * count);
      }
    }
  });

  it('checks words against a range as signed and as unsigned numbers', async () => {
    const engine = await make();
    const within = (words: readonly number[], lowest: number, highest: number): boolean =>
      engine.memory.scope(() => {
        const padded = Uint32Array.from({ length: n }, (_, i) => words[i] ?? words[0]);
        return engine.integers.wordsWithin(place(engine, [padded]), n, lowest, highest - lowest) === 1;
      });
    expect(within([0, 1, 7], 0, 7)).toBe(true);
    expect(within([0, 1, 8], 0, 7)).toBe(false);
    expect(within([-7, 0, 7], -7, 7)).toBe(true);
    expect(within([-8, 0, 7], -7, 7)).toBe(false);
    expect(within([-1], 0, 2 ** 31 - 1)).toBe(false);
    expect(within([2 ** 32 - 1, 0], 0, 2 ** 32 - 1)).toBe(true);
    expect(within([-(2 ** 31), 2 ** 31 - 1], -(2 ** 31), 2 ** 31 - 1)).toBe(true);
    // One offender anywhere is enough.
    for (let i = 0; i < n; i++) {
      expect(
        within(
          Array.from({ length: n }, (_, j) => (i === j ? 9 : 3)),
          -8,
          8,
        ),
      ).toBe(false);
    }
  });

  it('turns doubles into words when all are integers in range, and says when one is not', async () => {
    const engine = await make();
    const convert = (doubles: readonly number[], lowest: number, highest: number): number[] | undefined =>
      engine.memory.scope(() => {
        const at = engine.memory.allocate(8 * n);
        engine.memory.f64(at, n).set(Array.from({ length: n }, (_, i) => doubles[i] ?? 0));
        const out = engine.memory.allocate(4 * n);
        const good = engine.integers.wordsFromDoubles(out, at, n, lowest, highest) === 1;
        return good ? Array.from(engine.memory.i32(out, doubles.length)) : undefined;
      });
    expect(convert([0, -0, 5, -5], -5, 5)).toEqual([0, 0, 5, -5]);
    expect(convert([2 ** 32 - 1], 0, 2 ** 32 - 1)).toEqual([-1]);
    expect(convert([-(2 ** 31), 2 ** 31 - 1], -(2 ** 31), 2 ** 31)).toEqual([-(2 ** 31), 2 ** 31 - 1]);
    for (const wrong of [0.5, -0.5, 1e-300, 5 - 2 ** -40, 6, -6, NaN, Infinity, -Infinity, 2 ** 53, 1e300]) {
      expect(convert([wrong], -5, 5)).toBeUndefined();
      expect(convert([1, 2, 3, wrong], -5, 5)).toBeUndefined();
    }
  });
}
