import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { allocateBlock } from './blocks.ts';
import { divideBlock, division, rescale } from './division.ts';
import { centred, naiveRandom } from './naive-polynomial.contract.ts';
import { fromIntegers, toCoefficients, toEvaluations, toIntegers } from './operations.ts';
import { primesBelow } from './primes.ts';
import { modulusOf, ring } from './ring.ts';

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

const degree = 16;
const large = primesBelow(2 ** 30, 40, degree);
const small = primesBelow(2 ** 25, 40, degree);

describe.each(engines)('division by some of the primes on the %s engine', (_name, make) => {
  it('rounds to nearest over the whole range, but for near ties', async () => {
    const engine = await make();
    const next = seededWords(34);
    for (const [primes, kept] of [
      [large.slice(0, 2), 1],
      [[...large.slice(0, 3), ...small.slice(0, 2)], 3],
      [large.slice(0, 12), 4],
    ] as const) {
      const from = ring(engine, degree, primes);
      const q = modulusOf(from);
      const p = primes.slice(kept).reduce((product, prime) => product * BigInt(prime), 1n);
      const values = naiveRandom(degree, q / 2n, next);
      const quotient = toIntegers(toCoefficients(rescale(toEvaluations(fromIntegers(from, values)), kept)));
      quotient.forEach((x, i) => {
        const error = 2n * (x * p - values[i]);
        const slack = p / 2n ** 17n + 2n;
        // Modulo the primes that stay, a quotient of q/2 may have wrapped around.
        const wrapped = centred(error, 2n * q);
        expect(wrapped <= p + slack && wrapped >= -p - slack, `${values[i]} / ${p} became ${x}`).toBe(true);
      });
    }
  });

  it('undoes a multiplication by the dropped primes exactly', async () => {
    const engine = await make();
    const from = ring(engine, degree, large.slice(0, 4));
    const p = BigInt(large[2]) * BigInt(large[3]);
    const values = naiveRandom(degree, modulusOf(ring(engine, degree, large.slice(0, 2))) / 2n, seededWords(35));
    const multiplied = fromIntegers(
      from,
      values.map((x) => x * p),
    );
    expect(toIntegers(toCoefficients(rescale(toEvaluations(multiplied), 2)))).toEqual(values);
  });

  it('refuses to keep nothing or everything', async () => {
    const r = ring(await make(), degree, large.slice(0, 3));
    const x = toEvaluations(fromIntegers(r, new Array<bigint>(degree).fill(1n)));
    for (const kept of [0, 3, 4, -1, 1.5, Number.NaN]) {
      expect(() => rescale(x, kept)).toThrow(ParameterError);
      expect(() => rescale(x, kept)).toThrow(`cannot keep ${kept}`);
    }
  });

  it.each([1, 2, 5])('is the nearest integer, modulo every prime that stays, when %i are dropped', async (count) => {
    const engine = await make();
    const primes = primesBelow(2 ** 28, 7, 64);
    const from = ring(engine, 64, primes);
    const to = ring(engine, 64, primes.slice(0, 7 - count));
    const d = primes.slice(7 - count).reduce((product, prime) => product * BigInt(prime), 1n);
    const q = modulusOf(from);
    // Spread over the whole range, extremes, exact multiples of d and near ties among them. (Within d·2^-20 of a tie either
    // neighbour is right: kernels/residues.ts, basisOverflow.)
    const values = Array.from({ length: 64 }, (_, i) => (q * BigInt(2 * i - 63)) / 128n);
    values[1] = q / 2n - d / 3n;
    values[2] = -(q / 2n) + d / 3n;
    values[3] = d * 12345n;
    values[4] = d * 12345n + d / 2n - (d >> 20n);
    values[7] = d * 12345n + d / 2n + (d >> 20n);
    values[5] = 0n;
    values[6] = -1n;
    const quotient = rescale(toEvaluations(fromIntegers(from, values)), to.moduli.length);
    // (x − [x]_d)/d with [x]_d centred; d is odd, so there are no ties.
    const expected = values.map((x) => (x - centred(x, d)) / d);
    expect(toIntegers(toCoefficients(quotient))).toEqual(toIntegers(fromIntegers(to, expected)));
  });

  it('needs no more than what is behind the kept limbs', async () => {
    const engine = await make();
    const from = ring(engine, 64, primesBelow(2 ** 28, 4, 64));
    const to = ring(engine, 64, primesBelow(2 ** 28, 2, 64));
    const plan = division(from, to);
    engine.memory.scope(() => {
      const at = allocateBlock(from);
      const guard = engine.memory.allocate(16);
      engine.memory.u32(at, 4 * 64).fill(1);
      engine.memory.u32(guard, 4).fill(0xabcdef);
      divideBlock(plan, at);
      expect([...engine.memory.u32(guard, 4)]).toEqual([0xabcdef, 0xabcdef, 0xabcdef, 0xabcdef]);
    });
  });
});
