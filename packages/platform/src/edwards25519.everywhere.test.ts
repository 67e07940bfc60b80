import { expect, test } from 'vitest';
import { flipped, patterned, toHex } from './bytes.contract.ts';
import { groupOrderBytes, isPrimeOrderPoint } from './edwards25519.ts';
import { isLowOrderMontgomery, isSmallOrderEdwards } from './low-order.ts';
import {
  allEncodings,
  base,
  bytesOf,
  encode,
  inverse,
  neutral,
  numberOf,
  order,
  plus,
  pointsAt,
  smallOrderPoints,
  times,
} from './naive-edwards25519.contract.ts';

const p = 2n ** 255n - 19n;

test('the order is the order: [L]B is neutral, and L is what RFC 8032 says', () => {
  expect(numberOf(groupOrderBytes)).toBe(order);
  expect(times(order, base)).toEqual(neutral);
});

test('a multiple of the base point has prime order; with any torsion added it has not', () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    const point = times(numberOf(patterned(31, seed)), base);
    for (const [index, torsion] of smallOrderPoints.entries()) {
      expect(isPrimeOrderPoint(encode(plus(point, torsion))), `torsion ${index}`).toBe(index === 0);
    }
  }
});

test('the eight points of small order are found in each of their encodings, and nothing else is', () => {
  const points = smallOrderPoints;
  expect(new Set(points.map((point) => toHex(encode(point)))).size).toBe(8);
  for (const point of points) {
    expect(times(8n, point)).toEqual(neutral);
    for (const encoding of allEncodings(point)) {
      expect(isSmallOrderEdwards(encoding), toHex(encoding)).toBe(true);
      expect(isPrimeOrderPoint(encoding), toHex(encoding)).toBe(false);
    }
  }
  for (let seed = 1; seed <= 20; seed += 1) expect(isSmallOrderEdwards(patterned(32, seed))).toBe(false);
  expect(isSmallOrderEdwards(encode(base))).toBe(false);
});

test('encodings that are not canonical are no points: y + p, and a sign on x = 0', () => {
  for (let y = 0n; y < 19n; y += 1n) {
    for (const sign of [0n, 1n]) expect(isPrimeOrderPoint(bytesOf((y + p) | (sign << 255n)))).toBe(false);
  }
  expect(isPrimeOrderPoint(bytesOf(1n | (1n << 255n)))).toBe(false);
});

test('half of all y lie on no point, and those are refused; on the curve the oracle and the source agree', () => {
  let off = 0;
  for (let y = 2n; y < 26n; y += 1n) {
    const points = pointsAt(y);
    if (points.length === 0) off += 1;
    const prime = points.slice(0, 1).some((point) => times(order, point).y === 1n);
    expect(isPrimeOrderPoint(bytesOf(y))).toBe(prime);
    expect(isPrimeOrderPoint(flipped(bytesOf(y), 255))).toBe(prime);
  }
  expect(off).toBeGreaterThan(5);
  expect(off).toBeLessThan(19);
});

/** RFC 7748: the u-coordinate of 2P is (u² − 1)² / (4u(u² + 486662u + 1)), projectively; on the curve or its twist. */
function doubled([x, z]: readonly [bigint, bigint]): readonly [bigint, bigint] {
  const numerator = (x * x - z * z) ** 2n;
  return [numerator % p, (4n * x * z * (x * x + 486662n * x * z + z * z)) % p];
}

test('a u-coordinate is on the list exactly when doubling it three times arrives at infinity', () => {
  const isInfinity = ([x, z]: readonly [bigint, bigint]): boolean => ((z % p) + p) % p === 0n && x % p !== 0n;
  const order8 = smallOrderPoints.map(({ y }) => y);
  // The birational map of RFC 7748 section 4.1: u = (1 + y)/(1 − y), for the small-order points other than the neutral one.
  let listed = 0;
  for (const y of order8.filter((value) => value !== 1n)) {
    const u = ((1n + y) * inverse(1n - y)) % p;
    expect(isLowOrderMontgomery(bytesOf(u))).toBe(true);
    expect(isInfinity(doubled(doubled(doubled([u, 1n]))))).toBe(true);
    listed += 1;
  }
  expect(listed).toBe(7);
  for (const u of [p - 1n, p, p + 1n]) {
    expect(isLowOrderMontgomery(bytesOf(u))).toBe(true);
    expect(isLowOrderMontgomery(flipped(bytesOf(u), 255))).toBe(true);
    expect(isInfinity(doubled(doubled(doubled([u, 1n]))))).toBe(true);
  }
  for (let u = 2n; u < 200n; u += 1n) {
    expect(isLowOrderMontgomery(bytesOf(u))).toBe(false);
    expect(isInfinity(doubled(doubled(doubled([u, 1n]))))).toBe(false);
  }
});
