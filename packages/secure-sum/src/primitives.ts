// The part of a platform's primitives that everybody here needs, the coordinator too: hashes, derivation, streams, signatures
// that are checked. Structurally typed: packages/platform implements it, and so nothing is imported. What holds keys is in
// secret-primitives.ts, which no import path from the coordinator reaches; keys that only act appear as Signer and KeyAgreement.

export interface Hashing {
  /** SHA-256 (FIPS 180-4) of the concatenation of the chunks. Boundaries do not count: frame them (canonical/delimited.ts). */
  sha256(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** The same of one long value, where the platform is faster by promise (browsers are, eight times); sha256 does where it is missing. */
  sha256OfMany?(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}

export interface PublicPrimitives extends Hashing {
  /** HMAC-SHA-256 (RFC 2104) of the concatenation of the chunks. */
  hmacSha256(key: Uint8Array, ...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
  /** HKDF-SHA-256 (RFC 5869): at most 255 · 32 bytes. */
  hkdfSha256(input: {
    readonly secret: Uint8Array;
    readonly salt: Uint8Array;
    readonly info: Uint8Array;
    readonly length: number;
  }): Uint8Array<ArrayBuffer>;
  /** Raw ChaCha20 keystream (RFC 8439) from block `counter` on, written into `out`. */
  chacha20(key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array): void;
  /** The same taken piece after piece, on platforms that are faster so: whole blocks of 64 bytes, but for the last piece. */
  chacha20Stream?(
    key: Uint8Array,
    nonce: Uint8Array,
    counter: number,
  ): {
    fill(out: Uint8Array): void;
    /** Wipes what it holds. */
    end(): void;
  };
  /** Time depends on the lengths only. */
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
  readonly ed25519: {
    /** Strict (canonical, prime order, S < L, no cofactor); anything else is false, nothing throws. */
    verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
  };
}

/** An Ed25519 identity that can sign; where the key lies is its owner's business. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** An X25519 key that can agree; where the key lies is its owner's business. */
export interface KeyAgreement {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 32 bytes shared with the owner of `peerPublicKey`: not uniform, the caller's to wipe. Throws on a point of low order. */
  agree(peerPublicKey: Uint8Array): Promise<Uint8Array>;
}

export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const HASH_BYTES = 32;
