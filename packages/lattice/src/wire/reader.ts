// Bytes from elsewhere are read here. Every access is checked against what is left before anything is allocated, so a hostile
// length costs nothing; finish() refuses bytes that are left over. Whatever is wrong is a MalformedMessage that names the
// message, the field and the offset, and shows no content of fields that may be secret.

import { MalformedMessage } from '../errors.ts';

export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  readonly message: string;

  /** `message`: what is being read, for errors. */
  constructor(bytes: Uint8Array, message: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.message = message;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#advance(field, 1));
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#advance(field, 2), true);
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#advance(field, 4), true);
  }

  /** A number in [lowest, highest] of so many bytes. */
  within(field: string, bytes: 1 | 2 | 4, lowest: number, highest: number): number {
    const value = bytes === 1 ? this.u8(field) : bytes === 2 ? this.u16(field) : this.u32(field);
    if (value < lowest || value > highest) this.refuse(`${field} is ${value}, not in [${lowest}, ${highest}]`);
    return value;
  }

  /** A finite double other than −0. */
  f64(field: string): number {
    const value = this.#view.getFloat64(this.#advance(field, 8), true);
    if (!Number.isFinite(value) || Object.is(value, -0)) this.refuse(`${field} is ${value}, no finite number`);
    return value;
  }

  /** A copy of the next bytes. */
  bytes(field: string, length: number): Uint8Array<ArrayBuffer> {
    const start = this.#advance(field, length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** The next bytes where they lie: to be looked at, not kept. */
  view(field: string, length: number): Uint8Array {
    const start = this.#advance(field, length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Refuses unless so many bytes are left: to be asked before anything of a size that the message chose is allocated. */
  require(field: string, length: number): void {
    if (length > this.remaining) {
      this.refuse(`${field} needs ${length} bytes, ${this.remaining} are left`);
    }
  }

  finish(): void {
    if (this.remaining !== 0) this.refuse(`${this.remaining} bytes are left over`);
  }

  refuse(why: string): never {
    throw new MalformedMessage(`${this.message}, at byte ${this.#at}: ${why}`);
  }

  #advance(field: string, length: number): number {
    this.require(field, length);
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
