// Bytes from elsewhere are read here. Every access is checked against what is left and against a bound of the caller before
// anything is allocated, so a hostile length costs nothing; finish() refuses bytes that are left over. Whatever is wrong is a
// MalformedMessage that names message, field and offset, and never shows the bytes.

import { type MalformedCode, MalformedMessage } from '../errors.ts';
import { isName, type MemberId, memberId, NAME_BYTES_AT_MOST } from './names.ts';

export class CanonicalReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  readonly message: string;

  /** `message`: what is being read, for errors. */
  constructor(bytes: Uint8Array, message: string) {
    // A plain Uint8Array, whose slice() copies; that of Node's Buffer does not.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
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

  /** A whole number below 2^53. */
  u64(field: string): number {
    const start = this.#advance(field, 8);
    const value = this.#view.getUint32(start, true) + 2 ** 32 * this.#view.getUint32(start + 4, true);
    if (!Number.isSafeInteger(value)) this.refuse('E_RANGE', `${field} is not below 2^53`);
    return value;
  }

  /** A finite double other than −0. */
  f64(field: string): number {
    const value = this.#view.getFloat64(this.#advance(field, 8), true);
    if (!Number.isFinite(value) || Object.is(value, -0))
      this.refuse('E_RANGE', `${field} is no finite canonical number`);
    return value;
  }

  /** A number in [lowest, highest] of so many bytes. */
  within(field: string, bytes: 1 | 2 | 4 | 8, lowest: number, highest: number): number {
    const value =
      bytes === 1 ? this.u8(field) : bytes === 2 ? this.u16(field) : bytes === 4 ? this.u32(field) : this.u64(field);
    if (value < lowest || value > highest) {
      this.refuse('E_RANGE', `${field} is ${value}, not in [${lowest}, ${highest}]`);
    }
    return value;
  }

  /** A copy of the next `length` bytes. */
  fixed(field: string, length: number): Uint8Array<ArrayBuffer> {
    const start = this.#advance(field, length);
    return this.#bytes.slice(start, start + length);
  }

  /** A copy of bytes behind their length, which is at most `atMost`. */
  blob(field: string, atMost: number): Uint8Array<ArrayBuffer> {
    return this.fixed(field, this.#length(field, atMost));
  }

  /** The same where they lie: to be looked at, not kept. */
  blobView(field: string, atMost: number): Uint8Array {
    const length = this.#length(field, atMost);
    const start = this.#advance(field, length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Past bytes that are looked at elsewhere. */
  skip(field: string, length: number): void {
    this.#advance(field, length);
  }

  name(field: string): string {
    const bytes = this.blobView(field, NAME_BYTES_AT_MOST);
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    if (!isName(text)) this.refuse('E_MALFORMED', `${field} is not a name`);
    return text;
  }

  member(field: string): MemberId {
    return memberId(this.name(field));
  }

  /** How many of something follow, each at least `bytesEach` long: refused when they cannot be there. */
  count(field: string, atMost: number, bytesEach: number): number {
    const count = this.within(field, 4, 0, atMost);
    if (count * bytesEach > this.remaining) {
      this.refuse('E_LEN', `${count} of ${field} need ${count * bytesEach} bytes, ${this.remaining} are left`);
    }
    return count;
  }

  finish(): void {
    if (this.remaining !== 0) this.refuse('E_LEN', `${this.remaining} bytes are left over`);
  }

  refuse(code: MalformedCode, why: string): never {
    throw new MalformedMessage(code, `${this.message}, at byte ${this.#at}: ${why}`);
  }

  #length(field: string, atMost: number): number {
    const length = this.u32(`length of ${field}`);
    if (length > atMost) this.refuse('E_LEN', `${field} has ${length} bytes, more than ${atMost}`);
    return length;
  }

  #advance(field: string, length: number): number {
    if (length > this.remaining) {
      this.refuse('E_LEN', `${field} needs ${length} bytes, ${this.remaining} are left`);
    }
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
