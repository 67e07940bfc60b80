// UTF-8 (RFC 3629) between bytes and texts, without a platform's TextDecoder. Strict: overlong forms, surrogates and what lies
// beyond U+10FFFF are no UTF-8. Texts of tables are short, so short ASCII is the fast path.

/** The text of bytes[start, end), or undefined where they are no UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = '';
  let at = start;
  while (at < end) {
    const run = at;
    while (at < end && bytes[at] < 0x80) at += 1;
    text += decodeAscii(bytes, run, at);
    if (at === end) break;
    const size = sequenceSize(bytes, at, end);
    if (size === 0) return undefined;
    text += String.fromCodePoint(codePoint(bytes, at, size));
    at += size;
  }
  return text;
}

/** Bytes are taken as code points; the caller knows that they are ASCII (or means Latin-1). */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  let at = start;
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at],
      bytes[at + 1],
      bytes[at + 2],
      bytes[at + 3],
      bytes[at + 4],
      bytes[at + 5],
      bytes[at + 6],
      bytes[at + 7],
    );
  }
  for (; at < end; at += 1) text += String.fromCharCode(bytes[at]);
  return text;
}

/** Where the first byte stands that belongs to no UTF-8 sequence, or −1. A sequence cut off at the end counts unless `open`. */
export function firstInvalidUtf8(bytes: Uint8Array, start: number, end: number, open = false): number {
  let at = start;
  while (at < end) {
    if (bytes[at] < 0x80) at += 1;
    else {
      const size = sequenceSize(bytes, at, end);
      if (size === 0) return open && end - at < 4 && isCutOff(bytes, at, end) ? -1 : at;
      at += size;
    }
  }
  return -1;
}

/** Whether what stands between `at` and `end` could be the beginning of a sequence. */
function isCutOff(bytes: Uint8Array, at: number, end: number): boolean {
  const padded = new Uint8Array(4);
  for (const last of [0x80, 0x90, 0xa0, 0xbf]) {
    padded.fill(last);
    padded.set(bytes.subarray(at, end));
    if (sequenceSize(padded, 0, 4) > end - at) return true;
  }
  return false;
}

/** How many bytes the sequence that starts at `at` takes, or 0 where none does. The table of RFC 3629, section 4. */
function sequenceSize(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at];
  const size =
    lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
  if (size === 0 || at + size > end) return 0;
  const second = bytes[at + 1];
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let further = 2; further < size; further += 1) if ((bytes[at + further] & 0xc0) !== 0x80) return 0;
  return size;
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  let point = bytes[at] & (size === 2 ? 0x1f : size === 3 ? 0x0f : 0x07);
  for (let further = 1; further < size; further += 1) point = (point << 6) | (bytes[at + further] & 0x3f);
  return point;
}

/** Lone surrogates become U+FFFD, as everywhere on the web. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let size = 0;
  for (let at = 0; at < text.length; at += 1) {
    let point = text.charCodeAt(at);
    if (point < 0x80) {
      bytes[size++] = point;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = text.charCodeAt(at + 1);
      const paired = point < 0xdc00 && low >= 0xdc00 && low <= 0xdfff;
      if (paired) at += 1;
      point = paired ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
    }
    size = writeCodePoint(bytes, size, point);
  }
  return bytes.slice(0, size);
}

/** Writes the sequence of a code point at `at`, which has room for four bytes; answers with the place after it. Mutates `bytes`. */
export function writeCodePoint(bytes: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    bytes[at] = point;
    return at + 1;
  }
  if (point < 0x800) {
    bytes[at] = 0xc0 | (point >> 6);
    bytes[at + 1] = 0x80 | (point & 0x3f);
    return at + 2;
  }
  if (point < 0x10000) {
    bytes[at] = 0xe0 | (point >> 12);
    bytes[at + 1] = 0x80 | ((point >> 6) & 0x3f);
    bytes[at + 2] = 0x80 | (point & 0x3f);
    return at + 3;
  }
  bytes[at] = 0xf0 | (point >> 18);
  bytes[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  bytes[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  bytes[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
