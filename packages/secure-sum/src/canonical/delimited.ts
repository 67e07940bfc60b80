// The ‖ of the protocol: a concatenation of fields, each behind its length in four bytes, so that no two lists of fields have the
// same bytes. A text is a label of ours and ASCII.

import { writeAscii } from './names.ts';
import { CanonicalWriter } from './writer.ts';

export function delimited(...fields: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const field of fields) length += 4 + field.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const field of fields) {
    for (let i = 0, rest = field.length; i < 4; i++, rest >>>= 8) bytes[at + i] = rest & 0xff;
    at += 4;
    if (typeof field === 'string') writeAscii(bytes, at, field);
    else bytes.set(field, at);
    at += field.length;
  }
  return bytes;
}

export function u32Bytes(value: number): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter().u32('a number', value).finish();
}

export function u64Bytes(value: number): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter().u64('a number', value).finish();
}

/** Public bytes only: the time tells where they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Public bytes in hexadecimal: a key for maps, and for error messages. */
export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += hexOfByte[byte]!;
  return hex;
}
