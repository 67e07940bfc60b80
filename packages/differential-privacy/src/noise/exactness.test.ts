// That leading bits decide only what they can: whatever the words, the fast samplers answer as an oracle that has all the bits.
import { describe, expect, it } from 'vitest';
import { BernoulliExponential } from './bernoulli-exponential.ts';
import { dyadic, exponentialOfNegative } from './exact-exponential.ts';
import { InverseTable } from './inverse-table.ts';
import { gaussianLaw, halfGaussianLaw, type Law, laplaceLaw, poissonLaw } from './laws.ts';
import { RandomWords } from './random-source.ts';
import { scriptedSource, seededSource } from './seeded-source.contract.ts';

/** ⌊2^bits · e^−x⌋ to within a unit, from the partial sum of e^x as one exact fraction. */
function naiveExponential(numerator: bigint, denominator: bigint, bits: number): bigint {
  let up = 1n;
  let down = 1n;
  let term = 1n;
  for (let k = 1n; k < 300n; k++) {
    term *= numerator;
    up = up * denominator * k + term;
    down *= denominator * k;
  }
  return (down << BigInt(bits)) / up;
}

describe('the rigorous exponential', () => {
  it.each([
    [1n, 3n],
    [1n, 1n],
    [7n, 2n],
    [25n, 1n],
    [1n, 1n << 40n],
  ])('contains e^-(%d/%d) at every precision', (numerator, denominator) => {
    for (const bits of [32, 96, 160, 500]) {
      const { low, high } = exponentialOfNegative(numerator, denominator, bits);
      const naive = naiveExponential(numerator, denominator, bits);
      expect(high - low <= 2n).toBe(true);
      expect(low <= naive && naive <= high).toBe(true);
    }
  });

  it('is one at zero and below a unit far out', () => {
    expect(exponentialOfNegative(0n, 1n, 64)).toEqual({ low: (1n << 64n) - 1n, high: 1n << 64n });
    expect(exponentialOfNegative(1000n, 1n, 64)).toEqual({ low: 0n, high: 1n });
  });

  it('reads a double as the rational it is', () => {
    expect(dyadic(0.75)).toEqual({ numerator: 3n, shift: 2 });
    expect(dyadic(0.1)).toEqual({ numerator: 0xccccccccccccdn, shift: 55 });
    expect(() => dyadic(Number.POSITIVE_INFINITY)).toThrow('Infinity');
  });
});

/** min{x : F(x) > U} for U = prefix / 2^256 with the law at 256 + 64 bits. */
function oracle(law: Law, prefix: bigint): number {
  const { first, values } = law(320);
  let index = 0;
  while (values[index]! >> 64n <= prefix) index += 1;
  return first + index;
}

const laws: { name: string; law: Law }[] = [
  { name: 'a narrow Gaussian', law: gaussianLaw(0.4) },
  { name: 'a Gaussian', law: gaussianLaw(17.25) },
  { name: 'half a Gaussian', law: halfGaussianLaw(9) },
  { name: 'a Laplace', law: laplaceLaw(6.5) },
  { name: 'a Poisson', law: poissonLaw(40.5) },
];

describe.each(laws)('inverting $name', ({ law }) => {
  const table = new InverseTable(law);

  it('answers as the oracle at every boundary of the table, one below and one above', () => {
    const { values } = law(96);
    const boundaries = new Set(values.flatMap((value) => [-1n, 0n, 1n].map((by) => Number((value >> 64n) + by))));
    let ties = 0;
    for (const leading of [...boundaries, 0, 2 ** 32 - 1].filter((word) => word >= 0 && word < 2 ** 32)) {
      const tail = [0x12345678, 0x9abcdef0, 0xffffffff, 0, 0x80000000, 1, 0x55555555];
      const random = new RandomWords(scriptedSource([leading, ...tail], seededSource(1)));
      const out = new Int32Array(1);
      table.sampleInto(random, out);
      if (random.position > 1) ties += 1;
      const prefix = [leading, ...tail].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);
      expect(out[0]).toBe(oracle(law, prefix));
    }
    expect(ties).toBeGreaterThan(2);
  });

  it('splits a tie where the law does: a word equal to a boundary goes either way, by the bits that follow', () => {
    const { first, values } = law(96);
    const middle = values.findIndex((value) => value >> 95n === 1n);
    const leading = Number(values[middle]! >> 64n);
    const sample = (next: bigint): number =>
      table.resolve(
        leading,
        new RandomWords(scriptedSource([Number(next >> 32n), Number(next & 0xffffffffn)], seededSource(2))),
      );
    const rest = values[middle]! & ((1n << 64n) - 1n);
    expect(sample(rest - 1000n)).toBe(first + middle);
    expect(sample(rest + 1000n)).toBe(first + middle + 1);
  });
});

describe('inverting many draws', () => {
  it('gives the same draws whatever the lengths asked for', () => {
    const table = new InverseTable(gaussianLaw(30));
    const whole = new Int32Array(10_000);
    table.sampleInto(new RandomWords(seededSource(5)), whole);
    const parts = new Int32Array(10_000);
    const random = new RandomWords(seededSource(5));
    for (let at = 0, length = 1; at < parts.length; at += length, length = (length * 3) % 4097) {
      table.sampleInto(random, parts, at, Math.min(parts.length, at + length));
    }
    expect(parts).toEqual(whole);
  });

  it('clears the words it has used', () => {
    const table = new InverseTable(gaussianLaw(30));
    const random = new RandomWords(seededSource(6));
    table.sampleInto(random, new Int32Array(500));
    expect(random.words.subarray(0, 500).every((word) => word === 0)).toBe(true);
    expect(random.words.subarray(500, 600).some((word) => word !== 0)).toBe(true);
  });
});

describe('accepting with e^(-t/d)', () => {
  const d = 977.125;
  const acceptance = new BernoulliExponential(dyadic(d), d);

  it('answers as the exact comparison for words around the boundary', () => {
    for (const t of [0, 1, 3, 50, 333, 488]) {
      const { low } = exponentialOfNegative(BigInt(t) * 1000n, 977125n, 160);
      const boundary = Number(low >> 128n);
      for (const by of [-60, -3, -2, -1, 0, 1, 2, 3, 60]) {
        const word = Math.max(0, Math.min(2 ** 32 - 1, boundary + by));
        const rest = [0xdeadbeef, 0x01020304, 7, 8];
        const prefix = [word, ...rest].reduce((sum, one) => (sum << 32n) | BigInt(one), 0n);
        expect(acceptance.accepts(t, new RandomWords(scriptedSource([word, ...rest], seededSource(3))))).toBe(
          prefix < low,
        );
      }
    }
  });

  it('decides by the exact comparison alone in the same way', () => {
    for (let i = 0; i < 200; i++) {
      const one = new RandomWords(seededSource(100 + i));
      const other = new RandomWords(seededSource(100 + i));
      const t = i * 2;
      expect(acceptance.accepts(t, one)).toBe(acceptance.resolve(t, other.next(), other));
    }
  });
});
