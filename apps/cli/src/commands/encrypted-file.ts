// The files of sumus encrypted: one line of JSON that says what is in it and for which offer or task, then records: a name and a message of
// @sumus/lattice/wire. Written record by record and read record by record: a file of ciphertexts may be larger than memory.
//
//   header   {"format":"sumus encrypted 1","holds":…,"for":…,…} and a newline, at most 64 KiB
//   record   length of the name u16, the name, length of the message u32, the message; numbers little endian
//
// Refused: other headers, a file for another offer or of another key (ciphertexts of another run), names given twice, a file cut short, a
// secret where there is a file already.
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { UsageError } from '../command.ts';

export interface EncryptedHeader {
  readonly holds: 'secret key' | 'evaluation keys' | 'inputs' | 'outputs';
  /** SHA-256 of the offer or task, in hex. */
  readonly for: string;
  /** Drawn by keygen, in hex: what was encrypted under one key is not computed on with another's. No secret, and no proof. */
  readonly key: string;
  /** Examples or rows, where it holds any. */
  readonly count?: number;
}

const FORMAT = 'sumus encrypted 1';
const MOST_HEADER_BYTES = 1 << 16;

export class EncryptedWriter {
  readonly #file: number;

  /** Secrets are readable by their owner alone, and never written over: neither over a key that is in use, nor into a file others may read. */
  constructor(path: string, header: EncryptedHeader) {
    this.#file = header.holds === 'secret key' ? createdForOwner(path) : openSync(path, 'w', 0o644);
    this.#write(Buffer.from(`${JSON.stringify({ format: FORMAT, ...header })}\n`, 'utf8'));
  }

  record(name: string, message: Uint8Array): void {
    const written = Buffer.from(name, 'utf8');
    const head = Buffer.alloc(2 + written.length + 4);
    head.writeUInt16LE(written.length, 0);
    written.copy(head, 2);
    head.writeUInt32LE(message.length, 2 + written.length);
    this.#write(head);
    this.#write(message);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
  }
}

export class EncryptedReader {
  readonly header: EncryptedHeader;
  readonly #path: string;
  readonly #file: number;
  readonly #places = new Map<string, { readonly at: number; readonly length: number }>();

  /** Looks where every record stands; messages are read when they are asked for. */
  constructor(path: string, holds: EncryptedHeader['holds']) {
    this.#path = path;
    this.#file = opened(path);
    try {
      const size = fstatSync(this.#file).size;
      const first = this.#bytes(0, Math.min(size, MOST_HEADER_BYTES));
      const end = first.indexOf(0x0a);
      if (end < 0) this.#refuse('it has no header');
      this.header = this.#headerFrom(first.toString('utf8', 0, end), holds);
      this.#index(end + 1, size);
    } catch (error) {
      closeSync(this.#file);
      throw error;
    }
  }

  get names(): readonly string[] {
    return [...this.#places.keys()];
  }

  message(name: string): Uint8Array {
    const place = this.#places.get(name);
    if (place === undefined) this.#refuse(`it holds no ${name}`);
    return this.#bytes(place.at, place.length);
  }

  /** Refuses a file that was made for another offer. */
  requireFor(identity: string): void {
    if (this.header.for !== identity)
      this.#refuse('it was made for another offer: keys and ciphertexts of another run');
  }

  /** Refuses a file of another keygen for the same offer. */
  requireKey(key: string): void {
    if (this.header.key !== key)
      this.#refuse('it is of another key than the rest: keys and ciphertexts of another run');
  }

  /** Refuses a count that so many groups of ciphertexts cannot hold. */
  requireGroups(count: number): void {
    if (count > this.#places.size) this.#refuse(`it says that it holds ${this.header.count}, and has no room for them`);
  }

  close(): void {
    closeSync(this.#file);
  }

  #index(start: number, size: number): void {
    for (let at = start; at < size; ) {
      if (at + 2 > size) this.#refuse('it ends within a record');
      const nameLength = this.#bytes(at, 2).readUInt16LE(0);
      if (at + 2 + nameLength + 4 > size) this.#refuse('it ends within a record');
      const head = this.#bytes(at + 2, nameLength + 4);
      const name = head.toString('utf8', 0, nameLength);
      const length = head.readUInt32LE(nameLength);
      at += 2 + nameLength + 4;
      if (at + length > size) this.#refuse('it ends within a record');
      if (this.#places.has(name)) this.#refuse(`it holds ${name} twice`);
      this.#places.set(name, { at, length });
      at += length;
    }
  }

  #headerFrom(text: string, holds: EncryptedHeader['holds']): EncryptedHeader {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Whatever it is, it is no header.
      return this.#refuse('its first line is no JSON');
    }
    const members = new Map<string, unknown>(typeof value === 'object' && value !== null ? Object.entries(value) : []);
    if (members.get('format') !== FORMAT) this.#refuse(`it is not of the format '${FORMAT}'`);
    const held = members.get('holds');
    if (held !== holds) this.#refuse(`it holds ${String(held)}, and ${holds} are needed here`);
    const identity = members.get('for');
    if (typeof identity !== 'string' || !/^[0-9a-f]{64}$/.test(identity))
      return this.#refuse('it does not say what it is for');
    const key = members.get('key');
    if (typeof key !== 'string' || !/^[0-9a-f]{32}$/.test(key))
      return this.#refuse('it does not say of which key it is');
    const count = members.get('count');
    if (count === undefined) return { holds, for: identity, key };
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 1)
      return this.#refuse('its count is none');
    return { holds, for: identity, key, count };
  }

  #bytes(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.#file, bytes, done, length - done, at + done);
      if (read === 0) this.#refuse('it ends too early');
      done += read;
    }
    return bytes;
  }

  #refuse(why: string): never {
    throw new UsageError(`${this.#path}: ${why}`);
  }
}

function createdForOwner(path: string): number {
  try {
    return openSync(path, 'wx', 0o600);
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw new UsageError(
      exists
        ? `${path} is there already: what was encrypted with it could not be opened any more. Another folder, or move it away`
        : `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
