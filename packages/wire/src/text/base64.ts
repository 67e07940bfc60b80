// Base64 (RFC 4648): section 4, with padding, for bytes inside JSON; section 5, without, for bytes inside an address. One text a value: what
// another writer could have written differently is refused.

import { MalformedMessage } from '@sumus/federation/errors';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PLAIN: string = `${LETTERS}+/`;
const IN_ADDRESSES: string = `${LETTERS}-_`;

export function base64(bytes: Uint8Array): string {
  const text = encode(bytes, PLAIN);
  return text + '='.repeat((4 - (text.length % 4)) % 4);
}

export const base64url = (bytes: Uint8Array): string => encode(bytes, IN_ADDRESSES);

export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const end = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (text.length % 4 !== 0) refuse(text);
  const bytes = decode(text.slice(0, text.length - end), codesOf(PLAIN));
  if ((4 - ((text.length - end) % 4)) % 4 !== end) refuse(text);
  return bytes;
}

export const bytesOfBase64url = (text: string): Uint8Array<ArrayBuffer> => decode(text, codesOf(IN_ADDRESSES));

function encode(bytes: Uint8Array, alphabet: string): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    const left = Math.min(3, bytes.length - at);
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let i = 0; i <= left; i++) parts.push(alphabet.charAt((group >> (18 - 6 * i)) & 63));
  }
  return parts.join('');
}

const tables = new Map<string, Int8Array>();

/** By character: its six bits, or −1. */
function codesOf(alphabet: string): Int8Array {
  const known = tables.get(alphabet);
  if (known !== undefined) return known;
  const codes = new Int8Array(128).fill(-1);
  for (let i = 0; i < 64; i++) codes[alphabet.charCodeAt(i)] = i;
  tables.set(alphabet, codes);
  return codes;
}

function decode(text: string, codes: Int8Array): Uint8Array<ArrayBuffer> {
  if (text.length % 4 === 1) refuse(text);
  const bytes = new Uint8Array((text.length * 6) >> 3);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = codes[text.charCodeAt(i)] ?? -1;
    if (code < 0) refuse(text);
    held = ((held << 6) | code) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (held >> bits) & 0xff;
    at += 1;
  }
  if ((held & ((1 << bits) - 1)) !== 0) refuse(text);
  return bytes;
}

const refuse = (text: string): never => {
  throw new MalformedMessage(`a text of ${text.length} characters is no base64`);
};
