// ML-KEM-768 (FIPS 203), SHA3-256 and SHAKE256 (FIPS 202): what hybrid keys need beside X25519. Neither Node 20 nor today's browsers
// have them, so this door, and no other, stands on a package: @noble/post-quantum and @noble/hashes, JavaScript, the same bytes on
// every platform (docs/decisions/hybrid-boxes.md). Randomness is handed in; nothing here draws any.
//
// Refused: wrong lengths (the caller's, or of a peer's key or ciphertext), an encapsulation key that fails the modulus check of FIPS
// 203 section 7.2. A ciphertext of the right length always decapsulates, to an unrelated secret where it was changed (section 6.3).

import { sha3_256 as sha3, shake256 as shake } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { requireByteCount, requireBytes, requireChunks, requireLength } from './argument-checks.ts';
import { MalformedMessage, ParameterError } from './errors.ts';

export const ML_KEM_768_SEED_BYTES = 64;
export const ML_KEM_768_PUBLIC_KEY_BYTES = 1184;
export const ML_KEM_768_SECRET_KEY_BYTES = 2400;
export const ML_KEM_768_CIPHERTEXT_BYTES = 1088;
const COIN_BYTES = 32;

export interface MlKem768 {
  /** d ‖ z of FIPS 203 algorithm 16: 64 secret bytes. */
  keysFrom(seed: Uint8Array): {
    readonly publicKey: Uint8Array<ArrayBuffer>;
    readonly secretKey: Uint8Array<ArrayBuffer>;
  };
  /** `coins`: 32 secret bytes, never twice. */
  encapsulate(
    publicKey: Uint8Array,
    coins: Uint8Array,
  ): { readonly ciphertext: Uint8Array<ArrayBuffer>; readonly shared: Uint8Array<ArrayBuffer> };
  decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array<ArrayBuffer>;
}

export interface PostQuantumPrimitives {
  /** SHA3-256 of the concatenation of the chunks. */
  sha3_256(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  shake256(input: Uint8Array, length: number): Uint8Array<ArrayBuffer>;
  readonly mlKem768: MlKem768;
}

export function postQuantumPrimitives(): PostQuantumPrimitives {
  return Object.freeze({
    sha3_256: (...chunks: readonly Uint8Array[]) => {
      requireChunks('what is hashed', chunks);
      const hash = sha3.create();
      for (const chunk of chunks) hash.update(chunk);
      return own(hash.digest());
    },
    shake256: (input: Uint8Array, length: number) => {
      requireBytes('what is hashed', input);
      requireByteCount('a length', length);
      return own(shake(input, { dkLen: length }));
    },
    mlKem768: Object.freeze({
      keysFrom: (seed: Uint8Array) => {
        requireLength('a seed of ML-KEM-768', seed, ML_KEM_768_SEED_BYTES);
        const { publicKey, secretKey } = ml_kem768.keygen(seed);
        return { publicKey: own(publicKey), secretKey: own(secretKey) };
      },
      encapsulate: (publicKey: Uint8Array, coins: Uint8Array) => {
        requirePeerBytes('an ML-KEM-768 key', publicKey, ML_KEM_768_PUBLIC_KEY_BYTES);
        requireLength('the coins of ML-KEM-768', coins, COIN_BYTES);
        try {
          const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, coins);
          return { ciphertext: own(cipherText), shared: own(sharedSecret) };
        } catch (cause) {
          throw new MalformedMessage('E_KEY', 'an ML-KEM-768 key has a coefficient that is not below 3329', { cause });
        }
      },
      decapsulate: (ciphertext: Uint8Array, secretKey: Uint8Array) => {
        requirePeerBytes('an ML-KEM-768 ciphertext', ciphertext, ML_KEM_768_CIPHERTEXT_BYTES);
        requireLength('an ML-KEM-768 secret key', secretKey, ML_KEM_768_SECRET_KEY_BYTES);
        try {
          return own(ml_kem768.decapsulate(ciphertext, secretKey));
        } catch (cause) {
          // Its hash of the public key does not fit (section 7.3): these bytes were never a key.
          throw new ParameterError('E_KEY', `an ML-KEM-768 secret key is none: ${nameOf(cause)}`);
        }
      },
    }),
  });
}

function requirePeerBytes(what: string, bytes: Uint8Array, length: number): void {
  requireBytes(what, bytes);
  if (bytes.length !== length) throw new MalformedMessage('E_KEY', `${what} is ${length} bytes, not ${bytes.length}`);
}

const nameOf = (cause: unknown): string => (cause instanceof Error ? cause.name : 'unknown');

const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
