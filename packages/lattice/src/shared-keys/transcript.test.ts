import { createHash } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { sameBytes, toHex } from '../bytes.ts';
import { ascii, digest, numbers } from './transcript.ts';

const primitives = nodePrimitives();

describe('a transcript', () => {
  it('is SHA-256 over every part behind its length', () => {
    const length = (n: number): Uint8Array => Uint8Array.of(n, 0, 0, 0, 0, 0, 0, 0);
    const naive = createHash('sha256')
      .update(length(5))
      .update('label')
      .update(length(2))
      .update(Uint8Array.of(1, 2))
      .update(length(0))
      .digest('hex');
    expect(toHex(digest(primitives, 'label', Uint8Array.of(1, 2), new Uint8Array(0)))).toBe(naive);
  });

  it('differs however the same bytes are cut into parts', () => {
    const cuts = [
      digest(primitives, 'ab', Uint8Array.of(1, 2, 3)),
      digest(primitives, 'ab', Uint8Array.of(1, 2), Uint8Array.of(3)),
      digest(primitives, 'ab', Uint8Array.of(1), Uint8Array.of(2, 3)),
      digest(primitives, 'ab', Uint8Array.of(1, 2, 3), new Uint8Array(0)),
      digest(primitives, 'a', ascii('b'), Uint8Array.of(1, 2, 3)),
    ].map(toHex);
    expect(new Set(cuts).size).toBe(cuts.length);
  });

  it('writes numbers as four bytes, lowest first, and compares whole strings', () => {
    expect([...numbers([1, 0x01020304, 2 ** 32 - 1])]).toEqual([1, 0, 0, 0, 4, 3, 2, 1, 255, 255, 255, 255]);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
  });
});
