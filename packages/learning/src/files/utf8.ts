// UTF-8, strictly: what is not the one shortest spelling of a text is refused. TextEncoder and TextDecoder belong to platforms, a
// library may not name them.

import { MalformedMessage, ParameterError } from '../errors.ts';

/** Whether there is no half of a surrogate pair in it. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** Refuses text with half a surrogate pair, which has no spelling. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  if (!isWellFormed(text)) throw new ParameterError('text with half a surrogate pair has no UTF-8');
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point, 0));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point, 6), tail(point, 0));
    else bytes.push(0xf0 | (point >> 18), tail(point, 12), tail(point, 6), tail(point, 0));
  }
  return Uint8Array.from(bytes);
}

const tail = (point: number, shift: number): number => 0x80 | ((point >> shift) & 0x3f);

/** The smallest code point that needs 1, 2, 3 tail bytes. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];

/** Refuses overlong spellings, surrogates, code points beyond U+10FFFF and cut sequences. */
export function decodeUtf8(bytes: Uint8Array): string {
  const pieces: string[] = [];
  let units: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at];
    const tails = first < 0x80 ? 0 : first >> 5 === 6 ? 1 : first >> 4 === 14 ? 2 : first >> 3 === 30 ? 3 : -1;
    let point = tails === 0 ? first : first & (0x3f >> tails);
    for (let i = 1; i <= tails; i++) {
      // Past the end a byte is undefined, which is no tail.
      if (bytes[at + i] >> 6 !== 2) throw new MalformedMessage(`byte ${at + i} of a text is not UTF-8`);
      point = (point << 6) | (bytes[at + i] & 0x3f);
    }
    if (tails < 0 || point < SMALLEST[tails] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
      throw new MalformedMessage(`byte ${at} of a text is not UTF-8`);
    }
    units.push(point);
    at += tails + 1;
    if (units.length === 4096) {
      pieces.push(String.fromCodePoint(...units));
      units = [];
    }
  }
  return pieces.join('') + String.fromCodePoint(...units);
}
