// Text as UTF-8, and hexadecimal as bytes, by the language alone: what is hashed here is text.

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  // Of one unit of UTF-16 come at most three bytes.
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  for (const [escaped, hex] of encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|[^%]/g)) {
    bytes[length++] = hex === undefined ? escaped.charCodeAt(0) : Number.parseInt(hex, 16);
  }
  return bytes.slice(0, length);
}

/** Undefined for what is no hexadecimal text of whole bytes. */
export function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> | undefined {
  if (hex.length % 2 !== 0 || /[^0-9a-f]/.test(hex)) return undefined;
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
