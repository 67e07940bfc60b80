// The primitives in a browser (and wherever globalThis.crypto and WebAssembly are: Node too, where the tests compare both).
// WebCrypto for randomness, X25519 and Ed25519; WebAssembly kernels for what must be synchronous or what WebCrypto lacks.
// It refuses to load without a secure context (no WebCrypto) or on a browser without X25519 and Ed25519.

import {
  requireAead,
  requireByteCount,
  requireBytes,
  requireChaCha20,
  requireChunks,
  requireKind,
  requirePeerKey,
} from './argument-checks.ts';
import { UnsupportedPlatform } from './errors.ts';
import { hkdfOver } from './hkdf.ts';
import { pkcs8FrameLength, pkcs8Of } from './pkcs8.ts';
import type { PrimeOrderCheck } from './prime-order.ts';
import type { Ed25519, KeyPair, Primitives, X25519 } from './primitives.ts';
import { SecretKey } from './secret-key.ts';
import { AcceptedKeys, isStrictSignature } from './strict-signatures.ts';
import { equalInConstantTime, fillKeystream, open, seal } from './web-chacha20.ts';
import { type Kernels, loadKernels } from './web-kernels.ts';
import { hmacSha256Of, prepareSha256, sha256Of } from './web-sha256.ts';

/** u = 9, the base point of RFC 7748 section 4.1. */
const basePoint = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 9 : 0));

/** Loads the kernels and makes sure that this platform can do everything; each call gives an independent set. */
export async function loadWebPrimitives(crypto: Crypto = globalThis.crypto): Promise<Primitives> {
  const subtle = await requireSubtle(crypto);
  const kernels = await loadKernels();
  prepareSha256(kernels);
  const randomBytes = (length: number): Uint8Array<ArrayBuffer> => randomBytesOf(crypto, length);
  const handleOf = handleStore(subtle);
  return Object.freeze<Primitives>({
    platform: 'web',
    randomBytes,
    chacha20: (key, nonce, counter, out) => {
      requireChaCha20(key, nonce, counter, out);
      fillKeystream(kernels, key, nonce, counter, out);
    },
    ...hashesOf(kernels),
    sha256OfMany: async (bytes) => {
      requireBytes('what is hashed', bytes);
      // A copy: WebCrypto takes no shared memory.
      return new Uint8Array(await subtle.digest('SHA-256', new Uint8Array(bytes)));
    },
    timingSafeEqual: (a, b) => {
      requireChunks('what is compared', [a, b]);
      return equalInConstantTime(a, b);
    },
    chacha20Poly1305: Object.freeze<Primitives['chacha20Poly1305']>({
      seal: (input, plaintext) => {
        requireAead(input, plaintext);
        return seal(kernels, input, plaintext);
      },
      open: (input, sealed) => {
        requireAead(input, sealed);
        return open(kernels, input, sealed);
      },
    }),
    x25519: x25519Of(subtle, handleOf, randomBytes),
    ed25519: ed25519Of(subtle, handleOf, kernels.isPrimeOrderPoint),
  });
}

async function requireSubtle(crypto: Crypto | undefined): Promise<SubtleCrypto> {
  const subtle: SubtleCrypto | undefined = crypto?.subtle;
  if (subtle === undefined) {
    throw new UnsupportedPlatform('no WebCrypto here: a page must come over https or from localhost');
  }
  try {
    // A public key of each kind is cheap to import; the base point of Ed25519 has y = 4/5.
    await subtle.importKey('raw', basePoint, { name: 'X25519' }, true, []);
    const y = Uint8Array.from({ length: 32 }, (_, index) => (index === 0 ? 0x58 : 0x66));
    await subtle.importKey('raw', y, { name: 'Ed25519' }, true, ['verify']);
  } catch (cause) {
    throw new UnsupportedPlatform('this WebCrypto lacks X25519 or Ed25519', { cause });
  }
  return subtle;
}

/** getRandomValues gives at most this many bytes a call. */
const randomPiece = 65_536;

function randomBytesOf(crypto: Crypto, length: number): Uint8Array<ArrayBuffer> {
  requireByteCount('a number of random bytes', length);
  const bytes = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += randomPiece) {
    crypto.getRandomValues(bytes.subarray(offset, Math.min(length, offset + randomPiece)));
  }
  return bytes;
}

function hashesOf(kernels: Kernels): Pick<Primitives, 'sha256' | 'hmacSha256' | 'hkdfSha256'> {
  const hmacSha256: Primitives['hmacSha256'] = (key, ...chunks) => {
    requireBytes('an HMAC key', key);
    requireChunks('what is hashed', chunks);
    return hmacSha256Of(kernels, key, chunks);
  };
  return {
    sha256: (...chunks) => {
      requireChunks('what is hashed', chunks);
      return sha256Of(kernels, chunks);
    },
    hmacSha256,
    hkdfSha256: (input) => hkdfOver(hmacSha256, input),
  };
}

/** WebCrypto's handle for a secret key, made once and dropped by the key's wipe(). Not extractable. */
type HandleOf = (key: SecretKey) => Promise<CryptoKey>;

function handleStore(subtle: SubtleCrypto): HandleOf {
  const handles = new WeakMap<SecretKey, Promise<CryptoKey>>();
  return (key) => {
    const known = handles.get(key);
    if (known !== undefined) return known;
    const handle = importSecret(subtle, key, false);
    handles.set(key, handle);
    key.onWipe(() => handles.delete(key));
    return handle;
  };
}

async function importSecret(subtle: SubtleCrypto, key: SecretKey, extractable: boolean): Promise<CryptoKey> {
  const raw = key.expose();
  const der = pkcs8Of(key.kind, raw);
  const [name, usage]: [string, KeyUsage] = key.kind === 'x25519' ? ['X25519', 'deriveBits'] : ['Ed25519', 'sign'];
  try {
    return await subtle.importKey('pkcs8', der, { name }, extractable, [usage]);
  } finally {
    raw.fill(0);
    der.fill(0);
  }
}

function x25519Of(subtle: SubtleCrypto, handleOf: HandleOf, randomBytes: Primitives['randomBytes']): X25519 {
  /** `publicKey` 32 bytes, copied because WebCrypto refuses shared memory. */
  const scalarMultiply = async (secretKey: SecretKey, publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    const handle = await handleOf(secretKey);
    const peer = await subtle.importKey('raw', new Uint8Array(publicKey), { name: 'X25519' }, false, []);
    return new Uint8Array(await subtle.deriveBits({ name: 'X25519', public: peer }, handle, 256));
  };
  const derivePublicKey: X25519['derivePublicKey'] = async (secretKey) => {
    requireKind(secretKey, 'x25519');
    // Section 6.1: the public key is X25519(a, 9). WebCrypto would give it through a JSON Web Key, private part and all.
    return scalarMultiply(secretKey, basePoint);
  };
  return Object.freeze<X25519>({
    generate: async () => {
      const raw = randomBytes(32);
      const secretKey = SecretKey.fromBytes('x25519', raw);
      raw.fill(0);
      return { secretKey, publicKey: await derivePublicKey(secretKey) };
    },
    derivePublicKey,
    diffieHellman: async (secretKey, publicKey) => {
      requireKind(secretKey, 'x25519');
      requirePeerKey(publicKey);
      // deriveBits itself fails on an all-zero secret (RFC 7748 section 6.1), should requirePeerKey ever miss a point.
      return scalarMultiply(secretKey, publicKey);
    },
  });
}

function ed25519Of(subtle: SubtleCrypto, handleOf: HandleOf, isPrimeOrderPoint: PrimeOrderCheck): Ed25519 {
  const accepted = new AcceptedKeys(isPrimeOrderPoint, (publicKey) =>
    subtle.importKey('raw', new Uint8Array(publicKey), { name: 'Ed25519' }, false, ['verify']),
  );
  return Object.freeze<Ed25519>({
    generate: () => generateEd25519(subtle),
    derivePublicKey: async (secretKey) => {
      requireKind(secretKey, 'ed25519');
      // WebCrypto's only way from seed to public key is a JSON Web Key; its `d`, a string, lives until it is collected.
      const { x } = await subtle.exportKey('jwk', await importSecret(subtle, secretKey, true));
      return publicKeyOfBase64Url(x ?? '');
    },
    sign: async (secretKey, message) => {
      requireKind(secretKey, 'ed25519');
      requireBytes('what is signed', message);
      const handle = await handleOf(secretKey);
      return new Uint8Array(await subtle.sign({ name: 'Ed25519' }, handle, new Uint8Array(message)));
    },
    verify: async (publicKey, message, signature) => {
      requireChunks('a public key, a message and a signature each', [publicKey, message, signature]);
      const key = isStrictSignature(signature) ? await accepted.find(publicKey) : undefined;
      if (key === undefined) return false;
      return subtle.verify({ name: 'Ed25519' }, key, new Uint8Array(signature), new Uint8Array(message));
    },
  });
}

async function generateEd25519(subtle: SubtleCrypto): Promise<KeyPair<'ed25519'>> {
  const pair = await subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new UnsupportedPlatform('this WebCrypto makes no Ed25519 key pairs');
  const der = new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey));
  const secretKey = SecretKey.fromBytes('ed25519', der.subarray(pkcs8FrameLength));
  der.fill(0);
  return { secretKey, publicKey: new Uint8Array(await subtle.exportKey('raw', pair.publicKey)) };
}

function publicKeyOfBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  if (binary.length !== 32)
    throw new UnsupportedPlatform('this WebCrypto exports an Ed25519 key without its public part');
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
