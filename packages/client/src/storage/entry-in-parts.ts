// A large entry of storage that is written again and again with little of it changed: a participant's state has its model in it, and is written
// at every step. Long sections lie in entries of their own and are written when they are other bytes; the rest, and which parts belong to it,
// is written each time and replaced at once. A crash in between leaves the old whole, and at most one part that nobody names, which the next
// writing replaces.
//
// Sections are those of federation's canonical form (title, then name, length and bytes of each); anything else is one piece.

import { MalformedMessage } from '@sumus/federation/errors';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { list, object, orNull, type Shape, text, whole } from '@sumus/wire/shape';
import { jsonBytes, readJson } from '@sumus/wire/text';
import type { Storage } from './storage.ts';

/** Shorter ones are written each time. */
const LONG_BYTES: number = 2 ** 16;
const LENGTH_BYTES = 4;
const PIECES_AT_MOST = 1000;

interface Piece {
  readonly bytes: number;
  /** The entry that has it; null where it stands here. */
  readonly part: string | null;
}

interface Table {
  /** Of the next part that is written. */
  readonly next: number;
  readonly pieces: readonly Piece[];
}

const table: Shape<Table> = object<Table>({
  next: whole(0, 2 ** 52),
  pieces: list(
    object<Piece>({ bytes: whole(0, 2 ** 40), part: orNull(text({ atLeast: 1, atMost: 100 })) }),
    PIECES_AT_MOST,
  ),
});

interface Part {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export class EntryInParts {
  readonly #storage: Storage;
  readonly #name: string;
  readonly #equal: (a: Uint8Array, b: Uint8Array) => boolean;
  /** As they lie in storage: what the last table names. */
  #parts: readonly Part[] = [];
  #next = 0;

  constructor(storage: Storage, name: string, { timingSafeEqual }: Pick<PublicPrimitives, 'timingSafeEqual'>) {
    this.#storage = storage;
    this.#name = name;
    this.#equal = storage.sameBytes ?? timingSafeEqual;
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = await this.#storage.read(this.#name);
    if (bytes === undefined) return undefined;
    const damaged = (): never => {
      throw new MalformedMessage(`the stored ${this.#name} is damaged`);
    };
    if (bytes.length < LENGTH_BYTES) damaged();
    const tableBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const here = bytes.subarray(LENGTH_BYTES + tableBytes);
    const { next, pieces } = readJson(table, bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + tableBytes));
    const out = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.bytes, 0));
    const parts: Part[] = [];
    let at = 0;
    let read = 0;
    for (const { bytes: length, part } of pieces) {
      const found = part === null ? here.subarray(read, read + length) : await this.#storage.read(part);
      if (found?.length !== length) return damaged();
      out.set(found, at);
      if (part === null) read += length;
      else parts.push({ name: part, bytes: found });
      at += length;
    }
    if (read !== here.length) damaged();
    this.#parts = parts;
    this.#next = next;
    return out;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const before = this.#parts;
    const parts: Part[] = [];
    const short: Uint8Array[] = [];
    const pieces: Piece[] = [];
    let next = this.#next;
    for (const section of sectionsIn(bytes)) {
      if (section.length < LONG_BYTES) {
        short.push(section);
        pieces.push({ bytes: section.length, part: null });
        continue;
      }
      // A model that is trained from stands in a state twice.
      const kept = [...before, ...parts].find(
        (one) => one.bytes.length === section.length && this.#equal(one.bytes, section),
      );
      const part: Part = kept ?? { name: `${this.#name}.${next}`, bytes: section };
      if (kept === undefined) {
        next += 1;
        await this.#storage.write(part.name, section);
      }
      parts.push(part);
      pieces.push({ bytes: section.length, part: part.name });
    }
    await this.#storage.write(this.#name, joined(jsonBytes({ next, pieces }), short));
    this.#parts = parts;
    this.#next = next;
    for (const { name } of before) {
      if (!parts.some((one) => one.name === name)) await this.#storage.remove(name);
    }
  }
}

function joined(head: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, LENGTH_BYTES + head.length));
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, LENGTH_BYTES);
  let at = LENGTH_BYTES + head.length;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** Cut before and behind the bytes of each section: all of it, in order. */
function sectionsIn(bytes: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Uint8Array[] = [];
  let from = 0;
  let at = bytes.subarray(0, 256).indexOf(0x0a) + 1;
  while (at > 0 && at < bytes.length) {
    const lengthAt = at + 1 + view.getUint8(at);
    if (lengthAt + LENGTH_BYTES > bytes.length) return [bytes];
    const begins = lengthAt + LENGTH_BYTES;
    const ends = begins + view.getUint32(lengthAt, true);
    if (ends > bytes.length || found.length > PIECES_AT_MOST - 4) return [bytes];
    if (ends - begins >= LONG_BYTES) {
      found.push(bytes.subarray(from, begins), bytes.subarray(begins, ends));
      from = ends;
    }
    at = ends;
  }
  found.push(bytes.subarray(from));
  return found;
}
