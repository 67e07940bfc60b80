// The contract can fail: each of these planted breaks is a mistake someone has shipped, and the clause named must see it.

import { createDecipheriv, createPublicKey, diffieHellman, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex } from './bytes.contract.ts';
import { nodePrimitives } from './node.ts';
import { clauses } from './primitives.contract.ts';
import { type Primitives, SecretKey } from './primitives.ts';

const good = nodePrimitives();

interface Break {
  readonly what: string;
  /** Words of the clause that must fail. */
  readonly seenBy: string;
  readonly broken: Partial<Primitives>;
}

const publicKeyObject = (crv: 'X25519' | 'Ed25519', bytes: Uint8Array) =>
  createPublicKey({ key: { kty: 'OKP', crv, x: Buffer.from(bytes).toString('base64url') }, format: 'jwk' });

const stubbornIdentities = new Map<SecretKey, SecretKey<'ed25519'>>();

const breaks: readonly Break[] = [
  {
    what: 'randomness that stops after the 64 KiB getRandomValues gives',
    seenBy: 'random bytes come in any length',
    broken: {
      randomBytes: (length) => {
        const bytes = new Uint8Array(length);
        bytes.set(good.randomBytes(Math.min(length, 65_536)));
        return bytes;
      },
    },
  },
  {
    what: 'a ChaCha20 whose counter wraps at the end of its stream',
    seenBy: 'refuses to pass it',
    broken: {
      chacha20: (key, nonce, counter, out) => {
        const fitting = Math.min(out.length, (2 ** 32 - counter) * 64);
        good.chacha20(key, nonce, counter, out.subarray(0, fitting));
        good.chacha20(key, nonce, 0, out.subarray(fitting));
      },
    },
  },
  {
    what: 'a ChaCha20 that fills the whole buffer under a view',
    seenBy: 'exactly into the view',
    broken: {
      chacha20: (key, nonce, counter, out) => {
        good.chacha20(key, nonce, counter, out);
        if (out.byteOffset > 0) new Uint8Array(out.buffer)[out.byteOffset - 1]! ^= 1;
      },
    },
  },
  {
    what: 'a SHA-256 that takes text, as Node alone does',
    seenBy: 'no Uint8Array is refused everywhere',
    broken: { sha256: (...chunks) => good.sha256(...chunks.map((chunk) => Buffer.from(chunk))) },
  },
  {
    what: 'an HMAC that cuts long keys instead of hashing them',
    seenBy: 'RFC 4231',
    broken: { hmacSha256: (key, ...chunks) => good.hmacSha256(key.subarray(0, 64), ...chunks) },
  },
  {
    what: 'a comparison that looks at the first 16 bytes',
    seenBy: 'timingSafeEqual sees every single bit',
    broken: { timingSafeEqual: (a, b) => good.timingSafeEqual(a.subarray(0, 16), b.subarray(0, 16)) },
  },
  {
    what: 'an AEAD that hands out plaintext before it looks at the tag',
    seenBy: 'opens nothing when one bit',
    broken: {
      chacha20Poly1305: {
        ...good.chacha20Poly1305,
        open: ({ key, nonce }, sealed) =>
          new Uint8Array(
            createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 }).update(sealed.subarray(0, -16)),
          ),
      },
    },
  },
  {
    what: 'an AEAD that forgets the associated data',
    seenBy: 'opens nothing when one bit',
    broken: {
      chacha20Poly1305: {
        seal: (input, plaintext) =>
          good.chacha20Poly1305.seal({ ...input, associatedData: new Uint8Array(0) }, plaintext),
        open: (input, sealed) => good.chacha20Poly1305.open({ ...input, associatedData: new Uint8Array(0) }, sealed),
      },
    },
  },
  {
    what: 'an X25519 that answers low-order points with zeros',
    seenBy: 'every point of low order',
    broken: {
      x25519: {
        ...good.x25519,
        diffieHellman: async (secretKey, publicKey) => {
          try {
            const pair = await good.x25519.generate();
            diffieHellman({
              privateKey: await nodeHandle(pair.secretKey),
              publicKey: publicKeyObject('X25519', publicKey),
            });
          } catch {
            return new Uint8Array(32);
          }
          return good.x25519.diffieHellman(secretKey, publicKey);
        },
      },
    },
  },
  {
    what: 'OpenSSL’s own verification, which takes public keys of small order',
    seenBy: 'public keys of small order',
    broken: { ed25519: { ...good.ed25519, verify: opensslVerify } },
  },
  {
    what: 'OpenSSL’s own verification, which takes public keys of mixed order',
    seenBy: 'public keys of mixed order',
    broken: { ed25519: { ...good.ed25519, verify: opensslVerify } },
  },
  {
    what: 'OpenSSL’s own verification, which takes R of small order',
    seenBy: 'R of small order',
    broken: { ed25519: { ...good.ed25519, verify: opensslVerify } },
  },
  {
    what: 'a verification that reduces S modulo L first',
    seenBy: 'S + L',
    broken: {
      ed25519: {
        ...good.ed25519,
        verify: async (publicKey, message, signature) => {
          const order = 2n ** 252n + 27742317777372353535851937790883648493n;
          const hex = Buffer.from(signature.slice(32).reverse()).toString('hex');
          const reduced = (BigInt(`0x${hex || '0'}`) % order).toString(16).padStart(64, '0');
          const fixed = new Uint8Array([...signature.subarray(0, 32), ...fromHex(reduced).reverse()]);
          return good.ed25519.verify(publicKey, message, fixed);
        },
      },
    },
  },
  {
    what: 'secret keys that carry their bytes in the open',
    seenBy: 'print and serialise as nothing but their kind',
    broken: {
      x25519: {
        ...good.x25519,
        generate: async () => {
          const { secretKey, publicKey } = await good.x25519.generate();
          const open = Object.create(secretKey, {
            bytes: { value: secretKey.expose(), enumerable: true },
            kind: { value: 'x25519', enumerable: true },
          });
          return { secretKey: open, publicKey };
        },
      },
    },
  },
  {
    what: 'a platform that goes on signing with its handle after wipe()',
    seenBy: 'a wiped secret key does nothing more',
    broken: {
      ed25519: {
        ...good.ed25519,
        sign: (secretKey, message) => {
          const kept = stubbornIdentities.get(secretKey) ?? SecretKey.fromBytes('ed25519', secretKey.expose());
          stubbornIdentities.set(secretKey, kept);
          return good.ed25519.sign(kept, message);
        },
      },
    },
  },
];

async function opensslVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (publicKey.length !== 32) return false;
  return verify(null, message, publicKeyObject('Ed25519', publicKey), signature);
}

async function nodeHandle(secretKey: SecretKey) {
  const { createPrivateKey } = await import('node:crypto');
  const frame = fromHex('302e020100300506032b656e04220420');
  return createPrivateKey({ key: Buffer.from([...frame, ...secretKey.expose()]), format: 'der', type: 'pkcs8' });
}

describe('the contract of Primitives catches', () => {
  for (const { what, seenBy, broken } of breaks) {
    test(what, async () => {
      const clause = clauses.find(({ name }) => name.includes(seenBy));
      expect(clause, seenBy).toBeDefined();
      await expect((async () => clause?.holds(good))()).resolves.toBeUndefined();
      await expect((async () => clause?.holds({ ...good, ...broken }))()).rejects.toThrow();
    });
  }
});
