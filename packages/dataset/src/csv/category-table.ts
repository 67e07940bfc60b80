// Texts to codes, over bytes: a text is decoded and checked once, when it is first seen, however often it occurs. That is where bytes
// that are no UTF-8 and NUL bytes are caught. Open addressing; where many texts fall on one place (a file may be made so on
// purpose), a Map keyed by text takes over, whose hashing a file cannot foresee.
import { decodeAscii, decodeUtf8, firstInvalidUtf8 } from '../text/utf8.ts';

/** Instead of a code: the text is a marker for "missing". */
export const markedMissing = -1;
/** Instead of a code: the bytes are no UTF-8. */
export const notUtf8 = -2;
/** Instead of a code: there is a NUL byte in it. */
export const holdsNul = -3;
/** Instead of a code: the schema declares the categories, and this is none of them. */
export const undeclared = -4;

const probeLimit = 64;

export class CategoryTable {
  /** Entries of the hash table: 1 + the place of an entry, 0 where free. */
  #slots = new Int32Array(256);
  #entryCount = 0;
  /** Where entry i starts in the arena; entry i + 1 starts where it ends. */
  #offsets = new Int32Array(130);
  #hashes = new Int32Array(129);
  #codes = new Int32Array(129);
  #arena = new Uint8Array(1024);
  #arenaView = new DataView(this.#arena.buffer);
  /** Whether everything in the arena is ASCII, so that places in it are places in its text. */
  #plain = true;
  /** Texts that have a code, in the hash table or beside it. */
  #size = 0;
  #byText: Map<string, number> | undefined;
  readonly #missing: ReadonlySet<string>;
  readonly #longestMarker: number;
  readonly #declared: ReadonlyMap<string, number> | undefined;
  readonly #declaredTexts: readonly string[];

  constructor(missing: readonly string[], declared?: readonly string[]) {
    this.#missing = new Set(missing);
    this.#longestMarker = missing.reduce((longest, text) => Math.max(longest, text.length * 3), 0);
    this.#declaredTexts = declared ?? [];
    this.#declared = declared === undefined ? undefined : new Map(declared.map((text, code) => [text, code]));
  }

  /** The dictionary so far, handed over; the table starts again empty. */
  take(): readonly string[] {
    const taken = this.#declared === undefined ? this.#dictionary() : this.#declaredTexts;
    this.#size = 0;
    this.#entryCount = 0;
    this.#plain = true;
    this.#slots.fill(0);
    this.#byText = undefined;
    return taken;
  }

  /** Texts are made only here, all at once: slices of one long text cost next to nothing. */
  #dictionary(): string[] {
    if (this.#byText !== undefined) return [...this.#byText.keys()];
    const end = this.#entryCount === 0 ? 0 : this.#offsets[this.#entryCount];
    const whole = this.#plain ? decodeAscii(this.#arena, 0, end) : '';
    const dictionary: string[] = [];
    for (let entry = 0; entry < this.#entryCount; entry += 1) {
      if (this.#codes[entry] < 0) continue;
      const [from, to] = [this.#offsets[entry], this.#offsets[entry + 1]];
      dictionary.push(this.#plain ? whole.slice(from, to) : (decodeUtf8(this.#arena, from, to) ?? ''));
    }
    return dictionary;
  }

  /**
   * The code of the text in bytes[start, end), or one of the negative answers above. `view` is over the same bytes: texts are hashed
   * and compared four bytes at a time.
   */
  codeOf(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const size = end - start;
    let hash = size;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (; at < end; at += 1) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    // Keys that count up must not lie side by side: probes are linear.
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash ^= hash >>> 13;
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hash & mask, probes = 0; probes < probeLimit; slot = (slot + 1) & mask, probes += 1) {
      const entry = slots[slot] - 1;
      if (entry === -1) {
        return this.#byText === undefined ? this.#insert(slot, hash, bytes, start, end) : this.#slow(bytes, start, end);
      }
      if (this.#hashes[entry] !== hash) continue;
      const offset = this.#offsets[entry];
      if (this.#offsets[entry + 1] - offset === size && this.#equals(offset, bytes, view, start, end))
        return this.#codes[entry];
    }
    return this.#slow(bytes, start, end);
  }

  #equals(offset: number, bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    let at = start;
    let from = offset;
    for (; at + 4 <= end; at += 4, from += 4) {
      if (this.#arenaView.getInt32(from, true) !== view.getInt32(at, true)) return false;
    }
    for (; at < end; at += 1, from += 1) if (this.#arena[from] !== bytes[at]) return false;
    return true;
  }

  #insert(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const entry = this.#entryCount;
    const offset = entry === 0 ? 0 : this.#offsets[entry];
    const after = offset + (end - start);
    if (after > this.#arena.length) {
      this.#arena = grown(this.#arena, after);
      this.#arenaView = new DataView(this.#arena.buffer);
    }
    let signs = 0;
    let holdsZero = false;
    for (let from = start, to = offset; from < end; from += 1, to += 1) {
      const byte = bytes[from];
      this.#arena[to] = byte;
      signs |= byte;
      if (byte === 0) holdsZero = true;
    }
    const code = this.#judge(bytes, start, end, signs >= 0x80, holdsZero);
    this.#offsets[0] = 0;
    this.#offsets[entry + 1] = after;
    this.#hashes[entry] = hash;
    this.#codes[entry] = code;
    this.#slots[slot] = entry + 1;
    this.#entryCount = entry + 1;
    if (this.#entryCount * 2 > this.#slots.length) this.#rehash();
    return code;
  }

  /** A code for a text that is new to the hash table. */
  #judge(bytes: Uint8Array, start: number, end: number, foreign: boolean, holdsZero: boolean): number {
    if (foreign) {
      this.#plain = false;
      if (firstInvalidUtf8(bytes, start, end) !== -1) return notUtf8;
    }
    if (end - start <= this.#longestMarker || this.#declared !== undefined) {
      const text = decodeUtf8(bytes, start, end) ?? '';
      if (this.#missing.has(text)) return markedMissing;
      if (this.#declared !== undefined) return holdsZero ? holdsNul : (this.#declared.get(text) ?? undeclared);
    }
    if (holdsZero) return holdsNul;
    this.#size += 1;
    return this.#size - 1;
  }

  /** Too many texts fell on one place: from here on new ones are looked up by text. */
  #slow(bytes: Uint8Array, start: number, end: number): number {
    if (this.#declared === undefined) {
      this.#byText ??= new Map(this.#dictionary().map((one, at) => [one, at]));
    }
    const known = this.#declared ?? this.#byText;
    const text = decodeUtf8(bytes, start, end);
    if (text === undefined) return notUtf8;
    if (this.#missing.has(text)) return markedMissing;
    const code = known?.get(text);
    if (code !== undefined) return code;
    if (text.includes('\0')) return holdsNul;
    if (this.#byText === undefined) return undeclared;
    this.#byText.set(text, this.#size);
    this.#size += 1;
    return this.#size - 1;
  }

  #rehash(): void {
    const length = this.#slots.length * 4;
    this.#slots = new Int32Array(length);
    this.#offsets = grownInts(this.#offsets, length / 2 + 2);
    this.#hashes = grownInts(this.#hashes, length / 2 + 1);
    this.#codes = grownInts(this.#codes, length / 2 + 1);
    for (let entry = 0; entry < this.#entryCount; entry += 1) {
      let slot = this.#hashes[entry] & (length - 1);
      while (this.#slots[slot] !== 0) slot = (slot + 1) & (length - 1);
      this.#slots[slot] = entry + 1;
    }
  }
}

function grown(array: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(array.length * 2, least));
  larger.set(array);
  return larger;
}

function grownInts(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
