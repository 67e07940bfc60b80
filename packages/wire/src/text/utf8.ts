// Text as UTF-8 (RFC 3629) and back, a piece at a time: a stream of events is cut anywhere, in the middle of a character too. Refuses what is
// no UTF-8, overlong forms and surrogates.

import { MalformedMessage, ParameterError } from '@sumus/federation/errors';

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  const put = (byte: number): void => {
    bytes[length] = byte;
    length += 1;
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) {
      put(code);
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) throw new ParameterError('a lone surrogate has no UTF-8');
    const following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    put(((0xf0 << (3 - following)) & 0xff) | (code >> (6 * following)));
    for (let i = following - 1; i >= 0; i--) put(0x80 | ((code >> (6 * i)) & 0x3f));
  }
  return bytes.slice(0, length);
}

const LEAST = [0, 0x80, 0x800, 0x10000] as const;

export class Utf8Reader {
  /** Of a character that is not whole: what is known, bytes to come, bytes in all. */
  #code = 0;
  #missing = 0;
  #following: 0 | 1 | 2 | 3 = 0;

  /** The text of all characters that are whole by now. */
  read(bytes: Uint8Array): string {
    const parts: string[] = [];
    let plain: number[] = [];
    const flush = (): void => {
      parts.push(String.fromCharCode(...plain));
      plain = [];
    };
    for (const byte of bytes) {
      if (this.#missing > 0) this.#goOn(byte);
      else if (byte < 0x80) this.#code = byte;
      else this.#begin(byte);
      if (this.#missing > 0) continue;
      if (this.#code >= 0x10000) {
        flush();
        parts.push(String.fromCodePoint(this.#code));
      } else plain.push(this.#code);
      if (plain.length === 4096) flush();
    }
    flush();
    return parts.join('');
  }

  /** Nothing more comes. */
  end(): void {
    if (this.#missing > 0) refuse();
  }

  #begin(byte: number): void {
    this.#following = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    if (byte < 0xc2 || byte > 0xf4) refuse();
    this.#code = byte & (0x3f >> this.#following);
    this.#missing = this.#following;
  }

  #goOn(byte: number): void {
    if (byte >> 6 !== 2) refuse();
    this.#code = (this.#code << 6) | (byte & 0x3f);
    this.#missing -= 1;
    if (this.#missing > 0) return;
    const code = this.#code;
    if (code < LEAST[this.#following] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) refuse();
  }
}

export function utf8Text(bytes: Uint8Array): string {
  const reader = new Utf8Reader();
  const text = reader.read(bytes);
  reader.end();
  return text;
}

const refuse = (): never => {
  throw new MalformedMessage('bytes that should be a text are no UTF-8');
};
