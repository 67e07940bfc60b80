// Texts to codes, over bytes: a text is decoded and checked once, when it is first seen, however often it occurs. That is where bytes
// that are no UTF-8 and NUL bytes are caught. Open addressing; where many texts fall on one place (a file may be made so on
// purpose), a Map keyed by text takes over, whose hashing a file cannot foresee.
import { decodeUtf8 } from '../text/utf8.ts';

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
  #dictionary: string[] = [];
  #byText: Map<string, number> | undefined;
  readonly #missing: ReadonlySet<string>;
  readonly #declared: ReadonlyMap<string, number> | undefined;
  readonly #declaredTexts: readonly string[];

  constructor(missing: readonly string[], declared?: readonly string[]) {
    this.#missing = new Set(missing);
    this.#declaredTexts = declared ?? [];
    this.#declared = declared === undefined ? undefined : new Map(declared.map((text, code) => [text, code]));
  }

  get size(): number {
    return this.#dictionary.length;
  }

  /** The dictionary so far, handed over; the table starts again empty. */
  take(): readonly string[] {
    const taken = this.#declared === undefined ? this.#dictionary : this.#declaredTexts;
    this.#dictionary = [];
    this.#entryCount = 0;
    this.#slots.fill(0);
    this.#byText = undefined;
    return taken;
  }

  /** The code of the text in bytes[start, end), or one of the negative answers above. */
  codeOf(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5 | 0;
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at], 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    const size = end - start;
    for (let slot = hash & mask, probes = 0; probes < probeLimit; slot = (slot + 1) & mask, probes += 1) {
      const entry = this.#slots[slot] - 1;
      if (entry === -1)
        return this.#byText === undefined ? this.#insert(slot, hash, bytes, start, end) : this.#slow(bytes, start, end);
      if (this.#hashes[entry] !== hash) continue;
      const offset = this.#offsets[entry];
      if (this.#offsets[entry + 1] - offset !== size) continue;
      let at = 0;
      while (at < size && this.#arena[offset + at] === bytes[start + at]) at += 1;
      if (at === size) return this.#codes[entry];
    }
    return this.#slow(bytes, start, end);
  }

  #insert(slot: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const entry = this.#entryCount;
    const offset = entry === 0 ? 0 : this.#offsets[entry];
    const after = offset + (end - start);
    if (after > this.#arena.length) this.#arena = grown(this.#arena, after);
    this.#arena.set(bytes.subarray(start, end), offset);
    const code = this.#judge(bytes, start, end);
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
  #judge(bytes: Uint8Array, start: number, end: number): number {
    const text = decodeUtf8(bytes, start, end);
    if (text === undefined) return notUtf8;
    return this.#judgeText(text);
  }

  #judgeText(text: string): number {
    if (this.#missing.has(text)) return markedMissing;
    if (text.includes('\0')) return holdsNul;
    if (this.#declared !== undefined) return this.#declared.get(text) ?? undeclared;
    this.#dictionary.push(text);
    return this.#dictionary.length - 1;
  }

  /** Too many texts fell on one place: from here on new ones are looked up by text. */
  #slow(bytes: Uint8Array, start: number, end: number): number {
    this.#byText ??= new Map(this.#dictionary.map((text, code) => [text, code]));
    const text = decodeUtf8(bytes, start, end);
    if (text === undefined) return notUtf8;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const code = this.#judgeText(text);
    if (code >= 0) this.#byText.set(text, code);
    return code;
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
