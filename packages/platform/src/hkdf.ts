// HKDF (RFC 5869) over whatever HMAC-SHA-256 a platform has. It refuses more than 255 blocks of output.

import { requireByteCount, requireChunks } from './argument-checks.ts';
import { ParameterError } from './errors.ts';
import type { HkdfInput } from './primitives.ts';

type Hmac = (key: Uint8Array, ...chunks: readonly Uint8Array[]) => Uint8Array;

const hashLength = 32;

export function hkdfOver(hmac: Hmac, { secret, salt, info, length }: HkdfInput): Uint8Array<ArrayBuffer> {
  requireChunks('a secret, a salt and an info each', [secret, salt, info]);
  requireByteCount('the length of HKDF output', length);
  if (length > 255 * hashLength) {
    throw new ParameterError('E_RANGE', `HKDF-SHA-256 gives at most ${255 * hashLength} bytes, not ${length}`);
  }
  // Section 2.2: PRK = HMAC(salt, IKM). An empty salt and 32 zeros are the same HMAC key.
  const pseudorandomKey = hmac(salt, secret);
  // Section 2.3: T(i) = HMAC(PRK, T(i − 1) ‖ info ‖ i), T(0) empty.
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let i = 1; (i - 1) * hashLength < length; i += 1) {
    const previous = block;
    block = hmac(pseudorandomKey, previous, info, Uint8Array.of(i));
    previous.fill(0);
    output.set(block.subarray(0, length - (i - 1) * hashLength), (i - 1) * hashLength);
  }
  block.fill(0);
  pseudorandomKey.fill(0);
  return output;
}
