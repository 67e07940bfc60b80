import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';
import { seededWords } from './seeded-words.contract.ts';

describe('the decoder of embedded modules', () => {
  it('undoes base64 at every length of the last group', () => {
    const next = seededWords(41);
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, () => next() & 255);
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
    }
  });

  it('knows all 64 letters', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(decodeBase64(Buffer.from(all).toString('base64'))).toEqual(all);
  });
});
