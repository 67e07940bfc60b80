// Text as bytes (RFC 3629) and bytes as hexadecimal: what is hashed and signed here is text. Refuses lone surrogates, which have no UTF-8.

import { MalformedMessage, ParameterError } from '../errors.ts';

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  // Three bytes for each unit of UTF-16 are enough: a pair of surrogates makes four.
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    if (code < 0x80) bytes[length++] = code;
    else {
      if (code >= 0xd800 && code <= 0xdfff) throw new ParameterError('a lone surrogate has no UTF-8');
      if (code >= 0x10000) {
        at += 1;
        bytes[length++] = 0xf0 | (code >> 18);
        bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
      } else if (code >= 0x800) bytes[length++] = 0xe0 | (code >> 12);
      if (code < 0x800) bytes[length++] = 0xc0 | (code >> 6);
      else bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
      bytes[length++] = 0x80 | (code & 0x3f);
    }
  }
  return bytes.slice(0, length);
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
  const bytes = new Uint8Array(hex.length >> 1);
  let isHex = hex.length % 2 === 0;
  for (let i = 0; i < bytes.length; i++) {
    const high = digitOf(hex.charCodeAt(2 * i));
    const low = digitOf(hex.charCodeAt(2 * i + 1));
    if ((high | low) < 0) isHex = false;
    bytes[i] = (high << 4) | low;
  }
  if (!isHex) throw new ParameterError('this is no hexadecimal text of whole bytes');
  return bytes;
}

/** −1 for what is none. */
const digitOf = (code: number): number =>
  code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
