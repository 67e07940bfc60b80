import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { basisConversion, convertBlock } from './basis-conversion.ts';
import { allocateBlock, loadBlock, readBlock } from './blocks.ts';
import { centred, naiveRandom } from './naive-polynomial.contract.ts';
import { fromIntegers, toIntegers } from './operations.ts';
import { coefficientPolynomial } from './polynomial.ts';
import { primeNearest, primesBelow } from './primes.ts';
import { modulusOf, ring } from './ring.ts';

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

const degree = 16;
const large = primesBelow(2 ** 30, 40, degree);
const small = primesBelow(2 ** 25, 40, degree);

/** Integers modulo q: random ones, the extremes, and what lies just on either side of a half of q. */
function interesting(q: bigint, next: () => number): bigint[] {
  const half = q / 2n;
  const tie = q / 2n ** 18n;
  return [0n, 1n, -1n, half, -half, half - tie, tie - half, ...naiveRandom(degree - 7, half, next)];
}

describe.each(engines)('basis conversion on the %s engine', (_name, make) => {
  it('carries the centred integer to other primes', async () => {
    const engine = await make();
    const next = seededWords(31);
    const sources = [
      [large[0]],
      large.slice(0, 2),
      [large[0], small[0], primeNearest(2 ** 27.5, degree)],
      large.slice(0, 30),
    ];
    const target = ring(engine, degree, [large[35], small[3], large[36], primeNearest(2 ** 28, degree)]);
    for (const primes of [...sources, small.slice(0, 38)]) {
      const source = ring(engine, degree, primes);
      const conversion = basisConversion(source, target);
      const q = modulusOf(source);
      for (let repeat = 0; repeat < 8; repeat++) {
        const values = interesting(q, next);
        const result = engine.memory.scope(() => {
          const block = loadBlock(fromIntegers(source, values));
          const out = allocateBlock(target);
          convertBlock(conversion, out, block);
          return toIntegers(coefficientPolynomial(target, readBlock(target, out)));
        });
        result.forEach((x, i) => {
          // Either the centred one or, within terms·2^−23 of half of Q, its other neighbour.
          const p = modulusOf(target);
          const exact = centred(values[i], q);
          const other = exact > 0n ? exact - q : exact + q;
          const slack = (q * BigInt(primes.length)) / 2n ** 23n + 2n;
          const nearHalf = q / 2n - (exact > 0n ? exact : -exact) <= slack;
          const allowed = nearHalf ? [centred(exact, p), centred(other, p)] : [centred(exact, p)];
          expect(allowed, `${primes.length} primes, ${values[i]}`).toContain(x);
        });
      }
    }
  });

  it('writes its limbs as far apart as it is told', async () => {
    const engine = await make();
    const source = ring(engine, degree, large.slice(0, 2));
    const target = ring(engine, degree, large.slice(2, 4));
    const conversion = basisConversion(source, target);
    expect(basisConversion(source, target)).toBe(conversion);
    const values = naiveRandom(degree, modulusOf(source) / 2n, seededWords(32));
    engine.memory.scope(() => {
      const out = engine.memory.allocate(5 * target.limbBytes);
      engine.memory.u32(out, 5 * degree).fill(99);
      convertBlock(conversion, out, loadBlock(fromIntegers(source, values)), 3 * target.limbBytes);
      const words = engine.memory.u32(out, 5 * degree);
      target.moduli.forEach(({ q }, limb) => {
        const expected = values.map((x) => Number(((x % BigInt(q)) + BigInt(q)) % BigInt(q)));
        expect([...words.slice(3 * limb * degree, (3 * limb + 1) * degree)]).toEqual(expected);
      });
      expect(words.slice(degree, 3 * degree).every((word) => word === 99)).toBe(true);
    });
  });

  it('may meet a target prime that is a source prime', async () => {
    const engine = await make();
    const source = ring(engine, degree, large.slice(0, 3));
    const target = ring(engine, degree, [large[1], large[9]]);
    const values = naiveRandom(degree, modulusOf(source) / 4n, seededWords(33));
    const conversion = basisConversion(source, target);
    const converted = engine.memory.scope(() => {
      const out = allocateBlock(target);
      convertBlock(conversion, out, loadBlock(fromIntegers(source, values)));
      return readBlock(target, out);
    });
    expect(converted).toEqual(fromIntegers(target, values).residues);
  });
});
