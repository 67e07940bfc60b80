// DER (ITU-T X.690) as far as a certificate needs it: written, never read. Lengths are definite and shortest; a SET or SEQUENCE is the
// concatenation of its parts in the order given.

const tagged = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
};

/** X.690, 8.1.3: one byte below 128, else the number of bytes and the bytes. */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => tagged(0x31, ...parts);
export const octets = (bytes: Uint8Array): Buffer => tagged(0x04, bytes);
export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text, 'utf8'));
export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0]));

/** An unsigned number, most significant byte first; shortest, with a zero before a set first bit. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const rest = Buffer.from(bytes.subarray(start));
  return tagged(0x02, (rest[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), rest]) : rest);
}

/** `unused`: bits of the last byte that do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => tagged(0x03, Buffer.from([unused]), bytes);

/** Of dotted numbers (X.690, 8.19): the first two in one, then base 128. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [40 * first + second, ...rest].flatMap((arc) => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(0x80 | (left % 128));
    return digits;
  });
  return tagged(0x06, Buffer.from(bytes));
}

/** UTCTime until 2049, GeneralizedTime after it (RFC 5280, 4.1.2.5). */
export function time(atMs: number): Buffer {
  const text = new Date(atMs)
    .toISOString()
    .replace(/[-:T]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const isShort = text < '2050';
  return tagged(isShort ? 0x17 : 0x18, Buffer.from(isShort ? text.slice(2) : text, 'latin1'));
}

/** [n], constructed: what it holds is whole. */
export const explicit = (n: number, content: Uint8Array): Buffer => tagged(0xa0 | n, content);
/** [n] in place of a primitive type's own tag. */
export const implicit = (n: number, content: Uint8Array): Buffer => tagged(0x80 | n, content);
