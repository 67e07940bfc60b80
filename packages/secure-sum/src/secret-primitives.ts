// The platform's primitives for those who hold keys: participants and committee members. Structurally typed: packages/platform
// implements it, with `{ ...nodePrimitives(), secretKeys: SecretKey }`. No import path from the coordinator reaches this file.
//
// Fresh keys are made from randomBytes and not by the platform's generators, so that a whole run follows from one seed in a test.

import { ParameterError } from './errors.ts';
import type { KeyAgreement, PublicPrimitives, Signer } from './primitives.ts';

export type SecretKeyKind = 'x25519' | 'ed25519';

/** A private key that does not print or serialise; expose() gives a copy of its 32 bytes on purpose. */
export interface SecretKey<Kind extends SecretKeyKind = SecretKeyKind> {
  readonly kind: Kind;
  readonly wiped: boolean;
  expose(): Uint8Array<ArrayBuffer>;
  wipe(): void;
}

export interface SecretKeys {
  /** Copies `bytes`; the caller wipes its own. */
  fromBytes<Kind extends SecretKeyKind>(kind: Kind, bytes: Uint8Array): SecretKey<Kind>;
}

export interface AeadInput {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly associatedData: Uint8Array;
}

export interface SecretPrimitives extends PublicPrimitives {
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  /** RFC 8439 section 2.8; open answers undefined where the tag does not fit. */
  readonly chacha20Poly1305: {
    seal(input: AeadInput, plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
    open(input: AeadInput, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  };
  readonly x25519: {
    derivePublicKey(secretKey: SecretKey<'x25519'>): Promise<Uint8Array<ArrayBuffer>>;
    diffieHellman(secretKey: SecretKey<'x25519'>, publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  };
  readonly ed25519: PublicPrimitives['ed25519'] & {
    derivePublicKey(secretKey: SecretKey<'ed25519'>): Promise<Uint8Array<ArrayBuffer>>;
    sign(secretKey: SecretKey<'ed25519'>, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  };
  readonly secretKeys: SecretKeys;
}

/** An identity that is held here as a secret key. */
export async function signerOf(primitives: SecretPrimitives, secretKey: SecretKey<'ed25519'>): Promise<Signer> {
  const publicKey = await primitives.ed25519.derivePublicKey(secretKey);
  return Object.freeze({ publicKey, sign: (message: Uint8Array) => primitives.ed25519.sign(secretKey, message) });
}

/** A key for agreement that is held here as a secret key. */
export async function agreementOf(primitives: SecretPrimitives, secretKey: SecretKey<'x25519'>): Promise<KeyAgreement> {
  const publicKey = await primitives.x25519.derivePublicKey(secretKey);
  return Object.freeze({
    publicKey,
    agree: (peerPublicKey: Uint8Array) => primitives.x25519.diffieHellman(secretKey, peerPublicKey),
  });
}

/**
 * Random bytes, the caller's to wipe. A generator that failed gives nothing, too little or zeros: refused, since whatever follows would
 * stand on it (attack 74). 16 zeros happen once in 2^128.
 */
export function freshSecretBytes(
  primitives: Pick<SecretPrimitives, 'randomBytes'>,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = primitives.randomBytes(length);
  if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
    throw new ParameterError(`the randomness handed in gave no ${length} bytes`);
  }
  if (length >= 16 && bytes.every((byte) => byte === 0)) {
    throw new ParameterError('the randomness handed in gave zeros');
  }
  return bytes;
}

/** A fresh secret key from the randomness handed in. */
export function freshSecretKey<Kind extends SecretKeyKind>(primitives: SecretPrimitives, kind: Kind): SecretKey<Kind> {
  const bytes = freshSecretBytes(primitives, 32);
  const key = primitives.secretKeys.fromBytes(kind, bytes);
  bytes.fill(0);
  return key;
}
