import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { isPrime } from '../ring/primes.ts';
import { fewestByteIntegerParameters, vectorBytes } from './integer-choice.ts';
import { failureLog2, freshNoiseStddev, LARGEST_FRACTION } from './integer-noise.ts';
import {
  type IntegerLiteral,
  type IntegerParameters,
  insecureIntegerParameters,
  integerParameters,
  noiseFraction,
} from './integer-parameters.ts';
import { fewestBitPrimes } from './integer-primes.ts';

const literal: IntegerLiteral = {
  degree: 4096,
  plaintext: { kind: 'lanes', valueBits: 16, signed: true, lanes: 3 },
  additions: 10,
  key: 'public',
};

const productOf = (primes: readonly number[]): bigint => primes.reduce((p, q) => p * BigInt(q), 1n);

/** T·(additions·(⌈14.7·σ⌉ + 1) + flooding) / q with big integers, the noise formula written out again. */
function fractionNaively(p: IntegerParameters, additions: number, flooding = 0): number {
  const variance = p.key === 'public' ? 10.5 * (1 + (4 / 3) * p.degree * p.keyParties) : 10.5;
  const noise = BigInt(additions) * BigInt(Math.ceil(14.7 * Math.sqrt(variance)) + 1) + BigInt(flooding);
  return Number((p.plaintextModulus * noise * 2n ** 60n) / productOf(p.primes)) / 2 ** 60;
}

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((x, i) => {
    for (let j = 0; j < b.length; j++) out[i + j] += x * b[j];
  });
  return out;
}

function power(law: readonly number[], times: number): number[] {
  return Array.from({ length: times - 1 }).reduce<number[]>((sum) => convolve(sum, law), [...law]);
}

describe('parameters for exact sums', () => {
  it('give the lanes, the counts and the primes that follow from the literal, frozen', () => {
    const p = integerParameters(literal);
    expect(p).toMatchObject({ lanes: 3, laneBits: 20, valuesPerCiphertext: 12288, lowest: -32767, highest: 32767 });
    expect(p.plaintextModulus).toBe(2n ** 60n);
    expect(p.primes.every((q) => isPrime(q) && q % 8192 === 1)).toBe(true);
    expect(p.failureLog2).toBeLessThan(-128);
    expect(Object.isFrozen(p)).toBe(true);
    expect(String(p)).toContain('128-bit security');
  });

  it('take the narrowest lane that holds every allowed sum', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 2 ** 20 }),
        (valueBits, signed, additions) => {
          const p = insecureIntegerParameters({
            degree: 64,
            plaintext: { kind: 'lanes', valueBits, signed, lanes: 1 },
            additions,
            key: 'symmetric',
          });
          const most = BigInt(additions) * BigInt(p.highest);
          const room = (bits: number): bigint => (signed ? 2n ** BigInt(bits - 1) - 1n : 2n ** BigInt(bits) - 1n);
          expect(most <= room(p.laneBits)).toBe(true);
          expect(most <= room(p.laneBits - 1)).toBe(false);
          expect(p.highest).toBe(2 ** (signed ? valueBits - 1 : valueBits) - 1);
          expect(p.lowest).toBe(signed ? -p.highest : 0);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('bound the noise by the formula, and leave it no more than 7/16 of the modulus', () => {
    for (const key of ['public', 'symmetric'] as const) {
      for (const keyParties of [1, 20]) {
        const p = integerParameters({ ...literal, degree: 8192, key, keyParties });
        for (const additions of [1, 7, 10]) {
          expect(noiseFraction(p, additions) / fractionNaively(p, additions)).toBeCloseTo(1, 9);
        }
        expect(noiseFraction(p, 10)).toBeLessThanOrEqual(LARGEST_FRACTION);
      }
    }
    const flooded = insecureIntegerParameters({ ...literal, flooding: { stddev: 1e6, shares: 4 } });
    expect(noiseFraction(flooded, 3) / fractionNaively(flooded, 3, Math.ceil(14.7 * 2 * 1e6))).toBeCloseTo(1, 9);
  });

  it('fit as many lanes as the primes hold, and not one more', () => {
    const primes = [1073692673, 1073668097, 1073651713];
    const p = integerParameters({ ...literal, plaintext: { kind: 'lanes', valueBits: 16, signed: true }, primes });
    expect(p.lanes).toBe(3);
    const oneMore = { kind: 'lanes', valueBits: 16, signed: true, lanes: 4 } as const;
    expect(() => integerParameters({ ...literal, plaintext: oneMore, primes })).toThrow(
      /80\.00 bits and noise up to .* need a modulus of 96\.\d\d bits; the primes have 90\.00/,
    );
  });

  it('refuse additions whose noise passes the modulus exactly where the bound says', () => {
    const primes = [1073692673, 1073668097];
    const modular = { kind: 'modular', modulus: 999_999_937, signed: false } as const;
    const fits = (additions: number): boolean => {
      try {
        integerParameters({ ...literal, plaintext: modular, primes, additions });
        return true;
      } catch {
        return false;
      }
    };
    let [low, high] = [1, 2 ** 31];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (fits(middle)) low = middle;
      else high = middle;
    }
    const p = integerParameters({ ...literal, plaintext: modular, primes, additions: low });
    expect(fractionNaively(p, low)).toBeLessThanOrEqual(7 / 16);
    expect(fractionNaively(p, low + 1)).toBeGreaterThan(7 / 16);
  });

  it('refuse a modulus above the security table with the numbers, and an error that is too small', () => {
    const large = { kind: 'lanes', valueBits: 16, signed: true, lanes: 5 } as const;
    expect(() => integerParameters({ ...literal, plaintext: large })).toThrow(
      /modulus of 1\d\d\.\d\d bits .* exceeds 106/,
    );
    const insecure = insecureIntegerParameters({ ...literal, plaintext: large });
    expect(insecure.secure).toBe(false);
    expect(String(insecure)).toContain('INSECURE');
    expect(insecure.description).toContain('INSECURE');
    expect(() => integerParameters({ ...literal, error: { kind: 'centredBinomial', eta: 20 } })).toThrow(
      /deviation 3\.162 is below 3\.19/,
    );
    expect(() => integerParameters({ ...literal, degree: 512 })).toThrow(/no row in the 128-bit table/);
  });

  it.each<[string, Partial<IntegerLiteral>]>([
    ['a degree that is no power of two', { degree: 4095 }],
    ['no additions', { additions: 0 }],
    ['half an addition', { additions: 1.5 }],
    ['no key parties', { keyParties: 0 }],
    ['neither primes nor lanes', { plaintext: { kind: 'lanes', valueBits: 16, signed: true } }],
    ['no lanes', { plaintext: { kind: 'lanes', valueBits: 16, signed: true, lanes: 0 } }],
    ['values of 33 bits', { plaintext: { kind: 'lanes', valueBits: 33, signed: true, lanes: 1 } }],
    ['signed values of one bit', { plaintext: { kind: 'lanes', valueBits: 1, signed: true, lanes: 1 } }],
    [
      'sums beyond doubles',
      { plaintext: { kind: 'lanes', valueBits: 32, signed: true, lanes: 1 }, additions: 2 ** 22 + 1 },
    ],
    ['a composite', { primes: [1073692673 - 8192 * 2] }],
    ['a prime of another degree', { primes: [1073479681 + 2] }],
    ['a repeated prime', { primes: [1073692673, 1073692673, 1073668097] }],
    ['a modulus of one', { plaintext: { kind: 'modular', modulus: 1, signed: false } }],
    ['a modulus above 2^30', { plaintext: { kind: 'modular', modulus: 2 ** 30 + 1, signed: false } }],
    ['a modulus of 2^33', { plaintext: { kind: 'modular', modulus: 2 ** 33, signed: false } }],
    [
      'a modulus that is one of the primes',
      {
        plaintext: { kind: 'modular', modulus: 1073692673, signed: false },
        primes: [1073692673, 1073668097, 1073651713],
      },
    ],
    ['a key of a kind that there is not', Object({ key: 'nope' })],
    ['a plaintext of a kind that there is not', { plaintext: Object({ kind: 'lane', valueBits: 8, signed: true }) }],
    ['flooding by no one', { flooding: { stddev: 1, shares: 0 } }],
    ['flooding without a deviation', { flooding: { stddev: NaN, shares: 1 } }],
  ])('refuse %s', (_name, change) => {
    expect(() => insecureIntegerParameters({ ...literal, ...change })).toThrow(ParameterError);
  });

  it('name a kind that there is not', () => {
    expect(() => insecureIntegerParameters({ ...literal, ...Object({ key: 'nope' }) })).toThrow(/no key of kind nope/);
    const plaintext = Object({ kind: 'lane', valueBits: 8, signed: true, lanes: 1 });
    expect(() => insecureIntegerParameters({ ...literal, plaintext })).toThrow(/no plaintext of kind lane/);
  });

  it('are described differently whenever anything differs that decides what a residue means', () => {
    const changes: Partial<IntegerLiteral>[] = [
      {},
      { degree: 8192 },
      { primes: [1073692673, 1073668097, 1073651713] },
      { plaintext: { kind: 'lanes', valueBits: 16, signed: true, lanes: 2 } },
      { plaintext: { kind: 'lanes', valueBits: 15, signed: true, lanes: 3 } },
      { plaintext: { kind: 'lanes', valueBits: 16, signed: false, lanes: 3 } },
      { plaintext: { kind: 'modular', modulus: 65537, signed: false } },
      { additions: 11 },
      { key: 'symmetric' },
      { keyParties: 2 },
      { error: { kind: 'discreteGaussian', stddev: 3.2 } },
      { flooding: { stddev: 64, shares: 2 } },
    ];
    const descriptions = changes.map((change) => integerParameters({ ...literal, ...change }).description);
    expect(new Set(descriptions).size).toBe(changes.length);
    expect(insecureIntegerParameters(literal).description).not.toBe(integerParameters(literal).description);
  });

  it('claim a failure below 2^-128 at every degree, with every kind of key', () => {
    for (const degree of [1024, 2048, 4096, 8192, 16384, 32768, 65536]) {
      const shape = { degree, key: 'public', keyParties: 1, isFlooded: false } as const;
      const alone = failureLog2(shape);
      // 2·exp(−14.7²/2)·N, in powers of two, is what Gaussian noise would have.
      const gaussian = Math.log2(2 * degree * Math.exp(-(14.7 ** 2) / 2));
      expect(failureLog2({ ...shape, key: 'symmetric' })).toBeCloseTo(gaussian, 6);
      expect(alone).toBeGreaterThan(gaussian);
      for (const keyParties of [2, 20, 10 ** 6]) {
        expect(failureLog2({ ...shape, keyParties })).toBeGreaterThan(alone);
        expect(failureLog2({ ...shape, keyParties, isFlooded: true })).toBeLessThan(-137);
      }
    }
  });

  it('bound the tail of e·u + e0 + e1·s that is computed exactly, where a Gaussian of that variance is far below it', () => {
    // At a degree so small that the difference is plain. All laws by convolution, doubles hold 2^-1000.
    const degree = 16;
    const binomial = power([0.25, 0.5, 0.25], 21);
    const product = binomial.map((p, i) => (2 / 3) * p + (i === 21 ? 1 / 3 : 0));
    const law = convolve(power(product, 2 * degree), binomial);
    const bound = 14.7 * freshNoiseStddev(degree, 'public', { kind: 'centredBinomial', eta: 21 }, 1);
    const centre = (law.length - 1) / 2;
    const exact = law.reduce((sum, p, i) => (Math.abs(i - centre) > bound ? sum + p : sum), 0);
    const claimed = failureLog2({ degree, key: 'public', keyParties: 1, isFlooded: false });
    expect(Math.log2(exact * degree)).toBeLessThan(claimed);
    expect(Math.log2(exact * degree)).toBeGreaterThan(claimed - 16);
    expect(exact).toBeGreaterThan(2 * Math.exp(-(14.7 ** 2) / 2));
  });
});

describe('primes for a wanted size', () => {
  it('reach it with as few packed bits as any choice of sizes can', () => {
    fc.assert(
      fc.property(fc.double({ min: 20, max: 210, noNaN: true }), (bits) => {
        const primes = fewestBitPrimes(4096, bits);
        expect(primes.reduce((sum, q) => sum + Math.log2(q), 0)).toBeGreaterThanOrEqual(bits);
        expect(new Set(primes).size).toBe(primes.length);
        expect(primes.every((q) => isPrime(q) && q % 8192 === 1 && q < 2 ** 30)).toBe(true);
        const packed = primes.reduce((sum, q) => sum + Math.ceil(Math.log2(q)), 0);
        // The floor: 25 bits is the smallest prime, 30 the largest, and each prime is a little short of its power of two.
        const fewest = Math.max(Math.ceil(bits), 25);
        expect(packed).toBeGreaterThanOrEqual(fewest);
        const reachable = Array.from({ length: 10 }, (_, i) => i + 1).some(
          (count) => 25 * count <= fewest && fewest <= 30 * count - 1,
        );
        if (reachable && Math.ceil(bits) - bits > 0.1) expect(packed).toBe(fewest);
      }),
      { seed: 2, numRuns: 150 },
    );
  });

  it('are refused when no primes reach it', () => {
    expect(() => fewestBitPrimes(65536, 1e5)).toThrow(ParameterError);
  });
});

describe('the choice of fewest bytes', () => {
  const request = { valueCount: 1_000_000, valueBits: 16, signed: true, additions: 10, key: 'public' } as const;

  it('sends a million 16-bit numbers of ten parties in less than a sixth of 96.4 MB, and seeded in less than 7.7 MB', () => {
    expect(vectorBytes(fewestByteIntegerParameters(request), 1e6)).toBeLessThan(96.4e6 / 6);
    expect(vectorBytes(fewestByteIntegerParameters({ ...request, key: 'symmetric' }), 1e6)).toBeLessThan(7.7e6);
  });

  it.each([1, 1000, 100_000, 1_000_000])('is no worse than any other degree and lanes for %i values', (valueCount) => {
    const best = vectorBytes(fewestByteIntegerParameters({ ...request, valueCount }), valueCount);
    let smallest = Infinity;
    for (const degree of [1024, 2048, 4096, 8192, 16384]) {
      for (let lanes = 1; lanes <= 24; lanes++) {
        try {
          const plaintext = { kind: 'lanes', valueBits: 16, signed: true, lanes } as const;
          const p = integerParameters({ degree, plaintext, additions: 10, key: 'public' });
          const packedBits = p.primes.reduce((bits, q) => bits + Math.ceil(Math.log2(q)), 0);
          smallest = Math.min(smallest, (Math.ceil(valueCount / (degree * lanes)) * 2 * degree * packedBits) / 8);
        } catch (error) {
          expect(error).toBeInstanceOf(ParameterError);
        }
      }
    }
    expect(best).toBe(smallest);
  });

  it('refuses what no degree can hold, with the reason', () => {
    expect(() => fewestByteIntegerParameters({ ...request, largestDegree: 1024 })).toThrow(/exceeds 26/);
    expect(() => fewestByteIntegerParameters({ ...request, valueCount: 0 })).toThrow(/0 values/);
  });
});
