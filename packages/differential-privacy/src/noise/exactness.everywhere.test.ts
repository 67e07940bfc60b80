// That leading bits decide only what they can: whatever the words, the fast samplers answer as an oracle that has all
// the bits.
import { describe, expect, it } from 'vitest';
import { BernoulliExponential } from './bernoulli-exponential.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { discreteLaplace } from './discrete-laplace.ts';
import { dyadic, exponentialOfNegative } from './exact-exponential.ts';
import { InverseTable } from './inverse-table.ts';
import { gaussianLaw, halfGaussianLaw, type Law, laplaceLaw, poissonLaw } from './laws.ts';
import { RandomWords } from './random-source.ts';
import { RoundedGaussian, roundedGaussian } from './rounded-gaussian.ts';
import { scriptedSource, seededSource } from './seeded-source.contract.ts';
import { skellam } from './skellam.ts';

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

describe('a tie that lasts', () => {
  it('for 96 bits is decided by the bits beyond them, on both sides of a boundary', () => {
    const law = gaussianLaw(17.25);
    const table = new InverseTable(law);
    const near = law(96);
    const far = law(160);
    for (const x of [-30, -1, 0, 5, 44]) {
      const close = near.values[x - near.first]!;
      const boundary = far.values[x - far.first]!;
      // Within the slack of 96 bits nothing is certain; what follows puts U a little below or above F(x).
      for (const by of [-1000n, 1000n]) {
        const uniform = boundary + by;
        expect((uniform >> 64n) - close <= 4n && close - (uniform >> 64n) <= 4n).toBe(true);
        const words = [128n, 96n, 64n, 32n, 0n].map((shift) => Number((uniform >> shift) & 0xffffffffn));
        const random = new RandomWords(scriptedSource(words.slice(1), seededSource(3)));
        expect(table.resolve(words[0]!, random)).toBe(by < 0n ? x : x + 1);
        expect(random.position).toBe(4);
      }
    }
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

describe('a random source that is stuck', () => {
  // Zeros put every record into a batch; ones are rejected for ever.
  it.each([0, 0x5a, 0xff])('at %d gives no noise and no batch, and does not hang', (byte) => {
    const stuck = { fill: (out: Uint8Array) => void out.fill(byte) };
    const out = new Int32Array(4);
    for (const sampler of [discreteGaussian(3, stuck), discreteGaussian(5000, stuck), discreteLaplace(5000, stuck)]) {
      expect(() => sampler.sampleInto(out)).toThrow('broken');
    }
    expect(() => roundedGaussian(5, stuck).sampleInto(out)).toThrow('broken');
    expect(() => new RandomWords(stuck).next()).toThrow('broken');
    expect(() => new RandomWords({ fill: () => undefined }).below(7)).toThrow('broken');
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

describe('accepting a real v with e^(-v(v + 2y)/2σ₀²)', () => {
  it('decides as the exact comparison for words around the boundary, bits of v that come later included', () => {
    // σ₀ = σ = 100.
    const sampler = new RoundedGaussian(100, new RandomWords(seededSource(1)));
    const later = [0x9e3779b9, 0x7f4a7c15];
    let late = 0;
    for (const y of [0, 3, 170, 900]) {
      for (const v of [1, 12_345_678, 2 ** 30, 2 ** 31 - 1]) {
        const exact = (BigInt(v) << 64n) | (BigInt(later[0]!) << 32n) | BigInt(later[1]!);
        // γ = v(v + 2y)/20000 with v in units of 2^-95.
        const { low } = exponentialOfNegative(exact * (exact + (BigInt(2 * y) << 95n)), 20_000n << 190n, 96);
        for (const by of [-(2n << 64n), -(1n << 64n), -(1n << 34n), 1n << 34n, 1n << 64n, 2n << 64n]) {
          const uniform = low + by;
          if (uniform < 0n || uniform >= 1n << 96n) continue;
          const words = [Number(uniform >> 64n), Number((uniform >> 32n) & 0xffffffffn), Number(uniform & 0xffffffffn)];
          const random = new RandomWords(scriptedSource([...words, ...later], seededSource(2)));
          expect(sampler.accepts(y, v, random)).toBe(by < 0n);
          if (random.position > 1) late += 1;
        }
      }
    }
    expect(late).toBeGreaterThan(20);
  });
});

describe('seeded draws', () => {
  // The same everywhere: bytes to integers by integer arithmetic and correctly rounded products alone.
  it.each([
    {
      law: 'discrete Gaussian, σ = 3',
      sampler: discreteGaussian(3, seededSource(11)),
      first: [1, -1, -3, -4, 2, -2, -4, -7],
      digest: -1603242325,
    },
    {
      law: 'discrete Gaussian, σ = 5000',
      sampler: discreteGaussian(5000, seededSource(11)),
      first: [-4674, -2343, -893, 683, -6388, -1756, 461, -122],
      digest: -1824981718,
    },
    {
      law: 'discrete Laplace, b = 3',
      sampler: discreteLaplace(3, seededSource(11)),
      first: [1, -1, -4, -5, 3, -2, -6, -11],
      digest: 524499085,
    },
    {
      law: 'discrete Laplace, b = 5000',
      sampler: discreteLaplace(5000, seededSource(11)),
      first: [-5250, -2215, -765, 619, -7988, -1564, 397, -58],
      digest: -1411444472,
    },
    {
      law: 'Skellam, variance 9',
      sampler: skellam(9, seededSource(11)),
      first: [0, -8, -1, 0, 2, 1, -5, -6],
      digest: -213068477,
    },
    {
      law: 'rounded Gaussian, σ = 3',
      sampler: roundedGaussian(3, seededSource(11)),
      first: [3, -1, -1, 0, 4, 1, 0, 0],
      digest: -1665581831,
    },
    {
      law: 'rounded Gaussian, σ = 5000',
      sampler: roundedGaussian(5000, seededSource(11)),
      first: [4724, -2360, -894, -670, 6369, 1782, -465, 114],
      digest: 1225989230,
    },
  ])('of the $law are these, on every platform', ({ sampler, first, digest }) => {
    const out = new Int32Array(20_000);
    sampler.sampleInto(out);
    expect([...out.subarray(0, 8)]).toEqual(first);
    expect(out.reduce((sum, x) => (Math.imul(sum, 31) + x) | 0, 0)).toBe(digest);
  });
});
