// Names that travel and are hashed: one to 64 characters of a small alphabet, so that two names that look alike are alike and
// the order of characters is the order of bytes. Nothing here normalises: what is not a name is refused.

import { ParameterError } from '../errors.ts';

declare const memberBrand: unique symbol;

/** Who a member is, for ever: what its certificate says. */
export type MemberId = string & { readonly [memberBrand]: true };

export const NAME_BYTES_AT_MOST = 64;
const form = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,63}$/;

export const isName = (text: string): boolean => form.test(text);

export function requireName(what: string, text: string): string {
  if (!isName(text)) {
    throw new ParameterError(
      `${what} ${JSON.stringify(text.slice(0, 80))} is not a name: 1 to 64 letters, digits or ._:/@+-, a letter or digit first`,
    );
  }
  return text;
}

export function memberId(text: string): MemberId {
  return requireName('a member', text) as MemberId;
}

/** The bytes of a text whose characters are all below 128. */
export function asciiBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  writeAscii(bytes, 0, text);
  return bytes;
}

/** The same into the room from `at` on, which is there. */
export function writeAscii(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) throw new ParameterError(`${JSON.stringify(text.slice(0, 80))} is not ASCII`);
    bytes[at + i] = code;
  }
}

/** The order of names, which is the order of their bytes; never the order of a locale. */
export const compareNames = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
