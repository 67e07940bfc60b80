// What both platforms refuse before they touch a byte, in the same words. Lengths and counters are public.

import { MalformedMessage, ParameterError } from './errors.ts';
import { isLowOrderMontgomery } from './low-order.ts';
import type { AeadInput } from './primitives.ts';
import type { SecretKey, SecretKeyKind } from './secret-key.ts';

/**
 * Anything else, a Uint32Array or a string, would be read as other bytes on every platform. By name and not by class: pages and workers
 * have a Uint8Array each.
 */
export function requireBytes(what: string, value: unknown): void {
  // The quick way to the same answer, where the class is this one's: a view has its class by birth.
  if (value instanceof Uint8Array && ArrayBuffer.isView(value)) return;
  if (Object.prototype.toString.call(value) !== '[object Uint8Array]') {
    throw new ParameterError('E_TYPE', `${what} is a Uint8Array, not ${Object.prototype.toString.call(value)}`);
  }
}

export function requireChunks(what: string, chunks: readonly unknown[]): void {
  for (const chunk of chunks) requireBytes(what, chunk);
}

export function requireLength(what: string, bytes: Uint8Array, length: number): void {
  requireBytes(what, bytes);
  if (bytes.length !== length) throw new ParameterError('E_LEN', `${what} is ${length} bytes, not ${bytes.length}`);
}

export function requireByteCount(what: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new ParameterError('E_RANGE', `${what} must be a whole number ≥ 0, not ${count}`);
  }
}

/** The stream of one (key, nonce) has blocks 0 … 2^32 − 1 (RFC 8439 section 2.3); `out` must lie within it. */
export function requireChaCha20(key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array): void {
  requireLength('a ChaCha20 key', key, 32);
  requireLength('a ChaCha20 nonce', nonce, 12);
  requireBytes('room for a keystream', out);
  if (!Number.isInteger(counter) || counter < 0 || counter >= 2 ** 32) {
    throw new ParameterError('E_RANGE', `a ChaCha20 block counter is an integer in [0, 2^32), not ${counter}`);
  }
  if (counter + Math.ceil(out.length / 64) > 2 ** 32) {
    throw new ParameterError('E_RANGE', `${out.length} bytes from block ${counter} pass the last block of the stream`);
  }
}

export function requireAead(input: AeadInput, text: Uint8Array): void {
  requireLength('a ChaCha20-Poly1305 key', input.key, 32);
  requireLength('a ChaCha20-Poly1305 nonce', input.nonce, 12);
  requireBytes('associated data', input.associatedData);
  requireBytes('what is sealed or opened', text);
}

export function requireKind<Kind extends SecretKeyKind>(key: SecretKey<Kind>, kind: Kind): void {
  if (key.kind !== kind) throw new ParameterError('E_KEY', `an ${kind} secret key is needed, not ${String(key)}`);
  if (key.wiped) throw new ParameterError('E_KEY', `${String(key)} was wiped`);
}

export function requirePeerKey(publicKey: Uint8Array): void {
  requireBytes('an X25519 public key', publicKey);
  if (publicKey.length !== 32) {
    throw new MalformedMessage('E_KEY', `an X25519 public key is 32 bytes, not ${publicKey.length}`);
  }
  if (isLowOrderMontgomery(publicKey)) {
    throw new MalformedMessage('E_LOWORDER', 'an X25519 key of low order makes the shared secret known to everybody');
  }
}
