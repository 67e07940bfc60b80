// The kernels themselves, where primitives cannot reach: Poly1305's carries, and what is left in their memory.

import { expect, test } from 'vitest';
import poly1305Vectors from '../vectors/poly1305.json' with { type: 'json' };
import { fromHex, known, patterned, toHex } from './bytes.contract.ts';
import { bytesOf, numberOf } from './naive-edwards25519.contract.ts';
import { fillKeystream, open, seal } from './web-chacha20.ts';
import { at, loadKernels } from './web-kernels.ts';
import { hmacSha256Of, prepareSha256, sha256Of } from './web-sha256.ts';

const kernels = await loadKernels();
prepareSha256(kernels);

/** Of whole blocks; in `pieces` so that the state between calls is tested too. */
function poly1305(key: Uint8Array, message: Uint8Array, pieces = 1): Uint8Array {
  kernels.bytes.set(key, at.keystream);
  kernels.polyBegin(at.polyState, at.keystream);
  kernels.bytes.set(message, at.data);
  const blockCount = message.length / 16;
  for (let piece = 0; piece < pieces; piece += 1) {
    const [from, to] = [piece, piece + 1].map((i) => Math.floor((blockCount * i) / pieces));
    kernels.polyAbsorb(at.polyState, at.data + 16 * from!, to! - from!);
  }
  kernels.polyFinish(at.polyState, at.polyTag);
  return kernels.bytes.slice(at.polyTag, at.polyTag + 16);
}

/** RFC 8439 section 2.5.1, as it reads. */
function naivePoly1305(key: Uint8Array, message: Uint8Array): Uint8Array {
  const r = numberOf(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let accumulator = 0n;
  for (let i = 0; i < message.length; i += 16) {
    accumulator = ((accumulator + numberOf(message.subarray(i, i + 16)) + (1n << 128n)) * r) % (2n ** 130n - 5n);
  }
  return bytesOf((accumulator + numberOf(key.subarray(16))) % 2n ** 128n).subarray(0, 16);
}

test('Poly1305 gives the tags of RFC 8439 appendix A.3 at the edges of its modulus', () => {
  for (const { name, key, message, tag } of known(
    poly1305Vectors.vectors.length > 0 ? poly1305Vectors : { source: '', vectors: [] },
  )) {
    expect(toHex(naivePoly1305(fromHex(key), fromHex(message))), name).toBe(tag);
    expect(toHex(poly1305(fromHex(key), fromHex(message))), name).toBe(tag);
  }
});

test('Poly1305 equals big-integer arithmetic on ordinary and on extreme keys and messages, in one piece and in three', () => {
  const ones = new Uint8Array(32).fill(0xff);
  for (let round = 0; round < 300; round += 1) {
    const key = round % 3 === 0 ? ones : patterned(32, round + 1);
    const message = patterned(16 * (1 + (round % 40)), round + 1000);
    if (round % 2 === 0) message.fill(0xff, 0, 16 * (round % 7));
    if (round % 5 === 0) message.fill(0xff);
    const expected = toHex(naivePoly1305(key, message));
    expect(toHex(poly1305(key, message))).toBe(expected);
    expect(toHex(poly1305(key, message, 3))).toBe(expected);
  }
});

test('nothing secret is left in the kernels’ memory: no key, no keystream, no plaintext, no digest', () => {
  const clean = kernels.bytes.slice();
  clean.fill(0);
  clean.set(kernels.bytes.subarray(at.shaConstants, at.shaConstants + 256), at.shaConstants);
  const box = { key: patterned(32), nonce: patterned(12), associatedData: new Uint8Array(0) };
  for (const length of [0, 1, 100, 257, 65_535, 65_536, 70_001]) {
    kernels.bytes.set(clean);
    fillKeystream(kernels, box.key, box.nonce, 3, new Uint8Array(length));
    sha256Of(kernels, [patterned(length)]);
    hmacSha256Of(kernels, patterned(100), [patterned(length)]);
    expect(
      kernels.bytes.every((byte, index) => byte === clean[index]),
      `hashes and keystream of ${length}`,
    ).toBe(true);
    const sealed = seal(kernels, box, patterned(length));
    open(kernels, box, sealed);
    expect(
      kernels.bytes.every((byte, index) => byte === clean[index]),
      `sealing ${length}`,
    ).toBe(true);
    // A refused box leaves its ciphertext, which its sender knows, and nothing else.
    sealed[0]! ^= 1;
    kernels.bytes.set(clean);
    expect(open(kernels, box, sealed)).toBeUndefined();
    expect(kernels.bytes.subarray(0, at.data).every((byte, index) => byte === clean[index])).toBe(true);
    expect(kernels.bytes.subarray(at.keystream).every((byte) => byte === 0)).toBe(true);
  }
});

test('nothing secret is left in the arrays that HMAC makes on its way: no hashed key, no padded key, no inner digest', () => {
  const native = globalThis.Uint8Array;
  const made: Uint8Array[] = [];
  class Recorded extends native {
    constructor(...given: readonly unknown[]) {
      super(...(given as [number]));
      made.push(this);
    }
  }
  const key = patterned(100);
  const message = patterned(70);
  let tag: Uint8Array;
  globalThis.Uint8Array = Recorded as unknown as Uint8ArrayConstructor;
  try {
    tag = hmacSha256Of(kernels, key, [message]);
  } finally {
    globalThis.Uint8Array = native;
  }
  const own = made.filter((array) => array.buffer !== kernels.bytes.buffer && array !== tag && array.length >= 32);
  expect(own.length).toBeGreaterThanOrEqual(5);
  for (const array of own) expect(array.every((byte) => byte === 0)).toBe(true);
});
