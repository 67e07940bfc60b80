// Keystreams in Node leave nothing for the collector: OpenSSL's buffers are given back as they are used (docs/decisions/buffers-given-back.md).

import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { nodePrimitives } from './node.ts';

const key = new Uint8Array(32).fill(1);
const nonce = new Uint8Array(12);
const MEBIBYTE = 1 << 20;

/** The most that array buffers took while 100 streams of a mebibyte went by, above what they took before. */
function mostHeld(expand: () => void): number {
  const { arrayBuffers: before } = process.memoryUsage();
  let most = 0;
  for (let i = 0; i < 100; i++) {
    expand();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  return most;
}

it('streams through the primitives hold a buffer at a time, in one piece and piece after piece', () => {
  const { chacha20, chacha20Stream } = nodePrimitives();
  const out = new Uint8Array(MEBIBYTE);
  expect(mostHeld(() => chacha20(key, nonce, 0, out))).toBeLessThan(2 * MEBIBYTE);
  const stream = chacha20Stream?.(key, nonce, 0);
  expect(mostHeld(() => stream?.fill(out))).toBeLessThan(2 * MEBIBYTE);
  stream?.end();
});

it('which is seen to matter: left alone, buffers pile up', () => {
  const zeros = new Uint8Array(65_536);
  const held = mostHeld(() => {
    const cipher = createCipheriv('chacha20', key, new Uint8Array(16));
    for (let at = 0; at < MEBIBYTE; at += zeros.length) cipher.update(zeros);
  });
  expect(held).toBeGreaterThan(4 * MEBIBYTE);
});
