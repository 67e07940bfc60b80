// Canonical bytes are written here, field after field, numbers lowest byte first, anything of varying length behind its length.
// There is one way to write a value, so a hash of what was written stands for the value.

import { ParameterError } from '../errors.ts';
import { requireName, writeAscii } from './names.ts';

export class CanonicalWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** `sizeBytes`: how long it will be, a hint. */
  constructor(sizeBytes = 256) {
    this.#bytes = new Uint8Array(Math.max(sizeBytes, 16));
  }

  u8(field: string, value: number): this {
    return this.#unsigned(field, value, 1);
  }

  u16(field: string, value: number): this {
    return this.#unsigned(field, value, 2);
  }

  u32(field: string, value: number): this {
    return this.#unsigned(field, value, 4);
  }

  /** A whole number below 2^53, in eight bytes. */
  u64(field: string, value: number): this {
    return this.#unsigned(field, value, 8);
  }

  /** A finite double; −0 is written as 0, so that equal numbers have equal bytes. */
  f64(field: string, value: number): this {
    if (!Number.isFinite(value)) throw new ParameterError(`${field} is ${value}, not a finite number`);
    const start = this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(start, value === 0 ? 0 : value, true);
    return this;
  }

  /** Bytes whose length the format fixes. */
  fixed(field: string, bytes: Uint8Array, length: number): this {
    if (bytes.length !== length) throw new ParameterError(`${field} has ${bytes.length} bytes, not ${length}`);
    const start = this.#room(length);
    this.#bytes.set(bytes, start);
    return this;
  }

  /** Bytes of any length, behind their length. */
  blob(field: string, bytes: Uint8Array): this {
    this.u32(`length of ${field}`, bytes.length);
    const start = this.#room(bytes.length);
    this.#bytes.set(bytes, start);
    return this;
  }

  /** A name (names.ts), behind its length. */
  name(field: string, text: string): this {
    requireName(field, text);
    this.u32(field, text.length);
    const start = this.#room(text.length);
    writeAscii(this.#bytes, start, text);
    return this;
  }

  /** What was written. The writer begins anew; its own copy is overwritten, because it may have held a secret. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#length === this.#bytes.length) return this.#handOut();
    const whole = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    return whole;
  }

  /** As long as was said: what was written is the copy. */
  #handOut(): Uint8Array<ArrayBuffer> {
    const whole = this.#bytes;
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return whole;
  }

  #unsigned(field: string, value: number, length: number): this {
    if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** (8 * length)) {
      throw new ParameterError(`${field} ${value} is not a whole number in [0, 2^${Math.min(8 * length, 53)})`);
    }
    const start = this.#room(length);
    const bytes = this.#bytes;
    // Shifts take 32 bits at a time.
    const low = value % 2 ** 32;
    for (let i = 0; i < length && i < 4; i++) bytes[start + i] = low >>> (8 * i);
    if (length <= 4) return this;
    const high = (value - low) / 2 ** 32;
    for (let i = 4; i < length; i++) bytes[start + i] = high >>> (8 * (i - 4));
    return this;
  }

  /** Where so many more bytes begin. */
  #room(length: number): number {
    const start = this.#length;
    const end = start + length;
    if (end > this.#bytes.length) {
      const smaller = this.#bytes;
      this.#bytes = new Uint8Array(Math.max(end, 2 * smaller.length));
      this.#bytes.set(smaller);
      // It may have held a secret.
      smaller.fill(0);
    }
    this.#length = end;
    return start;
  }
}
