// The one interface behind which a platform's fast primitives stand; node.ts and web.ts implement it, with equal bytes.
// Libraries take (a structural part of) it as an argument and so never touch the platform themselves.
// Synchronous where the hot path needs it; X25519 and Ed25519 return promises because WebCrypto does.
// Members use no `this`: `const { chacha20 } = primitives` is fine. Byte arguments are read, never kept, never changed.
// Anything but a Uint8Array, a wrong length or range is a ParameterError; a peer's unusable public key a MalformedMessage; a bad tag
// or signature a value.

import type { SecretKey, SecretKeyKind } from './secret-key.ts';

export { MalformedMessage, ParameterError, UnsupportedPlatform } from './errors.ts';
export { SecretKey, type SecretKeyKind } from './secret-key.ts';

export interface Primitives {
  /** Who answers: 'node' (OpenSSL) or 'web' (WebCrypto and WebAssembly). For reports, never for deciding. */
  readonly platform: 'node' | 'web';

  /** `length` fresh bytes of the platform's cryptographic generator; any length that memory allows, 0 included. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>;

  /**
   * Fills `out` with the raw ChaCha20 keystream of RFC 8439 section 2.4 from block `counter` (bytes 64 · counter …).
   * `key` 32 bytes, secret; `nonce` 12 bytes; `counter` in [0, 2^32). One (key, nonce) has 2^32 blocks = 256 GiB: a request
   * that passes the end is refused before anything is written (OpenSSL would silently carry into the nonce).
   */
  chacha20(key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array): void;

  /**
   * The same keystream taken piece after piece, on platforms that are faster so (Node is: 25 ciphers less a stream of 3 MB).
   * It refuses what chacha20 refuses, of each piece when it is asked for.
   */
  chacha20Stream?(key: Uint8Array, nonce: Uint8Array, counter: number): KeyStream;

  /** SHA-256 (FIPS 180-4) of the concatenation of `chunks`: 32 bytes. Boundaries between chunks do not count: frame them yourself. */
  sha256(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;

  /**
   * The same digest of many bytes (a model, an encrypted vector), by whatever is fastest here: a browser's own SHA-256 answers only by
   * promise, and takes a megabyte in an eighth of the time. `bytes` must not change until it has answered.
   */
  sha256OfMany(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;

  /** HMAC-SHA-256 (RFC 2104) of the concatenation of `chunks`: 32 bytes. `key` of any length, secret. */
  hmacSha256(key: Uint8Array, ...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;

  /** HKDF-SHA-256 (RFC 5869), extract then expand: `length` bytes, at most 255 · 32. */
  hkdfSha256(input: HkdfInput): Uint8Array<ArrayBuffer>;

  /** Are they equal? Time depends on the lengths (public) only; different lengths are simply unequal. */
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;

  /** ChaCha20-Poly1305 (RFC 8439 section 2.8). */
  readonly chacha20Poly1305: Aead;
  readonly x25519: X25519;
  readonly ed25519: Ed25519;
}

/** Holds a copy of its key in the platform's memory until end(). */
export interface KeyStream {
  /** Fills `out` with the bytes that follow. Whole blocks of 64, but for the last piece. */
  fill(out: Uint8Array): void;
  /** Wipes what it holds. Any number of times; nothing is filled afterwards. */
  end(): void;
}

export interface HkdfInput {
  /** The input keying material, secret; any length. */
  readonly secret: Uint8Array;
  /** Public; may be empty, which RFC 5869 takes for 32 zeros. */
  readonly salt: Uint8Array;
  /** Public; says what the output is for; any length. */
  readonly info: Uint8Array;
  readonly length: number;
}

export interface AeadInput {
  /** 32 bytes, secret. */
  readonly key: Uint8Array;
  /** 12 bytes; never twice under one key, or both plaintexts and the tag key are lost. */
  readonly nonce: Uint8Array;
  /** Authenticated, not encrypted; may be empty. */
  readonly associatedData: Uint8Array;
}

export interface Aead {
  /** Ciphertext ‖ 16-byte tag. */
  seal(input: AeadInput, plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * The plaintext, or undefined when `sealed` was not sealed under this very input (shorter than a tag included): hostile
   * bytes are an expected outcome, and the type makes the caller look. No byte of plaintext leaves before the tag is checked.
   */
  open(input: AeadInput, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
}

export interface KeyPair<Kind extends SecretKeyKind> {
  readonly secretKey: SecretKey<Kind>;
  /** 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** RFC 7748 section 6.1, on raw 32-byte keys. */
export interface X25519 {
  generate(): Promise<KeyPair<'x25519'>>;
  derivePublicKey(secretKey: SecretKey<'x25519'>): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The 32-byte shared secret: not uniform, so put it through HKDF together with both public keys. As RFC 7748 demands the
   * top bit of `publicKey` is ignored and u ≥ p is reduced: a public key has several encodings, so never identify a peer by it alone.
   * A wrong length is MalformedMessage E_KEY; a point of low order, or an all-zero secret, is MalformedMessage E_LOWORDER.
   */
  diffieHellman(secretKey: SecretKey<'x25519'>, publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
}

/** RFC 8032 section 5.1 (pure Ed25519), on raw 32-byte keys and 64-byte signatures. */
export interface Ed25519 {
  generate(): Promise<KeyPair<'ed25519'>>;
  derivePublicKey(secretKey: SecretKey<'ed25519'>): Promise<Uint8Array<ArrayBuffer>>;
  sign(secretKey: SecretKey<'ed25519'>, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Strict, so that every platform says the same: the public key must be the canonical encoding of a point of prime order, R
   * canonical and not of small order, S < L, and the equation holds without the cofactor. Anything else, a wrong length
   * included, is false: nothing a peer sends throws. The first look at a public key costs about a millisecond.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}
