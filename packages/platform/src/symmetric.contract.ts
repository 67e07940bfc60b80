// The contract's clauses about randomness, ChaCha20, hashes, comparison and ChaCha20-Poly1305.

import { expect } from 'vitest';
import chacha20Vectors from '../vectors/chacha20.json' with { type: 'json' };
import aeadVectors from '../vectors/chacha20-poly1305.json' with { type: 'json' };
import hkdfVectors from '../vectors/hkdf-sha256.json' with { type: 'json' };
import hmacVectors from '../vectors/hmac-sha256.json' with { type: 'json' };
import sha256Vectors from '../vectors/sha256.json' with { type: 'json' };
import { flipped, fromHex, known, patterned, toHex } from './bytes.contract.ts';
import type { Clause } from './clause.contract.ts';
import type { AeadInput } from './primitives.ts';
import { ParameterError, SecretKey } from './primitives.ts';

const key = patterned(32, 2);
const nonce = patterned(12, 3);
const none = new Uint8Array(0);
const box: AeadInput = { key, nonce, associatedData: patterned(21, 4) };

export const symmetricClauses: readonly Clause[] = [
  {
    name: 'random bytes come in any length, fresh every time and filled to the end',
    holds: ({ randomBytes }) => {
      expect(randomBytes(0).length).toBe(0);
      expect(toHex(randomBytes(32))).not.toBe(toHex(randomBytes(32)));
      // Longer than getRandomValues gives at once; 16 zeros in a row have probability 2^-128 a place.
      const long = randomBytes(200_001);
      expect(long.length).toBe(200_001);
      for (let i = 0; i < long.length; i += 16) {
        expect(
          long
            .subarray(Math.min(i, long.length - 16))
            .subarray(0, 16)
            .some((byte) => byte !== 0),
        ).toBe(true);
      }
    },
  },
  {
    name: 'random bytes of an impossible length are refused',
    holds: ({ randomBytes }) => {
      for (const length of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => randomBytes(length)).toThrow(ParameterError);
      }
    },
  },
  {
    name: 'what is no Uint8Array is refused everywhere, before anything is read of it',
    holds: async (primitives) => {
      const { chacha20, sha256, hmacSha256, hkdfSha256, timingSafeEqual, chacha20Poly1305, x25519, ed25519 } =
        primitives;
      const good = patterned(32, 5);
      const room = new Uint8Array(64);
      const strangers: unknown[] = [
        new Uint32Array(32),
        new Uint8ClampedArray(32),
        new DataView(good.buffer),
        'abc',
        [1, 2],
      ];
      strangers.push(good.buffer, undefined, null);
      for (const stranger of strangers) {
        const odd = stranger as Uint8Array;
        const calls = [
          () => chacha20(odd, nonce, 0, room),
          () => chacha20(good, odd, 0, room),
          () => chacha20(good, nonce, 0, odd),
          () => sha256(odd),
          () => sha256(good, odd),
          () => hmacSha256(odd, good),
          () => hmacSha256(good, odd),
          () => hkdfSha256({ secret: odd, salt: none, info: none, length: 32 }),
          () => hkdfSha256({ secret: good, salt: odd, info: none, length: 32 }),
          () => hkdfSha256({ secret: good, salt: none, info: odd, length: 32 }),
          () => timingSafeEqual(odd, good),
          () => timingSafeEqual(good, odd),
          () => chacha20Poly1305.seal({ ...box, key: odd }, good),
          () => chacha20Poly1305.seal({ ...box, associatedData: odd }, good),
          () => chacha20Poly1305.seal(box, odd),
          () => chacha20Poly1305.open(box, odd),
          () => SecretKey.fromBytes('x25519', odd),
        ];
        for (const call of calls) expect(call, String(call)).toThrow(ParameterError);
        const scalar = SecretKey.fromBytes('x25519', good);
        const identity = SecretKey.fromBytes('ed25519', good);
        await expect(primitives.sha256OfMany(odd)).rejects.toThrow(ParameterError);
        await expect(x25519.diffieHellman(scalar, odd)).rejects.toThrow(ParameterError);
        await expect(ed25519.sign(identity, odd)).rejects.toThrow(ParameterError);
        await expect(ed25519.verify(odd, good, room)).rejects.toThrow(ParameterError);
        await expect(ed25519.verify(good, odd, room)).rejects.toThrow(ParameterError);
        await expect(ed25519.verify(good, good, odd)).rejects.toThrow(ParameterError);
      }
      expect(room.every((byte) => byte === 0)).toBe(true);
    },
  },
  {
    name: 'ChaCha20 gives the keystreams of RFC 8439',
    holds: ({ chacha20 }) => {
      for (const vector of known(chacha20Vectors)) {
        const out = new Uint8Array(64);
        chacha20(fromHex(vector.key), fromHex(vector.nonce), vector.counter, out);
        expect(toHex(out), vector.name).toBe(vector.keystream);
      }
    },
  },
  {
    name: 'ChaCha20 from block n is the stream from block 0, 64 n bytes later, whatever the lengths',
    holds: ({ chacha20 }) => {
      const whole = new Uint8Array(140_000);
      chacha20(key, nonce, 0, whole);
      for (const [counter, length] of [
        [0, 1],
        [1, 63],
        [2, 64],
        [3, 65],
        [5, 255],
        [6, 257],
        [1023, 65_537],
        [7, 131_073],
        [9, 0],
      ] as const) {
        const out = new Uint8Array(length).fill(0xaa);
        chacha20(key, nonce, counter, out);
        expect(toHex(out)).toBe(toHex(whole.subarray(64 * counter, 64 * counter + length)));
      }
    },
  },
  {
    name: 'ChaCha20 piece after piece, where the platform has it, is the stream in one piece, however long the pieces are',
    holds: ({ chacha20, chacha20Stream }) => {
      if (chacha20Stream === undefined) return;
      const whole = new Uint8Array(64 * 7000);
      chacha20(key, nonce, 3, whole);
      const taken = new Uint8Array(whole.length);
      const [keyBefore, nonceBefore] = [toHex(key), toHex(nonce)];
      const stream = chacha20Stream(key, nonce, 3);
      let at = 0;
      for (const blocks of [1, 0, 2, 127, 128, 129, 1919, 1920, 1921, 3, 5]) {
        stream.fill(taken.subarray(at, at + 64 * blocks));
        at += 64 * blocks;
      }
      stream.fill(taken.subarray(at, at + 65));
      expect(toHex(taken.subarray(0, at + 65))).toBe(toHex(whole.subarray(0, at + 65)));
      expect(taken.subarray(at + 65).every((byte) => byte === 0)).toBe(true);
      expect([toHex(key), toHex(nonce)]).toEqual([keyBefore, nonceBefore]);
    },
  },
  {
    name: 'ChaCha20 piece after piece refuses what follows half a block, the end of the stream and its own end',
    holds: ({ chacha20Stream }) => {
      if (chacha20Stream === undefined) return;
      const untouched = new Uint8Array(129);
      const half = chacha20Stream(key, nonce, 0);
      half.fill(new Uint8Array(63));
      expect(() => half.fill(untouched)).toThrow(ParameterError);
      const last = chacha20Stream(key, nonce, 2 ** 32 - 3);
      last.fill(new Uint8Array(64));
      expect(() => last.fill(untouched)).toThrow(ParameterError);
      last.end();
      last.end();
      expect(() => last.fill(untouched.subarray(0, 64))).toThrow(ParameterError);
      expect(untouched.every((byte) => byte === 0)).toBe(true);
      for (const length of [0, 31, 33])
        expect(() => chacha20Stream(patterned(length), nonce, 0)).toThrow(ParameterError);
      for (const length of [0, 8, 13]) expect(() => chacha20Stream(key, patterned(length), 0)).toThrow(ParameterError);
      for (const counter of [-1, 0.5, 2 ** 32])
        expect(() => chacha20Stream(key, nonce, counter)).toThrow(ParameterError);
    },
  },
  {
    name: 'ChaCha20 writes exactly into the view it was given, and reads its key and nonce only',
    holds: ({ chacha20 }) => {
      const around = new Uint8Array(300).fill(0xee);
      const [keyBefore, nonceBefore] = [toHex(key), toHex(nonce)];
      chacha20(key, nonce, 1, around.subarray(101, 201));
      const straight = new Uint8Array(100);
      chacha20(key, nonce, 1, straight);
      expect(toHex(around.subarray(101, 201))).toBe(toHex(straight));
      expect(around.subarray(0, 101).every((byte) => byte === 0xee)).toBe(true);
      expect(around.subarray(201).every((byte) => byte === 0xee)).toBe(true);
      expect([toHex(key), toHex(nonce)]).toEqual([keyBefore, nonceBefore]);
    },
  },
  {
    name: 'ChaCha20 gives the last block of a stream and refuses to pass it, before it writes a byte',
    holds: ({ chacha20 }) => {
      const last = 2 ** 32 - 1;
      const two = new Uint8Array(128);
      chacha20(key, nonce, last - 1, two);
      const one = new Uint8Array(64);
      chacha20(key, nonce, last, one);
      expect(toHex(one)).toBe(toHex(two.subarray(64)));
      const untouched = new Uint8Array(65);
      expect(() => chacha20(key, nonce, last, untouched)).toThrow(ParameterError);
      expect(() => chacha20(key, nonce, last - 3, new Uint8Array(257))).toThrow(ParameterError);
      expect(untouched.every((byte) => byte === 0)).toBe(true);
    },
  },
  {
    name: 'ChaCha20 refuses keys, nonces and counters of the wrong size',
    holds: ({ chacha20 }) => {
      const out = new Uint8Array(64);
      for (const length of [0, 16, 31, 33])
        expect(() => chacha20(patterned(length), nonce, 0, out)).toThrow(ParameterError);
      for (const length of [0, 8, 11, 13, 16])
        expect(() => chacha20(key, patterned(length), 0, out)).toThrow(ParameterError);
      for (const counter of [-1, 0.5, 2 ** 32, Number.NaN])
        expect(() => chacha20(key, nonce, counter, out)).toThrow(ParameterError);
    },
  },
  {
    name: 'SHA-256 gives the digests of FIPS 180-4',
    holds: ({ sha256 }) => {
      for (const vector of known(sha256Vectors)) {
        const message = fromHex(vector.message);
        const repeated = new Uint8Array(message.length * vector.repeat);
        for (let i = 0; i < repeated.length; i += 1) repeated[i] = message[i % message.length]!;
        expect(toHex(sha256(repeated)), vector.name).toBe(vector.digest);
      }
    },
  },
  {
    name: 'SHA-256 by promise is SHA-256, of views too, and leaves what it reads alone',
    holds: async ({ sha256, sha256OfMany }) => {
      const message = patterned(131_200);
      for (const [start, end] of [
        [0, 0],
        [0, 131_200],
        [7, 64],
        [1, 131_199],
      ] as const) {
        const view = message.subarray(start, end);
        expect(toHex(await sha256OfMany(view))).toBe(toHex(sha256(view)));
      }
      expect(message).toEqual(patterned(131_200));
    },
  },
  {
    name: 'SHA-256 of chunks is SHA-256 of their concatenation, wherever the cuts are',
    holds: ({ sha256 }) => {
      const message = patterned(131_200);
      const expected = toHex(sha256(message));
      for (const cut of [0, 1, 55, 56, 63, 64, 65, 65_535, 65_536, 65_537, 131_199]) {
        expect(toHex(sha256(message.subarray(0, cut), none, message.subarray(cut)))).toBe(expected);
      }
      expect(toHex(sha256())).toBe(toHex(sha256(none)));
    },
  },
  {
    name: 'HMAC-SHA-256 gives the tags of RFC 4231, in one chunk and in two',
    holds: ({ hmacSha256 }) => {
      for (const vector of known(hmacVectors)) {
        const message = fromHex(vector.message);
        expect(toHex(hmacSha256(fromHex(vector.key), message)), vector.name).toBe(vector.tag);
        expect(toHex(hmacSha256(fromHex(vector.key), message.subarray(0, 3), message.subarray(3)))).toBe(vector.tag);
      }
    },
  },
  {
    name: 'HKDF-SHA-256 gives the output of RFC 5869, and any prefix of it when less is asked for',
    holds: ({ hkdfSha256 }) => {
      for (const vector of known(hkdfVectors)) {
        const input = { secret: fromHex(vector.secret), salt: fromHex(vector.salt), info: fromHex(vector.info) };
        const output = fromHex(vector.output);
        for (const length of [0, 1, 31, 32, 33, output.length]) {
          expect(toHex(hkdfSha256({ ...input, length })), vector.name).toBe(
            toHex(output.subarray(0, Math.min(length, output.length))),
          );
        }
      }
    },
  },
  {
    name: 'HKDF-SHA-256 refuses more than 255 blocks, and takes a long info',
    holds: ({ hkdfSha256 }) => {
      const input = { secret: key, salt: none, info: patterned(5000) };
      expect(hkdfSha256({ ...input, length: 8160 }).length).toBe(8160);
      for (const length of [8161, -1, 0.5]) expect(() => hkdfSha256({ ...input, length })).toThrow(ParameterError);
      // Whatever way a platform takes for more blocks, or for a longer info: one output.
      for (const secret of [none, key]) {
        for (const infoLength of [0, 1023, 1024, 1025]) {
          const given = { secret, salt: patterned(65), info: patterned(infoLength) };
          const several = hkdfSha256({ ...given, length: 100 });
          expect(toHex(hkdfSha256({ ...given, length: 32 }))).toBe(toHex(several.subarray(0, 32)));
        }
      }
    },
  },
  {
    name: 'timingSafeEqual sees every single bit, and lengths',
    holds: ({ timingSafeEqual }) => {
      expect(timingSafeEqual(key, new Uint8Array(key))).toBe(true);
      expect(timingSafeEqual(none, none)).toBe(true);
      for (let bit = 0; bit < 256; bit += 1) expect(timingSafeEqual(key, flipped(key, bit))).toBe(false);
      expect(timingSafeEqual(key, key.subarray(0, 31))).toBe(false);
    },
  },
  {
    name: 'ChaCha20-Poly1305 seals and opens as in RFC 8439',
    holds: ({ chacha20Poly1305: { seal, open } }) => {
      for (const vector of known(aeadVectors)) {
        const input = {
          key: fromHex(vector.key),
          nonce: fromHex(vector.nonce),
          associatedData: fromHex(vector.associatedData),
        };
        expect(toHex(seal(input, fromHex(vector.plaintext))), vector.name).toBe(vector.sealed);
        expect(toHex(open(input, fromHex(vector.sealed))!), vector.name).toBe(vector.plaintext);
      }
    },
  },
  {
    name: 'ChaCha20-Poly1305 opens what it sealed, at every length around its blocks, and changes neither',
    holds: ({ chacha20Poly1305: { seal, open } }) => {
      for (const length of [0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 257, 65_535, 65_536, 65_537]) {
        const plaintext = patterned(length, length);
        const before = toHex(plaintext);
        const sealed = seal(box, plaintext);
        const sealedBefore = toHex(sealed);
        expect(sealed.length).toBe(length + 16);
        expect(toHex(open(box, sealed)!)).toBe(before);
        expect(toHex(plaintext)).toBe(before);
        expect(toHex(sealed)).toBe(sealedBefore);
      }
    },
  },
  {
    name: 'ChaCha20-Poly1305 opens nothing when one bit of ciphertext, tag, nonce, key or associated data differs',
    holds: ({ chacha20Poly1305: { seal, open } }) => {
      const sealed = seal(box, patterned(19));
      for (let bit = 0; bit < 8 * sealed.length; bit += 1) expect(open(box, flipped(sealed, bit))).toBeUndefined();
      for (const part of ['key', 'nonce', 'associatedData'] as const) {
        for (let bit = 0; bit < 8 * box[part].length; bit += 1) {
          expect(open({ ...box, [part]: flipped(box[part], bit) }, sealed)).toBeUndefined();
        }
      }
    },
  },
  {
    name: 'ChaCha20-Poly1305 opens nothing that is cut short, lengthened, or moved between associated data and ciphertext',
    holds: ({ chacha20Poly1305: { seal, open } }) => {
      const sealed = seal(box, patterned(40));
      for (let length = 0; length < sealed.length; length += 1)
        expect(open(box, sealed.subarray(0, length))).toBeUndefined();
      const longer = new Uint8Array(sealed.length + 1);
      longer.set(sealed);
      expect(open(box, longer)).toBeUndefined();
      expect(
        open(
          { ...box, associatedData: new Uint8Array([...box.associatedData, ...sealed.subarray(0, 16)]) },
          sealed.subarray(16),
        ),
      ).toBeUndefined();
    },
  },
  {
    name: 'ChaCha20-Poly1305 refuses keys and nonces of the wrong size',
    holds: ({ chacha20Poly1305: { seal, open } }) => {
      for (const wrong of [
        { ...box, key: patterned(31) },
        { ...box, nonce: patterned(8) },
        { ...box, nonce: patterned(24) },
      ]) {
        expect(() => seal(wrong, key)).toThrow(ParameterError);
        expect(() => open(wrong, key)).toThrow(ParameterError);
      }
    },
  },
];
