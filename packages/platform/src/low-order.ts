// Points of small order on Curve25519 and edwards25519, told by their encodings (public bytes, so time does not matter).
// With such a point a Diffie–Hellman secret is known to everybody and a signature fits any message.
// The tests recompute both lists from the curves' equations.

// u-coordinates, little-endian: 0, 1, the two of order 8, p − 1, and the non-canonical p and p + 1.
const lowOrderMontgomery: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

// y-coordinates, little-endian: 1 (neutral), −1 (order 2), 0 (order 4), the two of order 8, and the non-canonical p and p + 1.
const smallOrderEdwards: ReadonlySet<string> = new Set([
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOfByte[byte] ?? '';
  return hex;
}

/** The encoding without its top bit: ignored in a u-coordinate (RFC 7748 section 5), the sign of x in a point of edwards25519. */
function withoutTopBit(encoding: Uint8Array): string {
  const masked = new Uint8Array(encoding);
  masked[31] = (masked[31] ?? 0) & 0x7f;
  return hexOf(masked);
}

/** `publicKey`: 32 bytes. True exactly when every clamped scalar takes it to zero. */
export function isLowOrderMontgomery(publicKey: Uint8Array): boolean {
  return lowOrderMontgomery.has(withoutTopBit(publicKey));
}

/** `encoding`: 32 bytes, canonical or not. */
export function isSmallOrderEdwards(encoding: Uint8Array): boolean {
  return smallOrderEdwards.has(withoutTopBit(encoding));
}
