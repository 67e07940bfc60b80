// An Ed25519 key from a file that somebody chose: PEM (PKCS #8), as `sumus keys` and openssl write it. It is held in this page's memory until the
// page closes, and in nothing that outlives it.

import { type Primitives, SecretKey } from '@sumus/platform/primitives';
import { loadWebPrimitives } from '@sumus/platform/web';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';

/** RFC 8410: what stands before the 32 bytes. */
const HEAD: Uint8Array = Uint8Array.of(
  0x30,
  0x2e,
  0x02,
  0x01,
  0,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x70,
  0x04,
  0x22,
  0x04,
  0x20,
);

let loading: Promise<Primitives> | undefined;

export function webPrimitives(): Promise<Primitives> {
  loading ??= loadWebPrimitives();
  return loading;
}

/** Throws where the text is no such key, and does not quote it. */
export async function signerOfPem(text: string): Promise<Signer> {
  const body = /-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----/.exec(text)?.[1];
  const refuse = (): never => {
    throw new RangeError('this file is no Ed25519 key in PEM, such as owner.pem');
  };
  if (body === undefined) return refuse();
  const der = Uint8Array.from(atob(body.replace(/\s/g, '')), (letter) => letter.charCodeAt(0));
  if (der.length !== HEAD.length + 32 || HEAD.some((byte, at) => der[at] !== byte)) return refuse();
  const secret = SecretKey.fromBytes('ed25519', der.slice(HEAD.length));
  der.fill(0);
  return signerOf({ ...(await webPrimitives()), secretKeys: SecretKey }, secret);
}

/** For who has no key: made for this page, and forgotten with it. */
export async function passingSigner(): Promise<Signer> {
  const primitives = { ...(await webPrimitives()), secretKeys: SecretKey };
  return signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
}
