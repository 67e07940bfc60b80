// Text as bytes (RFC 3629) and bytes as hexadecimal: what is hashed and signed here is text. Refuses lone surrogates, which have no UTF-8.

import { MalformedMessage, ParameterError } from '../errors.ts';

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xd800 && code <= 0xdfff) throw new ParameterError('a lone surrogate has no UTF-8');
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
  }
  return Uint8Array.from(bytes);
}

/** The text of UTF-8 bytes; refuses bytes that are none, overlong forms and surrogates. */
export function utf8Text(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]!;
    const length = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : 2;
    let code = length === 1 ? first : first & (0x7f >> length);
    let isWhole = (first < 0x80 || first >= 0xc2) && first < 0xf8 && at + length <= bytes.length;
    for (let i = 1; isWhole && i < length; i++) {
      const next = bytes[at + i]!;
      if (next >> 6 !== 2) isWhole = false;
      code = (code << 6) | (next & 0x3f);
    }
    const least = [0, 0, 0x80, 0x800, 0x10000][length]!;
    if (!isWhole || code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
      throw new MalformedMessage(`byte ${at} of ${bytes.length} is no UTF-8`);
    }
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Small letters, two a byte; anything else is refused. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new ParameterError('this is no hexadecimal text of whole bytes');
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
