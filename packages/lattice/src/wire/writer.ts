// Bytes are written here, field after field, numbers lowest byte first. Every field has a name, so that a message can be printed
// with its parts marked (the annotated vectors) without a second description of the format.

import { ParameterError } from '../errors.ts';

/** Is told of every field in order: its name and where it lies. */
export type Trace = (field: string, start: number, end: number) => void;

export class Writer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  readonly #trace: Trace | undefined;

  /** `sizeBytes`: how long the message will be; more room is made when it is not enough. */
  constructor(sizeBytes: number, trace?: Trace) {
    this.#bytes = new Uint8Array(sizeBytes);
    this.#trace = trace;
  }

  u8(field: string, value: number): void {
    this.#unsigned(field, value, 1);
  }

  u16(field: string, value: number): void {
    this.#unsigned(field, value, 2);
  }

  u32(field: string, value: number): void {
    this.#unsigned(field, value, 4);
  }

  /** A finite double; −0 is written as 0, so that equal numbers have equal bytes. */
  f64(field: string, value: number): void {
    if (!Number.isFinite(value)) throw new ParameterError(`${field} is ${value}, not a finite number`);
    const room = this.room(field, 8);
    new DataView(room.buffer, room.byteOffset, 8).setFloat64(0, value === 0 ? 0 : value, true);
  }

  bytes(field: string, bytes: Uint8Array, length: number): void {
    if (bytes.length !== length) throw new ParameterError(`${field} has ${bytes.length} bytes, not ${length}`);
    this.room(field, length).set(bytes);
  }

  /** Room for the next `length` bytes, to be filled by the caller before anything else is written. */
  room(field: string, length: number): Uint8Array<ArrayBuffer> {
    const start = this.#length;
    const end = start + length;
    if (end > this.#bytes.length) this.#grow(end);
    this.#length = end;
    this.#trace?.(field, start, end);
    return this.#bytes.subarray(start, end);
  }

  /** The message. The writer is done. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.length ? this.#bytes : this.#cut();
  }

  #unsigned(field: string, value: number, length: number): void {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * length)) {
      throw new ParameterError(`${field} ${value} is not an integer in [0, 2^${8 * length})`);
    }
    const room = this.room(field, length);
    for (let i = 0; i < length; i++) room[i] = Math.floor(value / 2 ** (8 * i)) % 256;
  }

  #grow(needed: number): void {
    const smaller = this.#bytes;
    this.#bytes = new Uint8Array(Math.max(needed, 2 * smaller.length));
    this.#bytes.set(smaller);
    // It may have held a secret.
    smaller.fill(0);
  }

  #cut(): Uint8Array<ArrayBuffer> {
    const whole = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0);
    return whole;
  }
}
