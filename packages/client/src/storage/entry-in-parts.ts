// A large entry of storage that is written again and again with little of it changed: a participant's state has its model in it, and is written
// at every step. Long sections lie in entries of their own and are written when they are other bytes; the rest, and which parts belong to it,
// is written each time and replaced at once. A crash in between leaves the old whole, and at most one part that nobody names, which the next
// writing replaces.
//
// What is written comes in pieces, one behind another: long ones are the parts, and one that is the very array it was is not even compared.

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

  /** Nobody changes a long piece afterwards. */
  async write(given: readonly Uint8Array[]): Promise<void> {
    const before = this.#parts;
    const parts: Part[] = [];
    const short: Uint8Array[] = [];
    const pieces: Piece[] = [];
    let next = this.#next;
    for (const piece of given) {
      if (piece.length < LONG_BYTES) {
        short.push(piece);
        const last = pieces.at(-1);
        if (last?.part === null) pieces[pieces.length - 1] = { bytes: last.bytes + piece.length, part: null };
        else pieces.push({ bytes: piece.length, part: null });
        continue;
      }
      // A model that is trained from stands in a state twice.
      const known = [...before, ...parts];
      const kept = known.find((one) => one.bytes === piece) ?? known.find((one) => this.#isSame(one.bytes, piece));
      const name = kept?.name ?? `${this.#name}.${next}`;
      if (kept === undefined) {
        next += 1;
        await this.#storage.write(name, piece);
      }
      // Of equal ones the newer: it is the one that comes again.
      parts.push({ name, bytes: piece });
      pieces.push({ bytes: piece.length, part: name });
    }
    await this.#storage.write(this.#name, joined(jsonBytes({ next, pieces }), short));
    this.#parts = parts;
    this.#next = next;
    for (const { name } of before) {
      if (!parts.some((one) => one.name === name)) await this.#storage.remove(name);
    }
  }

  #isSame(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && this.#equal(a, b);
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
