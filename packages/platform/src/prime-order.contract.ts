// What a check of public keys must say, engine by engine: against points built the obvious way (naive-edwards25519.contract.ts), whose
// order is known because they were built from it. Returns what went wrong, so that planted breaks can be told apart from sound engines.

import { flipped, patterned, toHex } from './bytes.contract.ts';
import {
  type AffinePoint,
  allEncodings,
  base,
  bytesOf,
  encode,
  numberOf,
  order,
  plus,
  pointsAt,
  smallOrderPoints,
  times,
} from './naive-edwards25519.contract.ts';
import type { PrimeOrderCheck } from './prime-order.ts';

const p = 2n ** 255n - 19n;

/** RFC 8032 section 7.1, TEST 1 to 3, TEST 1024 and TEST SHA(abc). */
const rfcKeys: readonly string[] = [
  'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
  '278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e',
  'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
];

/** Encodings with the answer each must get. */
export function* knownEncodings(randomPoints: number): Generator<readonly [string, Uint8Array, boolean]> {
  for (const hex of rfcKeys) yield [`RFC 8032 ${hex}`, bytesOf(BigInt(`0x${reversed(hex)}`)), true];
  for (const point of smallOrderPoints) {
    for (const encoding of allEncodings(point)) yield [`small order ${toHex(encoding)}`, encoding, false];
  }
  for (let y = 0n; y < 19n; y += 1n) {
    for (const sign of [0n, 1n]) yield [`y = p + ${y}`, bytesOf((y + p) | (sign << 255n)), false];
  }
  // Around both ends of the field, where carries and the last subtraction of p show; by definition: [L]P = 0 and P ≠ 0.
  for (const y of [...range(2n, 14n), ...range(p - 12n, p - 1n)]) {
    const [point] = pointsAt(y);
    const prime = point !== undefined && isNeutral(times(order, point)) && !isNeutral(point);
    for (const sign of [0n, 1n]) yield [`y = ${y}`, bytesOf(y | (sign << 255n)), prime];
  }
  let point = times(numberOf(patterned(31, 7)), base);
  for (let i = 0; i < randomPoints; i += 1) {
    point = plus(plus(point, point), base);
    const torsion = i % 8;
    const shifted = plus(point, smallOrderPoints[torsion]!);
    yield [`multiple ${i} of the base point with torsion ${torsion}`, encode(shifted), torsion === 0];
    yield [`multiple ${i} of the base point, turned`, flipped(encode(point), 255), true];
  }
}

const isNeutral = ({ x, y }: AffinePoint): boolean => x === 0n && y === 1n;

function range(from: bigint, to: bigint): bigint[] {
  return Array.from({ length: Number(to - from) + 1 }, (_, i) => from + BigInt(i));
}

const reversed = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');

/** The names of the encodings that `check` answers wrongly. */
export function wrongAnswers(check: PrimeOrderCheck, randomPoints: number): string[] {
  const wrong: string[] = [];
  for (const [name, encoding, expected] of knownEncodings(randomPoints)) {
    if (check(encoding) !== expected) wrong.push(name);
  }
  return wrong;
}
