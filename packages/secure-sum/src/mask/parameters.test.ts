import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { completeParameters, corruptInSharingSet, countOf, sparseParameters } from './parameters.ts';
import { binomial, hypergeometric, isRarelyBelow, smallestBound } from './tails.ts';

// The specification's tables (§1.3), k,t,c by column: γ=δ=.05 · γ=δ=.10 · γ=.10 δ=.20 · γ=.20 δ=.10 · γ=.33 δ=.05.
const fractions = [
  { corruptFraction: 0.05, dropoutFraction: 0.05 },
  { corruptFraction: 0.1, dropoutFraction: 0.1 },
  { corruptFraction: 0.1, dropoutFraction: 0.2 },
  { corruptFraction: 0.2, dropoutFraction: 0.1 },
  { corruptFraction: 0.33, dropoutFraction: 0.05 },
];
const malicious: Readonly<Record<number, string>> = {
  100: '30,19,5 42,27,10 54,33,10 54,38,20 68,52,33',
  500: '52,36,18 96,66,33 178,112,43 132,97,59 124,102,77',
  1000: '62,43,22 114,78,40 230,145,58 162,118,72 152,124,94',
  5000: '74,51,26 138,94,48 314,198,80 206,150,92 194,157,118',
  10000: '74,51,26 148,101,51 332,209,84 216,157,96 204,165,124',
  100000: '80,55,28 160,109,56 372,234,94 240,174,106 224,181,136',
};
const semiHonest: Readonly<Record<number, string>> = {
  100: '30,6,5 42,11,10 54,11,10 54,21,20 68,34,33',
  500: '30,16,15 46,25,24 66,29,28 66,41,40 74,56,55',
  1000: '34,18,17 52,28,27 74,33,32 74,45,44 86,64,63',
  5000: '36,20,19 58,31,30 86,38,37 86,52,51 98,72,71',
  10000: '38,21,20 60,32,31 88,39,38 90,54,53 102,75,74',
  100000: '40,22,21 64,34,33 94,42,41 94,57,56 112,82,81',
};

const row = (members: number, adversary: 'malicious' | 'semi-honest'): string =>
  fractions
    .map((one) => {
      const found = sparseParameters(members, one, adversary);
      return found === undefined ? 'none' : `${found.neighbours},${found.threshold},${found.corrupt}`;
    })
    .join(' ');

describe('the parameters of a sparse graph', () => {
  it.each(Object.keys(malicious).map(Number))(
    'are those of the table for %i members and a malicious coordinator',
    (n) => {
      expect(row(n, 'malicious')).toBe(malicious[n]);
    },
  );

  it.each(Object.keys(semiHonest).map(Number))('are those of the table for %i members and one that only looks', (n) => {
    expect(row(n, 'semi-honest')).toBe(semiHonest[n]);
  });

  it('do not exist for too few members, and a sharing set of the complete graph is everybody', () => {
    expect(sparseParameters(20, { corruptFraction: 0.3, dropoutFraction: 0.3 })).toBeUndefined();
    expect(completeParameters(20)).toMatchObject({ neighbours: 19, sharingSet: 20 });
  });

  it('hold 2t > K + c, which the semi-honest ones do not', () => {
    for (const one of fractions) {
      const strong = sparseParameters(1000, one)!;
      const weak = sparseParameters(1000, one, 'semi-honest')!;
      expect(2 * strong.threshold).toBeGreaterThan(strong.sharingSet + strong.corrupt);
      expect(2 * weak.threshold).not.toBeGreaterThan(weak.sharingSet + weak.corrupt);
    }
  });

  it('are refused for fractions that make no sense', () => {
    for (const [corruptFraction, dropoutFraction] of [
      [0.5, 0],
      [-0.1, 0],
      [Number.NaN, 0],
      [0, 1],
      [0, Number.NaN],
    ] as const) {
      expect(() => sparseParameters(100, { corruptFraction, dropoutFraction })).toThrow(ParameterError);
    }
  });

  it('count fractions of members as they are meant, not as doubles multiply', () => {
    expect(countOf(0.07, 100)).toBe(7);
    expect(0.07 * 100).not.toBe(7);
    expect(countOf(0.071, 100)).toBe(8);
  });
});

describe('the parameters of the complete graph', () => {
  // n, c: t, and how many may drop out.
  it.each([
    [3, 1, 3, 0],
    [4, 1, 3, 1],
    [5, 1, 4, 1],
    [7, 2, 5, 2],
    [10, 3, 7, 3],
    [16, 5, 11, 5],
    [31, 10, 21, 10],
    [50, 16, 34, 16],
    [100, 33, 67, 33],
  ])('are those of the list for %i members of whom %i are corrupt', (members, corrupt, threshold, dropouts) => {
    const found = completeParameters(members);
    expect(found).toMatchObject({ corrupt, threshold, sharingSet: members });
    expect(members - found.threshold).toBe(dropouts);
  });

  it.each([
    [10, 1, 6],
    [100, 10, 56],
  ])('with a tenth corrupt are those of the list', (members, corrupt, threshold) => {
    expect(completeParameters(members, corrupt).threshold).toBe(threshold);
  });

  it('are t = ⌊2n/3⌋ + 1 for every n, which ⌊(n − 1)/3⌋ corrupt members would not give', () => {
    for (let n = 3; n <= 255; n++) expect(completeParameters(n).threshold).toBe(Math.floor((2 * n) / 3) + 1);
    expect(completeParameters(6, Math.floor(5 / 3)).threshold).toBe(4);
  });

  it('attack 55: more members than GF(2^8) has points are refused', () => {
    expect(() => completeParameters(256)).toThrow(ParameterError);
    expect(completeParameters(255).sharingSet).toBe(255);
  });

  it('are refused where half of the members are corrupt', () => {
    expect(() => completeParameters(4, 2)).toThrow(ParameterError);
    expect(() => completeParameters(4, -1)).toThrow(ParameterError);
    expect(() => completeParameters(1)).toThrow(ParameterError);
  });
});

describe('the bound that a participant computes for itself', () => {
  it('is the one of the table for its own fraction', () => {
    expect(corruptInSharingSet('sparse', 1000, 114, 0.1)).toBe(40);
    expect(corruptInSharingSet('sparse', 1000, 114, 0.05)).toBeLessThan(40);
    expect(corruptInSharingSet('complete', 100, 99, 1 / 3)).toBe(33);
  });
});

describe('hypergeometric probabilities', () => {
  const draw = { population: 12, marked: 5, draws: 6 };

  it('are those that counting all draws gives', () => {
    const counts = new Array<number>(draw.draws + 1).fill(0);
    for (let set = 0; set < 2 ** draw.population; set++) {
      const drawn = [...Array(draw.population).keys()].filter((i) => ((set >> i) & 1) === 1);
      if (drawn.length === draw.draws) counts[drawn.filter((i) => i < draw.marked).length]! += 1;
    }
    const { numerators, denominator } = hypergeometric(draw);
    expect(numerators.map(Number)).toEqual(counts);
    expect(Number(denominator)).toBe(counts.reduce((a, b) => a + b));
  });

  it('add up to one exactly, however large they are', () => {
    const { numerators, denominator } = hypergeometric({ population: 99_999, marked: 10_000, draws: 372 });
    expect(numerators.reduce((a, b) => a + b)).toBe(denominator);
    expect(denominator).toBe(binomial(99_999, 372));
  });

  it('have tails on the right side of their bound, and the next value on the wrong side', () => {
    const all = hypergeometric(draw);
    const above = (c: number): number =>
      Number(all.numerators.slice(c + 1).reduce((a, b) => a + b, 0n)) / Number(all.denominator);
    const c = smallestBound(all, 3, 6);
    expect(3 * above(c)).toBeLessThanOrEqual(2 ** -6);
    expect(3 * above(c - 1)).toBeGreaterThan(2 ** -6);
    const below = (t: number): number =>
      Number(all.numerators.slice(0, t).reduce((a, b) => a + b, 0n)) / Number(all.denominator);
    for (let t = 0; t <= 6; t++) expect(isRarelyBelow(all, t, 3, 6)).toBe(3 * below(t) <= 2 ** -6);
  });

  it('are refused for draws that cannot be', () => {
    for (const wrong of [
      { ...draw, draws: 13 },
      { ...draw, marked: 13 },
      { ...draw, population: 1.5 },
    ]) {
      expect(() => hypergeometric(wrong)).toThrow(ParameterError);
    }
  });
});
