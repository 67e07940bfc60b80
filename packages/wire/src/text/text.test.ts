// Texts have one spelling: Node's own encoders agree with these, and everything that they would forgive is refused.

import { describe, expect, it } from 'vitest';
import {
  base64,
  base64url,
  bytesOfBase64,
  bytesOfBase64url,
  bytesOfHex,
  hexOf,
  Utf8Reader,
  utf8Bytes,
  utf8Text,
} from './index.ts';

/** Reproducible bytes. */
function bytesOf(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe('base64 and hexadecimal', () => {
  it('agree with Node at every length', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = bytesOf(length, length + 1);
      const buffer = Buffer.from(bytes);
      expect(base64(bytes)).toBe(buffer.toString('base64'));
      expect(base64url(bytes)).toBe(buffer.toString('base64url'));
      expect(bytesOfBase64(base64(bytes))).toEqual(bytes);
      expect(bytesOfBase64url(base64url(bytes))).toEqual(bytes);
      expect(bytesOfHex(hexOf(bytes))).toEqual(bytes);
    }
  });

  it.each(['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA= ', 'A===', '====', 'AA-_', 'AAA=AAA=', 'ÄAAA'])(
    'refuse %s',
    (text) => {
      expect(() => bytesOfBase64(text)).toThrow(/no base64/);
    },
  );

  it.each(['A', 'AB', 'AAB', 'AA==', 'AA+/', 'AA A'])('refuse %s in an address', (text) => {
    expect(() => bytesOfBase64url(text)).toThrow(/no base64/);
  });

  it.each(['a', 'AB', '0x', ' a', 'gg'])('refuse %s as digits', (text) => {
    expect(() => bytesOfHex(text)).toThrow(/no hexadecimal/);
  });
});

describe('UTF-8', () => {
  const text = 'aß€𝄞\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff} Grüße 🙂';

  it('agrees with Node, cut anywhere', () => {
    const bytes = new Uint8Array(Buffer.from(text));
    expect(utf8Bytes(text)).toEqual(bytes);
    for (let at = 0; at <= bytes.length; at++) {
      const reader = new Utf8Reader();
      const found = reader.read(bytes.subarray(0, at)) + reader.read(bytes.subarray(at));
      reader.end();
      expect(found).toBe(text);
    }
  });

  it.each([
    ['80', 'a byte that goes on, at the beginning'],
    ['c080', 'an overlong zero'],
    ['c1bf', 'an overlong letter'],
    ['e09fbf', 'three bytes for what needs two'],
    ['eda080', 'a surrogate'],
    ['f08fbfbf', 'four bytes for what needs three'],
    ['f4908080', 'what is above the last character'],
    ['f5808080', 'a first byte that there is not'],
    ['c3', 'a character that does not end'],
    ['c341', 'a character that is broken off'],
  ])('refuses %s: %s', (hex) => {
    expect(() => utf8Text(bytesOfHex(hex))).toThrow(/no UTF-8/);
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytesOfHex(hex))).toThrow();
  });

  it('agrees with Node on what is none', () => {
    for (let seed = 1; seed < 3000; seed++) {
      const bytes = bytesOf(1 + (seed % 5), seed * 7919);
      let expected: string | undefined;
      try {
        expected = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        expected = undefined;
      }
      let found: string | undefined;
      try {
        found = utf8Text(bytes);
      } catch {
        found = undefined;
      }
      expect(found, hexOf(bytes)).toBe(expected);
    }
  });

  it('has no bytes for half a pair', () => {
    expect(() => utf8Bytes('\ud800')).toThrow(/surrogate/);
  });
});
