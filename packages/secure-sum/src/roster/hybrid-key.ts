// Which X-Wing public keys may stand in a roster: an ML-KEM-768 key whose coefficients are all below 3329 (the modulus check of FIPS
// 203 section 7.2), and behind it an X25519 key as round-key.ts wants it. Two equal keys have equal bytes. No secret is here; the KEM
// is in boxes/x-wing.ts.

import { MalformedMessage } from '../errors.ts';
import { requireRoundKey } from './round-key.ts';

export const X_WING_PUBLIC_KEY_BYTES = 1216;
/** Three polynomials of 256 coefficients of 12 bits. */
const COEFFICIENT_BYTES = 1152;
const X25519_AT = 1184;
const MODULUS = 3329;

export function requireHybridKey<Bytes extends Uint8Array>(key: Bytes): Bytes {
  if (key.length !== X_WING_PUBLIC_KEY_BYTES) {
    throw new MalformedMessage('E_KEY', `an X-Wing key is ${X_WING_PUBLIC_KEY_BYTES} bytes, not ${key.length}`);
  }
  for (let at = 0; at < COEFFICIENT_BYTES; at += 3) {
    const low = key[at]! | ((key[at + 1]! & 15) << 8);
    const high = (key[at + 1]! >> 4) | (key[at + 2]! << 4);
    if (low >= MODULUS || high >= MODULUS) {
      throw new MalformedMessage('E_KEY', `an X-Wing key has a coefficient of ML-KEM that is not below ${MODULUS}`);
    }
  }
  requireRoundKey(key.subarray(X25519_AT));
  return key;
}
