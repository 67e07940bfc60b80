// The ‖ of the protocol: a concatenation of fields, each behind its length in four bytes, so that no two lists of fields have the
// same bytes. A text is a label of ours and ASCII.

import { asciiBytes } from './names.ts';
import { CanonicalWriter } from './writer.ts';

export function delimited(...fields: readonly (Uint8Array | string)[]): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter();
  for (const field of fields) writer.blob('a field', typeof field === 'string' ? asciiBytes(field) : field);
  return writer.finish();
}

export function u32Bytes(value: number): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter().u32('a number', value).finish();
}

export function u64Bytes(value: number): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter().u64('a number', value).finish();
}

/** Public bytes only: the time tells where they differ. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Public bytes in hexadecimal: a key for maps, and for error messages. */
export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}
