// What a signature must be before a platform's own Ed25519 is asked: verifiers differ exactly in these cases, and a
// federation whose members disagree on a signature has split. Public bytes only.

import { groupOrderBytes } from './edwards25519.ts';
import { isSmallOrderEdwards } from './low-order.ts';
import type { PrimeOrderCheck } from './prime-order.ts';

/**
 * 64 bytes R ‖ S with S < L (else S + L is a second signature, RFC 8032 section 5.1.7) and R not of small order. That R is canonical
 * needs no check: the equation without the cofactor compares it with a canonical encoding.
 */
export function isStrictSignature(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  return isBelowGroupOrder(signature.subarray(32)) && !isSmallOrderEdwards(signature.subarray(0, 32));
}

/** Little-endian: the highest byte that differs decides. */
function isBelowGroupOrder(scalar: Uint8Array): boolean {
  for (let i = 31; i >= 0; i -= 1) {
    const difference = (scalar[i] ?? 0) - (groupOrderBytes[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** Public keys found good, each with the platform's handle for it; the oldest goes first. A bad key is never kept. */
export class AcceptedKeys<Handle> {
  readonly #limit: number;
  readonly #isPrimeOrderPoint: PrimeOrderCheck;
  readonly #import: (publicKey: Uint8Array) => Handle;
  readonly #handles = new Map<string, Handle>();

  constructor(isPrimeOrderPoint: PrimeOrderCheck, importKey: (publicKey: Uint8Array) => Handle, limit = 4096) {
    this.#isPrimeOrderPoint = isPrimeOrderPoint;
    this.#import = importKey;
    this.#limit = limit;
  }

  /** The handle for a public key that is the canonical encoding of a point of prime order; undefined for any other bytes. */
  find(publicKey: Uint8Array): Handle | undefined {
    if (publicKey.length !== 32) return undefined;
    // One character a byte: a name as good as hexadecimal, made at once.
    const name = String.fromCharCode(...publicKey);
    const known = this.#handles.get(name);
    if (known !== undefined) return known;
    if (!this.#isPrimeOrderPoint(publicKey)) return undefined;
    const handle = this.#import(publicKey);
    if (this.#handles.size >= this.#limit) {
      for (const oldest of this.#handles.keys()) {
        this.#handles.delete(oldest);
        break;
      }
    }
    this.#handles.set(name, handle);
    return handle;
  }
}
