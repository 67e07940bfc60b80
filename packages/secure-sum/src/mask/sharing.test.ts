import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { ParameterError } from '../errors.ts';
import { seededPrimitives } from '../seeded-members.contract.ts';
import { combiner } from './combine.ts';
import { inverse, multiply, weightsAtZero } from './galois.ts';
import { splitSecret } from './split.ts';

const primitives = seededPrimitives(nodePrimitives(), 31);

/** Schoolbook: polynomials over GF(2), reduced. */
function naive(a: number, b: number): number {
  let product = 0;
  for (let i = 0; i < 8; i++) if ((b >> i) & 1) product ^= a << i;
  for (let i = 14; i >= 8; i--) if ((product >> i) & 1) product ^= 0x11b << (i - 8);
  return product;
}

describe('GF(2^8)', () => {
  it('multiplies as polynomials do, for all pairs', () => {
    for (let a = 0; a < 256; a++)
      for (let b = 0; b < 256; b++) if (multiply(a, b) !== naive(a, b)) expect([a, b]).toBe(0);
  });

  it('has the products of FIPS 197, section 4.2', () => {
    expect(multiply(0x57, 0x83)).toBe(0xc1);
    expect(multiply(0x57, 0x13)).toBe(0xfe);
  });

  it('has an inverse for everything but 0', () => {
    for (let a = 1; a < 256; a++) expect(naive(a, inverse(a))).toBe(1);
    expect(() => inverse(0)).toThrow(ParameterError);
  });

  it('has the weights of Lagrange', () => {
    const points = Uint8Array.of(1, 7, 200, 255);
    const weights = weightsAtZero(points);
    points.forEach((x, i) => {
      let expected = 1;
      for (const other of points) if (other !== x) expected = naive(expected, naive(other, inverse(other ^ x)));
      expect(weights[i]).toBe(expected);
    });
  });
});

const secretOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 37 + 5) & 255);
const pointsTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const chosen = (shares: readonly Uint8Array[], points: readonly number[], places: readonly number[]) =>
  places.map((place) => ({ point: points[place]!, share: shares[place]! }));

describe('a shared secret', () => {
  it('is the value at 0 of the polynomials whose other values are the shares', () => {
    const coefficients = Uint8Array.from({ length: 8 }, (_, i) => 11 * i + 3);
    const fixed = { randomBytes: (length: number) => Uint8Array.from(coefficients.subarray(0, length)) };
    const points = [1, 2, 77, 255];
    const shares = splitSecret(fixed, { secret: Uint8Array.of(9, 0, 255, 128), threshold: 3, points });
    points.forEach((x, i) => {
      const expected = [9, 0, 255, 128].map(
        (constant, j) => constant ^ naive(coefficients[j]!, x) ^ naive(coefficients[4 + j]!, naive(x, x)),
      );
      expect([...shares[i]!]).toEqual(expected);
    });
  });

  it.each([
    [1, 1],
    [1, 3],
    [3, 3],
    [2, 3],
    [67, 100],
    [255, 255],
  ])('attack 56: comes back from any %i of %i shares', (threshold, count) => {
    const points = pointsTo(count);
    const secret = secretOf(32);
    const shares = splitSecret(primitives, { secret, threshold, points });
    const combine = combiner();
    const last = points.map((_, i) => i).slice(-threshold);
    const first = points.map((_, i) => i).slice(0, threshold);
    const mixed = points
      .map((_, i) => (i * 7 + 3) % count)
      .filter((v, i, all) => all.indexOf(v) === i)
      .slice(0, threshold);
    for (const places of [first, last, mixed].filter((one) => one.length === threshold)) {
      expect(combine(chosen(shares, points, places))).toEqual(secret);
    }
  });

  it.each([1, 31, 32, 33, 64])('may have %i bytes', (length) => {
    const points = [3, 5, 9];
    const shares = splitSecret(primitives, { secret: secretOf(length), threshold: 2, points });
    expect(shares.map((share) => share.length)).toEqual([length, length, length]);
    expect(combiner()(chosen(shares, points, [2, 0]))).toEqual(secretOf(length));
  });

  it('attack 56: is another one when a share is wrong, or one too few', () => {
    const points = pointsTo(5);
    const shares = splitSecret(primitives, { secret: secretOf(32), threshold: 3, points });
    const wrong = shares[1]!.slice();
    wrong[0]! ^= 1;
    expect(combiner()([...chosen(shares, points, [0, 2]), { point: 2, share: wrong }])).not.toEqual(secretOf(32));
    expect(combiner()(chosen(shares, points, [0, 2]))).not.toEqual(secretOf(32));
  });

  it('leaves t − 1 shares that say nothing: for every secret there are coefficients that give them', () => {
    // t = 2: the share s + a·x at one point is every byte, once for each a, whatever s is.
    for (const secret of [0, 1, 255]) {
      const seen = new Set<number>();
      for (let a = 0; a < 256; a++) {
        const fixed = { randomBytes: (length: number) => new Uint8Array(length).fill(a) };
        seen.add(splitSecret(fixed, { secret: Uint8Array.of(secret), threshold: 2, points: [7, 9] })[0]![0]!);
      }
      expect(seen.size).toBe(256);
    }
  });

  it.each<[string, number, number[]]>([
    ['53: the point 0', 2, [0, 1, 2]],
    ['53: a repeated point', 2, [1, 2, 2]],
    ['55: the point 256', 2, [1, 2, 256]],
    ['56: a threshold of 0', 0, [1, 2]],
    ['56: a threshold above the number of shares', 3, [1, 2]],
    ['56: a threshold that is no number', Number.NaN, [1, 2]],
  ])('attack %s is refused', (_, threshold, points) => {
    expect(() => splitSecret(primitives, { secret: secretOf(4), threshold, points })).toThrow(ParameterError);
  });

  it.each<[string, { point: number; share: Uint8Array }[]]>([
    ['no shares', []],
    [
      '54: shares of two lengths',
      [
        { point: 1, share: secretOf(4) },
        { point: 2, share: secretOf(5) },
      ],
    ],
    [
      '53: the point 0',
      [
        { point: 0, share: secretOf(4) },
        { point: 2, share: secretOf(4) },
      ],
    ],
    [
      '53: one point twice',
      [
        { point: 2, share: secretOf(4) },
        { point: 2, share: secretOf(4) },
      ],
    ],
  ])('combining refuses %s', (_, shares) => {
    expect(() => combiner()(shares)).toThrow(ParameterError);
  });
});
