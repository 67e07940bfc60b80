// The contract's clauses about X25519, Ed25519 and the secret keys of both.

import { expect } from 'vitest';
import ed25519Vectors from '../vectors/ed25519.json' with { type: 'json' };
import x25519Vectors from '../vectors/x25519.json' with { type: 'json' };
import { flipped, fromHex, known, patterned, toHex } from './bytes.contract.ts';
import type { Clause } from './clause.contract.ts';
import {
  allEncodings,
  base,
  bytesOf,
  encode,
  forge,
  neutral,
  numberOf,
  order,
  plus,
  smallOrderPoints,
  times,
} from './naive-edwards25519.contract.ts';
import { MalformedMessage, ParameterError, SecretKey } from './primitives.ts';

const message = patterned(50, 9);
const p = 2n ** 255n - 19n;

/** u-coordinates of points of low order, from RFC 7748 section 7's reasoning: 0, ±1, the two of order 8; and p + 0, p + 1. */
const order8 = [
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
];
const lowOrder = [...[0n, 1n, p - 1n, p, p + 1n].map(bytesOf), ...order8.map(fromHex)];

export const curveClauses: readonly Clause[] = [
  {
    name: 'X25519 gives the shared secrets of RFC 7748',
    holds: async ({ x25519 }) => {
      for (const vector of known(x25519Vectors)) {
        const secretKey = SecretKey.fromBytes('x25519', fromHex(vector.secret));
        expect(toHex(await x25519.diffieHellman(secretKey, fromHex(vector.publicKey))), vector.name).toBe(
          vector.shared,
        );
      }
    },
  },
  {
    name: 'X25519 gives the iterated results of RFC 7748 section 5.2',
    holds: async ({ x25519 }) => {
      let [k, u] = [bytesOf(9n), bytesOf(9n)];
      for (let i = 1; i <= 1000; i += 1) {
        const secretKey = SecretKey.fromBytes('x25519', k);
        [k, u] = [await x25519.diffieHellman(secretKey, u), k];
        secretKey.wipe();
        if (i === 1) expect(toHex(k)).toBe(x25519Vectors.iterated.once);
      }
      expect(toHex(k)).toBe(x25519Vectors.iterated.thousandTimes);
    },
  },
  {
    name: 'X25519 derives the public keys of RFC 7748, and two generated pairs agree',
    holds: async ({ x25519 }) => {
      const [alice, bob] = known(x25519Vectors).slice(2);
      for (const [mine, theirs] of [
        [alice!, bob!],
        [bob!, alice!],
      ] as const) {
        expect(toHex(await x25519.derivePublicKey(SecretKey.fromBytes('x25519', fromHex(mine.secret))))).toBe(
          theirs.publicKey,
        );
      }
      const [one, two] = [await x25519.generate(), await x25519.generate()];
      expect(toHex(one.publicKey)).not.toBe(toHex(two.publicKey));
      expect(toHex(await x25519.derivePublicKey(one.secretKey))).toBe(toHex(one.publicKey));
      expect(toHex(await x25519.diffieHellman(one.secretKey, two.publicKey))).toBe(
        toHex(await x25519.diffieHellman(two.secretKey, one.publicKey)),
      );
    },
  },
  {
    name: 'X25519 refuses every encoding of every point of low order',
    holds: async ({ x25519 }) => {
      const { secretKey } = await x25519.generate();
      for (const point of lowOrder) {
        for (const encoding of [point, flipped(point, 255)]) {
          await expect(x25519.diffieHellman(secretKey, encoding), toHex(encoding)).rejects.toMatchObject({
            name: 'MalformedMessage',
            code: 'E_LOWORDER',
          });
        }
      }
    },
  },
  {
    name: 'X25519 refuses public keys of other lengths as the peer’s mistake',
    holds: async ({ x25519 }) => {
      const { secretKey } = await x25519.generate();
      for (const length of [0, 31, 33, 44]) {
        await expect(x25519.diffieHellman(secretKey, patterned(length))).rejects.toThrow(MalformedMessage);
      }
    },
  },
  {
    name: 'Ed25519 derives, signs and verifies as in RFC 8032',
    holds: async ({ ed25519 }) => {
      for (const vector of known(ed25519Vectors)) {
        const secretKey = SecretKey.fromBytes('ed25519', fromHex(vector.secret));
        const [publicKey, bytes] = [fromHex(vector.publicKey), fromHex(vector.message)];
        expect(toHex(await ed25519.derivePublicKey(secretKey)), vector.name).toBe(vector.publicKey);
        expect(toHex(await ed25519.sign(secretKey, bytes)), vector.name).toBe(vector.signature);
        expect(await ed25519.verify(publicKey, bytes, fromHex(vector.signature)), vector.name).toBe(true);
      }
    },
  },
  {
    name: 'Ed25519 verifies nothing when one bit of key, message or signature differs',
    holds: async ({ ed25519 }) => {
      const { secretKey, publicKey } = await ed25519.generate();
      const signature = await ed25519.sign(secretKey, message);
      expect(await ed25519.verify(publicKey, message, signature)).toBe(true);
      for (let bit = 0; bit < 512; bit += 1)
        expect(await ed25519.verify(publicKey, message, flipped(signature, bit))).toBe(false);
      for (let bit = 0; bit < 8 * message.length; bit += 7)
        expect(await ed25519.verify(publicKey, flipped(message, bit), signature)).toBe(false);
      for (let bit = 0; bit < 256; bit += 5)
        expect(await ed25519.verify(flipped(publicKey, bit), message, signature)).toBe(false);
    },
  },
  {
    name: 'Ed25519 says false, and throws nothing, for keys and signatures of other lengths',
    holds: async ({ ed25519 }) => {
      const { secretKey, publicKey } = await ed25519.generate();
      const signature = await ed25519.sign(secretKey, message);
      for (const length of [0, 32, 63, 65]) {
        const other = new Uint8Array(length);
        other.set(signature.subarray(0, length));
        expect(await ed25519.verify(publicKey, message, other)).toBe(false);
      }
      for (const length of [0, 31, 33]) expect(await ed25519.verify(patterned(length), message, signature)).toBe(false);
    },
  },
  {
    name: 'Ed25519 takes the forger’s oracle at its word: an honest signature made in big integers verifies',
    holds: async ({ ed25519 }) => {
      const [a, r] = [numberOf(patterned(31, 5)), numberOf(patterned(31, 6))];
      const [A, R] = [encode(times(a, base)), encode(times(r, base))];
      const { signature } = await forge({ R, A }, { r, a }, message);
      expect(await ed25519.verify(A, message, signature)).toBe(true);
    },
  },
  {
    name: 'Ed25519 refuses the second signature that S + L would be',
    holds: async ({ ed25519 }) => {
      const { secretKey, publicKey } = await ed25519.generate();
      const signature = await ed25519.sign(secretKey, message);
      const S = numberOf(signature.subarray(32));
      for (const other of [S + order, S + 2n * order, S + 7n * order, order]) {
        const malleated = Uint8Array.from([...signature.subarray(0, 32), ...bytesOf(other)]);
        expect(await ed25519.verify(publicKey, message, malleated)).toBe(false);
      }
    },
  },
  {
    name: 'Ed25519 refuses public keys of small order in every encoding, under which one signature fits many messages',
    holds: async ({ ed25519 }) => {
      // With A of order 8 and S·B = R, the equation holds whenever 8 divides h (always, for the neutral A): 40 messages find one.
      const [R, S] = [encode(times(5n, base)), bytesOf(5n)];
      const signature = Uint8Array.from([...R, ...S]);
      for (const point of smallOrderPoints) {
        for (const A of allEncodings(point)) {
          for (let i = 0; i < 40; i += 1)
            expect(await ed25519.verify(A, Uint8Array.of(i), signature), toHex(A)).toBe(false);
        }
      }
    },
  },
  {
    name: 'Ed25519 refuses public keys of mixed order, about which other verifiers disagree',
    holds: async ({ ed25519 }) => {
      const [a, r] = [numberOf(patterned(31, 7)), numberOf(patterned(31, 8))];
      const R = encode(times(r, base));
      for (const torsion of smallOrderPoints.slice(1)) {
        const A = encode(plus(times(a, base), torsion));
        let holding = 0;
        for (let i = 0; holding < 2; i += 1) {
          const { signature, h } = await forge({ R, A }, { r, a }, Uint8Array.of(i));
          // Exactly then h·torsion = 0 and the equation holds even without the cofactor.
          if (h % 8n === 0n) holding += 1;
          expect(await ed25519.verify(A, Uint8Array.of(i), signature)).toBe(false);
        }
      }
    },
  },
  {
    name: 'Ed25519 refuses R of small order and R with a torsion part',
    holds: async ({ ed25519 }) => {
      const [a, r] = [numberOf(patterned(31, 10)), numberOf(patterned(31, 11))];
      const A = encode(times(a, base));
      for (const torsion of smallOrderPoints) {
        for (const R of allEncodings(torsion)) {
          const { signature } = await forge({ R, A }, { r: 0n, a }, message);
          expect(await ed25519.verify(A, message, signature), toHex(R)).toBe(false);
        }
        if (torsion.x === neutral.x && torsion.y === neutral.y) continue;
        const mixed = await forge({ R: encode(plus(times(r, base), torsion)), A }, { r, a }, message);
        expect(await ed25519.verify(A, message, mixed.signature)).toBe(false);
      }
    },
  },
  {
    name: 'secret keys that were generated print and serialise as nothing but their kind',
    holds: async ({ x25519, ed25519 }) => {
      for (const { secretKey } of [await x25519.generate(), await ed25519.generate()]) {
        const text = `SecretKey(${secretKey.kind})`;
        expect([String(secretKey), `${secretKey}`]).toEqual([text, text]);
        expect(() => JSON.stringify({ secretKey })).toThrow(ParameterError);
        expect(Reflect.ownKeys(secretKey)).toEqual(['kind']);
        expect({ ...secretKey }).toEqual({ kind: secretKey.kind });
      }
    },
  },
  {
    name: 'a wiped secret key does nothing more, not even through a handle made before',
    holds: async ({ x25519, ed25519 }) => {
      const [exchange, identity, peer] = [await x25519.generate(), await ed25519.generate(), await x25519.generate()];
      await x25519.diffieHellman(exchange.secretKey, peer.publicKey);
      await ed25519.sign(identity.secretKey, message);
      exchange.secretKey.wipe();
      identity.secretKey.wipe();
      await expect(x25519.diffieHellman(exchange.secretKey, peer.publicKey)).rejects.toThrow(ParameterError);
      await expect(x25519.derivePublicKey(exchange.secretKey)).rejects.toThrow(ParameterError);
      await expect(ed25519.sign(identity.secretKey, message)).rejects.toThrow(ParameterError);
      await expect(ed25519.derivePublicKey(identity.secretKey)).rejects.toThrow(ParameterError);
    },
  },
];
