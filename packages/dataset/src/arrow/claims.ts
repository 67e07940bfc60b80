// What an Arrow file claims about itself, walked before flechette believes it: every list in its description (FlatBuffers: a count,
// then as many entries) must fit into the bytes that are there, lists that share their entries are paid for each time, and a batch
// has no more rows than bits. Without it a few hundred bytes make a reader loop two thousand million times.
// The same way through the file as flechette takes, field numbers as in Message.fbs, Schema.fbs and File.fbs of Apache Arrow.
import { MalformedData } from '../errors.ts';

const refuse = (reason: string): never => {
  throw new MalformedData(`Arrow: ${reason}`);
};

const magic = [65, 82, 82, 79, 87, 49];
const headerTypes = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const unionType = 14;
const mostDepth = 64;

/** Throws MalformedData where following the claims would cost more than the file is long. */
export function checkClaims(bytes: Uint8Array): void {
  const walk = new Walk(bytes);
  if (magic.every((byte, at) => bytes[at] === byte)) walk.file();
  else walk.stream();
}

/** Schema.fbs: texts and bytes by their offsets or views, and the width of one; values of a fixed width, which cannot share their bytes. */
const textTypes: ReadonlyMap<number, number> = new Map([
  [4, 4],
  [5, 4],
  [19, 8],
  [20, 8],
  [23, 16],
  [24, 16],
]);

/** What texts may hold together, beyond four times the file: they may point to the same bytes. */
export const freeText: number = 1 << 26;

const plainTypes: ReadonlySet<number> = new Set([1, 2, 3, 6, 7, 8, 9, 10, 11, 18]);

type Visit = (bytes: Uint8Array, at: number) => void;

class Walk {
  readonly #bytes: Uint8Array;
  #visits = 0;
  #fields = 0;
  /** What the values of each dictionary are, by its id. */
  readonly #dictionaries = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  file(): void {
    const bytes = this.#bytes;
    const end = bytes.length - magic.length - 4;
    const footer = end - int32(bytes, end);
    const [dictionaries, records] = [8, 10].map((entry) => {
      const places: number[] = [];
      const at = entryOf(bytes, footer, entry);
      if (at !== 0) this.#list(bytes, at, 24, (_, block) => places.push(int64(bytes, block)));
      return places;
    });
    if (dictionaries.length * records.length > 1e8) refuse('too many dictionaries for too many batches');
    const schema = entryOf(bytes, footer, 6);
    if (schema !== 0) this.#schema(bytes, schema);
    const metadata = entryOf(bytes, footer, 12);
    if (metadata !== 0) this.#list(bytes, metadata, 4, () => undefined);
    for (const place of [...dictionaries, ...records]) this.#message(place);
  }

  stream(): void {
    for (let at = 0; at >= 0; ) at = this.#message(at);
  }

  /** Where the next message starts, or −1. */
  #message(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    let size = int32(bytes, at);
    at += 4;
    if (size === -1) {
      size = int32(bytes, at);
      at += 4;
    }
    if (size === 0) return -1;
    if (!(size > 0 && at >= 0 && at + size <= bytes.length)) return refuse(`a message of ${size} bytes at ${start}`);
    this.#visit(1);
    const head = bytes.subarray(at, at + size);
    const typeAt = entryOf(head, 0, 6);
    const type = typeAt === 0 ? 0 : head[typeAt];
    const header = entryOf(head, 0, 8);
    const bodyAt = entryOf(head, 0, 10);
    const body = bodyAt === 0 ? 0 : int64(head, bodyAt);
    if (body < 0 || body > bytes.length) return refuse(`a message body of ${body} bytes`);
    if (header !== 0) {
      if (type === headerTypes.schema) this.#schema(head, header);
      else if (type === headerTypes.recordBatch) {
        // For each batch there is a piece of each column.
        this.#visit(this.#fields);
        this.#batch(head, header);
      } else if (type === headerTypes.dictionaryBatch) {
        const data = entryOf(head, header, 6);
        if (data !== 0) {
          this.#batch(head, data);
          this.#texts(head, header, data, at + size);
        }
      }
    }
    return at + size + body;
  }

  #schema(bytes: Uint8Array, at: number): void {
    const fields = entryOf(bytes, at, 6);
    if (fields !== 0) this.#list(bytes, fields, 4, (own, field) => this.#field(own, field, 0));
    this.#metadata(bytes, entryOf(bytes, at, 8));
  }

  #field(bytes: Uint8Array, at: number, depth: number): void {
    if (depth > mostDepth) refuse(`fields within fields more than ${mostDepth} deep`);
    this.#fields += 1;
    const children = entryOf(bytes, at, 14);
    if (children !== 0) this.#list(bytes, children, 4, (own, child) => this.#field(own, child, depth + 1));
    this.#metadata(bytes, entryOf(bytes, at, 16));
    const typeId = entryOf(bytes, at, 8);
    const dictionary = entryOf(bytes, at, 12);
    if (dictionary !== 0) {
      const idAt = entryOf(bytes, dictionary, 4);
      const id = idAt === 0 ? 0 : int64(bytes, idAt);
      const type = typeId === 0 ? 0 : bytes[typeId];
      if ((this.#dictionaries.get(id) ?? type) !== type) refuse(`dictionary ${id} is of two types`);
      this.#dictionaries.set(id, type);
    }
    const type = entryOf(bytes, at, 10);
    if (typeId !== 0 && bytes[typeId] === unionType && type !== 0) {
      const ids = entryOf(bytes, type, 6);
      if (ids !== 0) this.#list(bytes, ids, 4, () => undefined);
    }
  }

  #metadata(bytes: Uint8Array, at: number): void {
    if (at !== 0) this.#list(bytes, at, 4, () => undefined);
  }

  /** flechette makes all texts of a dictionary at once: they must not lie on top of each other. `body`: where its regions begin. */
  #texts(head: Uint8Array, header: number, data: number, body: number): void {
    const idAt = entryOf(head, header, 4);
    const type = this.#dictionaries.get(idAt === 0 ? 0 : int64(head, idAt));
    if (type === undefined || plainTypes.has(type)) return;
    const width = textTypes.get(type);
    if (width === undefined) throw new MalformedData(`Arrow: a dictionary of values of type ${type} is not read`);
    const rowsAt = entryOf(head, data, 4);
    const rows = rowsAt === 0 ? 0 : int64(head, rowsAt);
    const regions: number[] = [];
    const list = entryOf(head, data, 8);
    if (list !== 0) this.#list(head, list, 16, (own, region) => regions.push(body + int64(own, region)));
    const offsets = regions[1] ?? 0;
    // A view is 16 bytes, its length first; views may share, within bounds.
    const isView = width === 16;
    const read = width === 8 ? int64 : int32;
    let [before, total] = [0, 0];
    for (let row = 0; row < (isView ? rows : rows + 1); row += 1) {
      const value = read(this.#bytes, offsets + row * width);
      if (value < before) refuse('texts of a dictionary that end before they begin');
      total += value;
      if (isView && total > 4 * this.#bytes.length + freeText) refuse(`texts of a dictionary of ${total} bytes`);
      if (!isView) before = value;
    }
  }

  #batch(bytes: Uint8Array, at: number): void {
    const lengthAt = entryOf(bytes, at, 4);
    const rows = lengthAt === 0 ? 0 : int64(bytes, lengthAt);
    if (rows < 0 || rows > 8 * this.#bytes.length) refuse(`a batch of ${rows} rows in ${this.#bytes.length} bytes`);
    const most = 8 * this.#bytes.length;
    const claim = (own: Uint8Array, place: number): void => {
      const value = int64(own, place);
      if (value < 0 || value > most) refuse(`a piece of ${value} values or bytes in ${this.#bytes.length} bytes`);
    };
    const [nodes, regions, variadic] = [6, 8, 12].map((entry) => entryOf(bytes, at, entry));
    if (nodes !== 0) this.#list(bytes, nodes, 16, claim);
    if (regions !== 0) {
      this.#list(bytes, regions, 16, (own, region) => {
        claim(own, region);
        claim(own, region + 8);
      });
    }
    if (variadic !== 0) this.#list(bytes, variadic, 8, claim);
  }

  /** Visits each entry, once it is certain that as many are there. */
  #list(bytes: Uint8Array, at: number, stride: number, visit: Visit): void {
    const base = at + int32(bytes, at);
    const count = int32(bytes, base);
    if (count < 0 || count * stride > bytes.length - base)
      refuse(`a list of ${count} entries in ${bytes.length} bytes`);
    this.#visit(count);
    for (let entry = 0; entry < count; entry += 1) visit(bytes, base + 4 + entry * stride);
  }

  #visit(count: number): void {
    this.#visits += count;
    if (this.#visits > this.#bytes.length) refuse('its description of itself costs more to read than it is long');
  }
}

/** Where an entry of a table lies, 0 where there is none. What lies outside the bytes reads as zeros, as flechette has it. */
function entryOf(bytes: Uint8Array, index: number, entry: number): number {
  const table = index + int32(bytes, index);
  const layout = table - int32(bytes, table);
  if (entry >= int16(bytes, layout)) return 0;
  const offset = int16(bytes, layout + entry);
  return offset === 0 ? 0 : table + offset;
}

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const int16 = (bytes: Uint8Array, at: number): number =>
  ((byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8)) << 16) >> 16;
const int32 = (bytes: Uint8Array, at: number): number =>
  byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24);
const int64 = (bytes: Uint8Array, at: number): number => int32(bytes, at + 4) * 2 ** 32 + (int32(bytes, at) >>> 0);
