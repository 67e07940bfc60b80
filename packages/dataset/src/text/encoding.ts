// The encodings in which tables come: guessed from the first bytes, and turned into UTF-8 chunk by chunk. UTF-8 itself passes
// through untouched and is checked where a text is first seen (csv/category-table.ts), so a file that mixes encodings is caught.
import { firstInvalidUtf8, writeCodePoint } from './utf8.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

export const encodings: readonly Encoding[] = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'];

export interface EncodingGuess {
  readonly encoding: Encoding;
  /** Why, for a person. */
  readonly evidence: string;
}

/** From the head of a file; `whole` says that there is nothing after it. */
export function guessEncoding(head: Uint8Array, whole = false): EncodingGuess {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf)
    return { encoding: 'utf-8', evidence: 'byte order mark' };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', evidence: 'byte order mark' };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', evidence: 'byte order mark' };
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at += 1) if (head[at] === 0) zeros[at % 2] += 1;
  // Western text in UTF-16 is every second byte a zero.
  if (zeros[1] > head.length / 8 && zeros[0] < zeros[1] / 8)
    return { encoding: 'utf-16le', evidence: 'zeros at odd places' };
  if (zeros[0] > head.length / 8 && zeros[1] < zeros[0] / 8)
    return { encoding: 'utf-16be', evidence: 'zeros at even places' };
  const flaw = firstInvalidUtf8(head, 0, head.length, !whole);
  if (flaw === -1) {
    const plain = head.every((byte) => byte < 0x80);
    return {
      encoding: 'utf-8',
      evidence: plain ? 'nothing but ASCII so far' : 'valid UTF-8 with letters beyond ASCII',
    };
  }
  const byte = head[flaw].toString(16);
  return { encoding: 'windows-1252', evidence: `byte 0x${byte} at ${flaw} is no UTF-8` };
}

/** What windows-1252 has at 0x80 to 0x9f; the five places it leaves open stay control characters, as browsers have it. */
const windows1252 = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d,
  0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,
  0x017e, 0x0178,
];

/** Turns a stream into UTF-8, chunk by chunk; a byte order mark is left out. */
export interface Transcoder {
  /** The answer may be the chunk itself and is good until the next call. */
  push(chunk: Uint8Array): Uint8Array;
  /** What was held back: a unit cut in half becomes U+FFFD. */
  finish(): Uint8Array;
}

export function transcoderFrom(encoding: Encoding): Transcoder {
  if (encoding === 'utf-8') return new Utf8Passage();
  return encoding === 'windows-1252' ? new Windows1252Transcoder() : new Utf16Transcoder(encoding === 'utf-16be');
}

const nothing = new Uint8Array(0);

class Utf8Passage implements Transcoder {
  #started = false;
  #held: Uint8Array = nothing;

  push(chunk: Uint8Array): Uint8Array {
    if (this.#started) return chunk;
    const joined = new Uint8Array(this.#held.length + chunk.length);
    joined.set(this.#held);
    joined.set(chunk, this.#held.length);
    if (joined.length < 3) {
      this.#held = joined;
      return nothing;
    }
    this.#started = true;
    this.#held = nothing;
    return joined[0] === 0xef && joined[1] === 0xbb && joined[2] === 0xbf ? joined.subarray(3) : joined;
  }

  finish(): Uint8Array {
    return this.#held;
  }
}

class Windows1252Transcoder implements Transcoder {
  push(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(chunk.length * 3 + 4);
    let size = 0;
    for (const byte of chunk) {
      if (byte < 0x80) out[size++] = byte;
      else size = writeCodePoint(out, size, byte < 0xa0 ? windows1252[byte - 0x80] : byte);
    }
    return out.subarray(0, size);
  }

  finish(): Uint8Array {
    return nothing;
  }
}

class Utf16Transcoder implements Transcoder {
  readonly #highFirst: boolean;
  #started = false;
  /** A byte that waits for its other half, or −1. */
  #half = -1;
  /** A high surrogate that waits for its low one, or 0. */
  #high = 0;

  constructor(highFirst: boolean) {
    this.#highFirst = highFirst;
  }

  push(chunk: Uint8Array): Uint8Array {
    const out = new Uint8Array(chunk.length * 3 + 16);
    let size = 0;
    for (const byte of chunk) {
      if (this.#half === -1) {
        this.#half = byte;
        continue;
      }
      const unit = this.#highFirst ? (this.#half << 8) | byte : (byte << 8) | this.#half;
      this.#half = -1;
      if (!this.#started) {
        this.#started = true;
        if (unit === 0xfeff) continue;
      }
      size = this.#unit(out, size, unit);
    }
    return out.subarray(0, size);
  }

  #unit(out: Uint8Array, size: number, unit: number): number {
    let at = size;
    if (this.#high !== 0) {
      const high = this.#high;
      this.#high = 0;
      if (unit >= 0xdc00 && unit <= 0xdfff) {
        return writeCodePoint(out, at, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
      }
      at = writeCodePoint(out, at, 0xfffd);
    }
    if (unit >= 0xd800 && unit <= 0xdbff) {
      this.#high = unit;
      return at;
    }
    return writeCodePoint(out, at, unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit);
  }

  finish(): Uint8Array {
    const out = new Uint8Array(4);
    return this.#half === -1 && this.#high === 0 ? nothing : out.subarray(0, writeCodePoint(out, 0, 0xfffd));
  }
}
