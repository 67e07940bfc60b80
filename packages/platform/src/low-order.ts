// Points of small order on Curve25519 and edwards25519, told by their encodings (public bytes, so time does not matter).
// With such a point a Diffie–Hellman secret is known to everybody and a signature fits any message.
// The tests recompute both lists from the curves' equations.

// u-coordinates, little-endian: 0, 1, the two of order 8, p − 1, and the non-canonical p and p + 1.
const lowOrderMontgomery: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(bytesOf);

// y-coordinates, little-endian: 1 (neutral), −1 (order 2), 0 (order 4), the two of order 8, and the non-canonical p and p + 1.
const smallOrderEdwards: readonly Uint8Array[] = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(bytesOf);

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/**
 * Is the encoding one of these, but for its top bit: ignored in a u-coordinate (RFC 7748 section 5), the sign of x in a point of
 * edwards25519? Byte by byte, since every key and every signature is asked, and nearly all differ in the first.
 */
function isAmong(encodings: readonly Uint8Array[], encoding: Uint8Array): boolean {
  for (const one of encodings) {
    let i = 0;
    while (i < 31 && encoding[i] === one[i]) i += 1;
    if (i === 31 && (encoding[31]! & 0x7f) === one[31]) return true;
  }
  return false;
}

/** `publicKey`: 32 bytes. True exactly when every clamped scalar takes it to zero. */
export function isLowOrderMontgomery(publicKey: Uint8Array): boolean {
  return isAmong(lowOrderMontgomery, publicKey);
}

/** `encoding`: 32 bytes, canonical or not. */
export function isSmallOrderEdwards(encoding: Uint8Array): boolean {
  return isAmong(smallOrderEdwards, encoding);
}
