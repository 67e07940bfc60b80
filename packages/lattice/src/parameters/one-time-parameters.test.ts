import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import {
  capacityBits,
  insecureOneTimeParameters,
  keySumBound,
  type OneTimeLiteral,
  oneTimeParameters,
  residualFraction,
} from './one-time-parameters.ts';

const literal: OneTimeLiteral = {
  contributors: 100,
  wordBits: 26,
  wordsPerCoefficient: 3,
  committee: { members: 32, corrupt: 10 },
};

describe('parameters of one-time sums', () => {
  it('are over N = 4096 and the three largest primes below 2^30 unless told otherwise', () => {
    const p = oneTimeParameters(literal);
    expect(p.degree).toBe(4096);
    expect(p.primes).toEqual([1073692673, 1073668097, 1073651713]);
    expect(p.modulusBits).toBeCloseTo(89.9997, 4);
    // 46,080 bytes a chunk, 82 chunks for a million words.
    expect(p.polynomialBits / 8).toBe(46080);
    expect(Math.ceil(1e6 / p.wordsPerChunk)).toBe(82);
    expect(p.highest).toBe(2 ** 18 - 1);
    expect(Object.isFrozen(p)).toBe(true);
  });

  it('hold the capacity inequality: what it allows fits, one bit more does not', () => {
    // The inequality itself, computed apart.
    for (const contributors of [1, 2, 10, 100, 1000, 10_000, 1_000_000]) {
      const allowed = (bits: number): boolean =>
        2 ** (bits + 1) * (8 * 6.364 * Math.sqrt(contributors) + 1) < 2 ** 88.99973;
      let bits = 40;
      while (allowed(bits + 1)) bits += 1;
      const make = (wordBits: number) => () =>
        oneTimeParameters({
          ...literal,
          contributors,
          wordBits: wordBits / 2,
          wordsPerCoefficient: 2,
          valueBits: 'statistical',
        });
      // Two words, so even numbers of bits only.
      const even = bits - (bits % 2);
      expect(make(even)).not.toThrow();
      expect(make(even + 2)).toThrow(/need 9?\d+\.\d\d bits; the modulus leaves 89\.00/);
    }
    expect(capacityBits(79, 1, 100)).toBeLessThan(88.9997);
    expect(capacityBits(80, 1, 100)).toBeGreaterThan(88.9997);
  });

  it('leave decoding half the modulus at 16 deviations, and tampering a band beyond 14.7', () => {
    for (const [contributors, wordBits, wordsPerCoefficient] of [
      [100, 26, 3],
      [100, 39, 2],
      [1000, 25, 3],
      [10_000, 25, 3],
    ]) {
      const p = oneTimeParameters({ ...literal, contributors, wordBits, wordsPerCoefficient });
      const fraction = residualFraction(p, contributors);
      const noise = 14.7 * 6.364 * Math.sqrt(contributors) + 1;
      expect(fraction / 2 ** (wordBits * wordsPerCoefficient + Math.log2(noise) - p.modulusBits)).toBeCloseTo(1, 9);
      expect(fraction).toBeLessThan(0.47);
    }
  });

  it('let values grow to what n of them cannot overflow', () => {
    for (const [contributors, wordBits, valueBits] of [
      [100, 26, 19],
      [100, 19, 12],
      [100, 15, 8],
      [1000, 25, 15],
      [3, 20, 18],
    ]) {
      const p = oneTimeParameters({ ...literal, contributors, wordBits, wordsPerCoefficient: 3 });
      expect(p.highest).toBe(2 ** (valueBits - 1) - 1);
      expect(contributors * p.highest).toBeLessThan(2 ** (wordBits - 1));
      expect(() =>
        oneTimeParameters({ ...literal, contributors, wordBits, wordsPerCoefficient: 3, valueBits: valueBits + 2 }),
      ).toThrow(/a word of \d+ bits holds/);
    }
    expect(oneTimeParameters({ ...literal, valueBits: 'statistical' }).highest).toBe(2 ** 25 - 1);
  });

  it('derive the committee: Byzantine quorum, packing, absences and progress', () => {
    const rows: [number, number, number, number, number, boolean][] = [
      [5, 2, 4, 2, 1, false],
      [5, 1, 4, 3, 1, true],
      [10, 3, 7, 4, 3, true],
      [32, 10, 22, 12, 10, true],
      [100, 33, 67, 34, 33, true],
      [128, 42, 86, 44, 42, true],
    ];
    for (const [members, corrupt, quorum, packed, absentAllowed, progressDespiteCorrupt] of rows) {
      const { committee } = oneTimeParameters({ ...literal, committee: { members, corrupt } });
      expect(committee).toEqual({
        members,
        corrupt,
        quorum,
        packed,
        absentAllowed,
        progressDespiteCorrupt,
        blocks: Math.ceil(4096 / packed),
      });
      // Two quorums always share an honest member.
      expect(2 * quorum - members).toBeGreaterThan(corrupt);
    }
  });

  it('bound sums of keys at 16 deviations', () => {
    const p = oneTimeParameters(literal);
    expect(keySumBound(p, 100)).toBe(720);
    expect(keySumBound(p, 1)).toBe(72);
  });

  it.each<[string, Partial<OneTimeLiteral>]>([
    ['no contributors', { contributors: 0 }],
    ['words of one bit', { wordBits: 1 }],
    ['no words', { wordsPerCoefficient: 0 }],
    ['words of 54 bits', { wordBits: 54, wordsPerCoefficient: 1 }],
    ['more contributors than a word has values', { wordBits: 6, contributors: 100 }],
    ['a committee of none', { committee: { members: 0, corrupt: 0 } }],
    ['a committee wholly corrupt', { committee: { members: 5, corrupt: 5 } }],
    ['half a corrupt member', { committee: { members: 5, corrupt: 0.5 } }],
    ['a composite modulus', { primes: [1073692673 - 16384] }],
    ['repeated primes', { primes: [1073692673, 1073692673, 1073668097] }],
    ['a degree that is no power of two', { degree: 4097 }],
    ['a modulus above the table', { degree: 2048 }],
  ])('refuse %s', (_name, change) => {
    expect(() => oneTimeParameters({ ...literal, ...change })).toThrow(ParameterError);
  });

  it('say INSECURE where the table was skipped', () => {
    const p = insecureOneTimeParameters({ ...literal, degree: 64 });
    expect(String(p)).toContain('INSECURE');
    expect(p.description).toContain('INSECURE');
    expect(p.secure).toBe(false);
  });
});
