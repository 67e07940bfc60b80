// The DER frame (RFC 8410 section 7) around a raw 32-byte private key of Curve25519: a fixed prefix, so that no ASN.1 is parsed.

import type { SecretKeyKind } from './secret-key.ts';

/** How many bytes stand before the key. */
export const pkcs8FrameLength: number = 16;

/** The last arc of the object identifiers 1.3.101.110 (X25519) and 1.3.101.112 (Ed25519). */
const identifier: Readonly<Record<SecretKeyKind, number>> = { x25519: 0x6e, ed25519: 0x70 };

/** PKCS #8 version 1 without attributes. The result is secret: the caller wipes it. */
export function pkcs8Of(kind: SecretKeyKind, secret: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pkcs8FrameLength + secret.length);
  bytes.set([
    0x30,
    0x2e,
    0x02,
    0x01,
    0x00,
    0x30,
    0x05,
    0x06,
    0x03,
    0x2b,
    0x65,
    identifier[kind],
    0x04,
    0x22,
    0x04,
    0x20,
  ]);
  bytes.set(secret, pkcs8FrameLength);
  return bytes;
}
