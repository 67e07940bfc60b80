import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

describe('UTF-8', () => {
  it('is what the platform writes, and comes back', () => {
    for (const text of [
      '',
      'a',
      'weights/0.bias',
      'é',
      '€',
      '𝄞',
      '\u0000\u007f\u0080\u07ff\u0800\uffff\u{10000}\u{10ffff}',
    ]) {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
      expect(decodeUtf8(encodeUtf8(text))).toBe(text);
    }
    const long = '𝄞a'.repeat(10_000);
    expect(decodeUtf8(encodeUtf8(long))).toBe(long);
  });

  it('accepts and refuses the sequences the platform does: all of up to two bytes, a slice of longer ones', () => {
    const platform = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    let accepted = 0;
    const compare = (...bytes: number[]): void => {
      let expected: string | undefined;
      try {
        expected = platform.decode(Uint8Array.from(bytes));
      } catch {
        expected = undefined;
      }
      let own: string | undefined;
      try {
        own = decodeUtf8(Uint8Array.from(bytes));
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error;
      }
      if (own !== expected) throw new Error(`bytes ${bytes.join(' ')} differ`);
      accepted += own === undefined ? 0 : 1;
    };
    for (let a = 0; a < 256; a++) {
      compare(a);
      for (let b = 0; b < 256; b++) compare(a, b);
    }
    const tails = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0];
    for (let a = 0xe0; a < 256; a++) {
      for (const b of tails) {
        for (const c of tails) {
          compare(a, b, c);
          for (const d of tails) compare(a, b, c, d);
        }
      }
    }
    expect(accepted).toBeGreaterThan(128 * 128);
  });

  it('has no spelling for half a surrogate pair', () => {
    expect(() => encodeUtf8('a\ud800b')).toThrow(ParameterError);
  });
});
