// The primitives on Node: OpenSSL through node:crypto. Start here for what each member means on this platform.
// It refuses what web.ts refuses, in the same words (argument-checks.ts), and gives the same bytes (agreement.test.ts).

import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash as hashAtOnce,
  type KeyObject,
  randomFillSync,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { MessageChannel } from 'node:worker_threads';
import {
  requireAead,
  requireByteCount,
  requireBytes,
  requireChaCha20,
  requireChunks,
  requireKind,
  requirePeerKey,
} from './argument-checks.ts';
import { ParameterError } from './errors.ts';
import { hkdfOver } from './hkdf.ts';
import { pkcs8FrameLength, pkcs8Of } from './pkcs8.ts';
import { type PrimeOrderCheck, primeOrderCheck } from './prime-order.ts';
import type { Aead, AeadInput, Ed25519, KeyPair, KeyStream, Primitives, X25519 } from './primitives.ts';
import { SecretKey, type SecretKeyKind } from './secret-key.ts';
import { AcceptedKeys, isStrictSignature } from './strict-signatures.ts';

/** The primitives of this Node process. Each call gives an independent set, with its own memory of accepted public keys. */
export function nodePrimitives(): Primitives {
  return Object.freeze<Primitives>({
    platform: 'node',
    randomBytes,
    chacha20,
    chacha20Stream,
    sha256,
    sha256OfMany: async (bytes) => sha256(bytes),
    hmacSha256,
    hkdfSha256: (input) => hkdfOver(hmacSha256, input),
    timingSafeEqual: (a, b) => {
      requireChunks('what is compared', [a, b]);
      return a.length === b.length && timingSafeEqual(a, b);
    },
    chacha20Poly1305,
    x25519: x25519Of(new Handles()),
    ed25519: ed25519Of(new Handles()),
  });
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  requireByteCount('a number of random bytes', length);
  return randomFillSync(new Uint8Array(length));
}

/**
 * OpenSSL encrypts these zeros into the keystream. 120 KiB a call: smaller ones pay for calls, and from 128 KiB on every buffer is a
 * mapping of its own, whose pages the system makes afresh.
 */
const zeros = new Uint8Array(122_880);

function chacha20(key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array): void {
  requireChaCha20(key, nonce, counter, out);
  fill(chacha20Cipher(key, nonce, counter), out);
}

function chacha20Stream(key: Uint8Array, nonce: Uint8Array, counter: number): KeyStream {
  requireChaCha20(key, nonce, counter, new Uint8Array(0));
  let cipher: Cipher | undefined = chacha20Cipher(key, nonce, counter);
  let block = counter;
  return Object.freeze<KeyStream>({
    fill(out) {
      if (cipher === undefined) throw new ParameterError('E_KEY', 'a keystream that has ended');
      requireChaCha20(key, nonce, block, out);
      block = out.length % 64 === 0 ? block + out.length / 64 : Number.NaN;
      fill(cipher, out);
    },
    end() {
      // OpenSSL overwrites the key with the cipher.
      cipher?.final();
      cipher = undefined;
    },
  });
}

type Cipher = ReturnType<typeof createCipheriv>;

function chacha20Cipher(key: Uint8Array, nonce: Uint8Array, counter: number): Cipher {
  // OpenSSL's 16-byte IV is the last row of the state: counter (little-endian) ‖ nonce. It takes counter ‖ nonce[0..4) for one
  // 64-bit counter and would carry into the nonce; requireChaCha20 has refused every request that gets there.
  const row = new Uint8Array(16);
  new DataView(row.buffer).setUint32(0, counter, true);
  row.set(nonce, 4);
  return createCipheriv('chacha20', key, row);
}

function fill(cipher: Cipher, out: Uint8Array): void {
  for (let offset = 0; offset < out.length; offset += zeros.length) {
    const length = Math.min(zeros.length, out.length - offset);
    const piece = cipher.update(length === zeros.length ? zeros : zeros.subarray(0, length));
    out.set(piece, offset);
    if (length >= worthReturning) giveBack(piece);
  }
}

/** Where what is sent goes to nobody. */
const { port1: closed } = new MessageChannel();
closed.close();

/** A message costs some microseconds. */
const worthReturning = 8192;

/**
 * Frees a buffer at once. OpenSSL's answers come in buffers that the collector frees, some 32 MB of them at a time: by then the
 * processor has forgotten them and the system has taken pages back, so each stream went through fresh memory, and the more the process
 * holds, the more every collection costs. A transfer detaches the buffer, also where the message goes nowhere (HTML, "StructuredSerializeWithTransfer"),
 * and a message that nobody gets is freed with what is in it. Without this a stream beside a large heap took three times as long.
 */
function giveBack({ buffer, byteLength }: Buffer): void {
  // Never a buffer that others share.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) closed.postMessage(undefined, [buffer]);
}

function sha256(...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  requireChunks('what is hashed', chunks);
  // At once where there is one chunk: a quarter less for the many that are short.
  if (chunks.length === 1) return new Uint8Array(hashAtOnce('sha256', chunks[0]!, 'buffer'));
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return new Uint8Array(hash.digest());
}

function hmacSha256(key: Uint8Array, ...chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  requireBytes('an HMAC key', key);
  requireChunks('what is hashed', chunks);
  const hmac = createHmac('sha256', key);
  for (const chunk of chunks) hmac.update(chunk);
  return new Uint8Array(hmac.digest());
}

const aeadName = 'chacha20-poly1305';
const tagLength = 16;

const chacha20Poly1305: Aead = Object.freeze<Aead>({
  seal(input: AeadInput, plaintext: Uint8Array): Uint8Array<ArrayBuffer> {
    requireAead(input, plaintext);
    const cipher = createCipheriv(aeadName, input.key, input.nonce, { authTagLength: tagLength });
    cipher.setAAD(input.associatedData, { plaintextLength: plaintext.length });
    const sealed = new Uint8Array(plaintext.length + tagLength);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },
  open(input: AeadInput, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    requireAead(input, sealed);
    if (sealed.length < tagLength) return undefined;
    const length = sealed.length - tagLength;
    const decipher = createDecipheriv(aeadName, input.key, input.nonce, { authTagLength: tagLength });
    decipher.setAAD(input.associatedData, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const unchecked = decipher.update(sealed.subarray(0, length));
    try {
      decipher.final();
    } catch {
      // final() fails for one reason: the tag, which OpenSSL compared in constant time. Nothing was handed out.
      unchecked.fill(0);
      return undefined;
    }
    const plaintext = new Uint8Array(length);
    plaintext.set(unchecked);
    unchecked.fill(0);
    return plaintext;
  },
});

/** OpenSSL's handles for secret keys: made once, dropped by the key's wipe(). */
class Handles {
  readonly #handles = new WeakMap<SecretKey, KeyObject>();
  readonly #publicKeys = new WeakMap<KeyObject, Uint8Array<ArrayBuffer>>();

  of(key: SecretKey): KeyObject {
    const known = this.#handles.get(key);
    if (known !== undefined) return known;
    // A JSON Web Key would import ten times faster (35 against 350 µs), but leave the secret in a string nobody can wipe.
    const raw = key.expose();
    const der = pkcs8Of(key.kind, raw);
    const handle = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
    raw.fill(0);
    der.fill(0);
    return this.#keep(key, handle);
  }

  generate<Kind extends SecretKeyKind>(kind: Kind): KeyPair<Kind> {
    const { privateKey } = kind === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('ed25519');
    const der = privateKey.export({ format: 'der', type: 'pkcs8' });
    const secretKey = SecretKey.fromBytes(kind, der.subarray(pkcs8FrameLength));
    der.fill(0);
    return { secretKey, publicKey: publicKeyOf(this.#keep(secretKey, privateKey)) };
  }

  /** A copy; found once a key, because OpenSSL exports it a hundred times slower than it is copied. */
  publicKeyOf(key: SecretKey): Uint8Array<ArrayBuffer> {
    const handle = this.of(key);
    const known = this.#publicKeys.get(handle);
    if (known !== undefined) return new Uint8Array(known);
    const found = publicKeyOf(handle);
    this.#publicKeys.set(handle, found);
    return new Uint8Array(found);
  }

  #keep(key: SecretKey, handle: KeyObject): KeyObject {
    this.#handles.set(key, handle);
    key.onWipe(() => this.#handles.delete(key));
    return handle;
  }
}

/** By way of a JSON Web Key, which OpenSSL takes fourteen times faster than DER (5 against 73 µs). */
function importPublicKey(crv: 'X25519' | 'Ed25519', publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv, x }, format: 'jwk' });
}

function publicKeyOf(privateKey: KeyObject): Uint8Array<ArrayBuffer> {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'));
}

function x25519Of(handles: Handles): X25519 {
  return Object.freeze<X25519>({
    generate: async () => handles.generate('x25519'),
    derivePublicKey: async (secretKey) => {
      requireKind(secretKey, 'x25519');
      return handles.publicKeyOf(secretKey);
    },
    diffieHellman: async (secretKey, publicKey) => {
      requireKind(secretKey, 'x25519');
      requirePeerKey(publicKey);
      // OpenSSL itself fails on an all-zero secret (RFC 7748 section 6.1), should requirePeerKey ever miss a point.
      const privateKey = handles.of(secretKey);
      const shared = diffieHellman({ privateKey, publicKey: importPublicKey('X25519', publicKey) });
      const copy = new Uint8Array(shared);
      shared.fill(0);
      return copy;
    },
  });
}

function ed25519Of(handles: Handles): Ed25519 {
  // Compiled when the first key comes: many processes never see one.
  let check: PrimeOrderCheck | undefined;
  const isPrimeOrderPoint: PrimeOrderCheck = (encoding) => {
    check ??= primeOrderCheck();
    return check(encoding);
  };
  const accepted = new AcceptedKeys(isPrimeOrderPoint, (publicKey) => importPublicKey('Ed25519', publicKey));
  return Object.freeze<Ed25519>({
    generate: async () => handles.generate('ed25519'),
    derivePublicKey: async (secretKey) => {
      requireKind(secretKey, 'ed25519');
      return handles.publicKeyOf(secretKey);
    },
    sign: async (secretKey, message) => {
      requireKind(secretKey, 'ed25519');
      requireBytes('what is signed', message);
      return new Uint8Array(sign(null, message, handles.of(secretKey)));
    },
    verify: async (publicKey, message, signature) => {
      requireChunks('a public key, a message and a signature each', [publicKey, message, signature]);
      const key = isStrictSignature(signature) ? accepted.find(publicKey) : undefined;
      return key !== undefined && verify(null, message, key, signature);
    },
  });
}
