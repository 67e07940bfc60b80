// Node's OpenSSL and the web's kernels give the same bytes on the same input: random lengths, counters and keys, fixed seed.
// SUMUS_FULL=1 runs forty times as many.

import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { patterned, toHex } from './bytes.contract.ts';
import { bytesOf } from './naive-edwards25519.contract.ts';
import { nodePrimitives } from './node.ts';
import { SecretKey } from './primitives.ts';
import { loadWebPrimitives } from './web.ts';

const node = nodePrimitives();
const web = await loadWebPrimitives();
const rounds = process.env['SUMUS_FULL'] === '1' ? 4000 : 100;

/** A length that is often near a block's or a piece's edge; from a 32-bit seed. */
function lengthOf(seed: number): number {
  const bytes = patterned(4, seed);
  const edge = [0, 64, 256, 4096, 65_536, 131_072][bytes[0]! % 6]!;
  return Math.max(0, edge + (bytes[1]! % 130) - 65);
}

describe('node.ts and web.ts agree', () => {
  test('on ChaCha20, whatever the length and the counter, to the end of the stream', () => {
    for (let seed = 1; seed <= rounds; seed += 1) {
      const [key, nonce] = [patterned(32, seed), patterned(12, seed + 7)];
      const length = lengthOf(seed);
      const drawn = new DataView(patterned(4, seed + 13).buffer).getUint32(0);
      const counter = Math.min(drawn, 2 ** 32 - Math.ceil(length / 64));
      const last = Math.min(2 ** 32 - 1, 2 ** 32 - Math.ceil(length / 64));
      for (const from of [counter, seed % 5 === 0 ? last : 0]) {
        const [a, b] = [new Uint8Array(length), new Uint8Array(length)];
        node.chacha20(key, nonce, from, a);
        web.chacha20(key, nonce, from, b);
        expect(Buffer.compare(a, b), `length ${length}, counter ${from}`).toBe(0);
      }
    }
  });

  test('on SHA-256, HMAC and HKDF', () => {
    for (let seed = 1; seed <= rounds; seed += 1) {
      const message = patterned(lengthOf(seed), seed);
      const key = patterned(seed % 200, seed);
      expect(toHex(node.sha256(key, message))).toBe(toHex(web.sha256(key, message)));
      expect(toHex(node.hmacSha256(key, message))).toBe(toHex(web.hmacSha256(key, message)));
      const input = { secret: key, salt: patterned(seed % 90), info: patterned(seed % 70), length: (seed * 37) % 400 };
      expect(toHex(node.hkdfSha256(input))).toBe(toHex(web.hkdfSha256(input)));
    }
  });

  test('on ChaCha20-Poly1305, each opening what the other sealed', () => {
    for (let seed = 1; seed <= rounds; seed += 1) {
      const input = {
        key: patterned(32, seed),
        nonce: patterned(12, seed),
        associatedData: patterned(lengthOf(seed + 1) % 500, seed),
      };
      const plaintext = patterned(lengthOf(seed), seed);
      const sealed = node.chacha20Poly1305.seal(input, plaintext);
      expect(Buffer.compare(sealed, web.chacha20Poly1305.seal(input, plaintext))).toBe(0);
      expect(Buffer.compare(web.chacha20Poly1305.open(input, sealed)!, plaintext)).toBe(0);
      expect(Buffer.compare(node.chacha20Poly1305.open(input, sealed)!, plaintext)).toBe(0);
    }
  });

  test('on X25519 and Ed25519, with keys that either of them generated', async () => {
    for (let round = 0; round < Math.ceil(rounds / 10); round += 1) {
      const [one, two] = [await node.x25519.generate(), await web.x25519.generate()];
      expect(toHex(await node.x25519.diffieHellman(one.secretKey, two.publicKey))).toBe(
        toHex(await web.x25519.diffieHellman(two.secretKey, one.publicKey)),
      );
      const message = patterned(round * 11, round);
      for (const { secretKey, publicKey } of [await node.ed25519.generate(), await web.ed25519.generate()]) {
        const signature = await node.ed25519.sign(secretKey, message);
        expect(toHex(await web.ed25519.sign(secretKey, message))).toBe(toHex(signature));
        expect(toHex(await node.ed25519.derivePublicKey(secretKey))).toBe(toHex(publicKey));
        expect(toHex(await web.ed25519.derivePublicKey(secretKey))).toBe(toHex(publicKey));
        expect(await node.ed25519.verify(publicKey, message, signature)).toBe(true);
        expect(await web.ed25519.verify(publicKey, message, signature)).toBe(true);
      }
    }
  });
});

test('should the list of low-order points ever miss one, OpenSSL itself refuses the all-zero secret', () => {
  const { privateKey } = generateKeyPairSync('x25519');
  for (const u of [0n, 1n, 2n ** 255n - 20n, 2n ** 255n - 19n, 2n ** 255n - 18n]) {
    const x = Buffer.from(bytesOf(u)).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    expect(() => diffieHellman({ privateKey, publicKey })).toThrow();
  }
});

test('Node’s console prints a secret key as its kind, however deep it looks', () => {
  const secretKey = SecretKey.fromBytes('x25519', patterned(32));
  expect(inspect(secretKey, { showHidden: true, depth: 9 })).toBe('SecretKey(x25519)');
  expect(inspect({ pair: { secretKey } }, { showHidden: true, depth: 9 })).not.toMatch(/Uint8Array|bytes/);
});
