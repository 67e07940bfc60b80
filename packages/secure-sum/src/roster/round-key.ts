// Which X25519 public keys may stand in a roster: canonical ones that are not of low order. X25519 ignores the top bit and reduces
// u modulo p = 2^255 − 19 (RFC 7748 section 5), so one key has several encodings: with only the canonical one allowed, two equal
// keys have equal bytes, and a key that occurs twice is found by comparing them. An honest X25519 never outputs another.

import { sameBytes } from '../canonical/index.ts';
import { MalformedMessage } from '../errors.ts';
import { PUBLIC_KEY_BYTES } from '../primitives.ts';

// u-coordinates of low order below p, little-endian: 0, 1, the two of order 8, and p − 1. The test finds them from the curve.
const lowOrder: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16)));

export function requireRoundKey<Bytes extends Uint8Array>(key: Bytes): Bytes {
  if (key.length !== PUBLIC_KEY_BYTES) {
    throw new MalformedMessage('E_KEY', `an X25519 key is ${PUBLIC_KEY_BYTES} bytes, not ${key.length}`);
  }
  const canonical = isCanonical(key);
  // An encoding of a point of low order is that whatever its form.
  const form = canonical ? key : canonicalForm(key);
  if (lowOrder.some((one) => sameBytes(one, form))) {
    throw new MalformedMessage('E_LOWORDER', 'an X25519 key of low order makes the shared secret known to everybody');
  }
  if (!canonical) throw new MalformedMessage('E_KEY', 'an X25519 key is not in its canonical form, below 2^255 − 19');
  return key;
}

/** Below p: top bit clear, and not 2^255 − 19 … 2^255 − 1. */
function isCanonical(key: Uint8Array): boolean {
  if (key[31]! >= 0x80) return false;
  return key[31] !== 0x7f || key.subarray(1, 31).some((byte) => byte !== 0xff) || key[0]! < 0xed;
}

/** The same u-coordinate below p. */
function canonicalForm(key: Uint8Array): Uint8Array {
  const form = key.slice();
  form[31] = form[31]! & 0x7f;
  // Only 2^255 − 19 … 2^255 − 1 are left at or above p: they are 0 … 18.
  return isCanonical(form) ? form : Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? form[0]! - 0xed : 0));
}
