// Reads protocol-buffer bytes that somebody else wrote. Every length is compared with what is left before anything is taken; nothing
// is copied but text and numbers. Stricter than the format has to be, so that two readers cannot disagree: a field that the message does
// not know is refused, and so is a single field that comes twice (the last would win).

import { MalformedMessage } from '../../errors.ts';
import { decodeUtf8 } from '../utf8.ts';
import { WIRE } from './protobuf-writer.ts';

export interface Field {
  readonly number: number;
  readonly value: FieldValue;
}

type FieldValue =
  | { readonly wire: 'varint'; readonly integer: bigint }
  | { readonly wire: 'fixed32'; readonly float: number }
  | { readonly wire: 'fixed64' }
  | { readonly wire: 'bytes'; readonly bytes: Uint8Array };

/** The fields of one message, by number. */
export class Message {
  readonly #name: string;
  readonly #fields = new Map<number, FieldValue[]>();

  /** `known` are the numbers that may occur; `ignored` may occur and are dropped, once their bounds were checked. */
  constructor(name: string, bytes: Uint8Array, known: readonly number[], ignored: readonly number[] = []) {
    this.#name = name;
    for (const { number, value } of fieldsOf(bytes, name)) {
      if (ignored.includes(number)) continue;
      if (!known.includes(number)) throw new MalformedMessage(`${name} has field ${number}, which is not read`);
      const values = this.#fields.get(number);
      if (values === undefined) this.#fields.set(number, [value]);
      else values.push(value);
    }
  }

  has(number: number): boolean {
    return this.#fields.has(number);
  }

  /** 0 when the field is absent, as the format says. */
  integer(number: number): number {
    const value = this.#single(number);
    if (value === undefined) return 0;
    if (value.wire !== 'varint') throw this.#wrongWire(number);
    return this.#safe(number, value.integer);
  }

  float(number: number): number {
    const value = this.#single(number);
    if (value === undefined) return 0;
    if (value.wire !== 'fixed32') throw this.#wrongWire(number);
    return value.float;
  }

  bytes(number: number): Uint8Array {
    const value = this.#single(number);
    if (value === undefined) return new Uint8Array(0);
    if (value.wire !== 'bytes') throw this.#wrongWire(number);
    return value.bytes;
  }

  text(number: number): string {
    return decodeUtf8(this.bytes(number));
  }

  /** All of a repeated field of messages or text. */
  repeatedBytes(number: number): readonly Uint8Array[] {
    return this.#all(number).map((value) => {
      if (value.wire !== 'bytes') throw this.#wrongWire(number);
      return value.bytes;
    });
  }

  repeatedText(number: number): readonly string[] {
    return this.repeatedBytes(number).map(decodeUtf8);
  }

  /** Packed, one by one, or both: the format allows all. */
  repeatedIntegers(number: number): readonly number[] {
    const integers: number[] = [];
    for (const value of this.#all(number)) {
      if (value.wire === 'varint') integers.push(this.#safe(number, value.integer));
      else if (value.wire === 'bytes') {
        const cursor = new Cursor(value.bytes, this.#name);
        while (!cursor.isAtEnd) integers.push(this.#safe(number, cursor.varint()));
      } else throw this.#wrongWire(number);
    }
    return integers;
  }

  repeatedFloats(number: number): readonly number[] {
    const floats: number[] = [];
    for (const value of this.#all(number)) {
      if (value.wire === 'fixed32') floats.push(value.float);
      else if (value.wire === 'bytes') {
        const cursor = new Cursor(value.bytes, this.#name);
        while (!cursor.isAtEnd) floats.push(cursor.float());
      } else throw this.#wrongWire(number);
    }
    return floats;
  }

  #all(number: number): readonly FieldValue[] {
    return this.#fields.get(number) ?? [];
  }

  #single(number: number): FieldValue | undefined {
    const values = this.#all(number);
    if (values.length > 1) throw new MalformedMessage(`${this.#name} has field ${number} ${values.length} times`);
    return values[0];
  }

  #safe(number: number, integer: bigint): number {
    const signed = Number(BigInt.asIntN(64, integer));
    if (!Number.isSafeInteger(signed)) throw new MalformedMessage(`${this.#name} field ${number} is beyond 2^53`);
    return signed;
  }

  #wrongWire(number: number): MalformedMessage {
    return new MalformedMessage(`${this.#name} has field ${number} in another encoding than its type's`);
  }
}

function* fieldsOf(bytes: Uint8Array, name: string): Generator<Field> {
  const cursor = new Cursor(bytes, name);
  while (!cursor.isAtEnd) {
    const tag = cursor.varint();
    const number = Number(tag >> 3n);
    if (number < 1 || number > 2 ** 29 - 1) throw new MalformedMessage(`${name} has a field of number ${number}`);
    switch (Number(tag & 7n)) {
      case WIRE.varint:
        yield { number, value: { wire: 'varint', integer: cursor.varint() } };
        break;
      case WIRE.fixed32:
        yield { number, value: { wire: 'fixed32', float: cursor.float() } };
        break;
      case WIRE.fixed64:
        cursor.take(8);
        yield { number, value: { wire: 'fixed64' } };
        break;
      case WIRE.bytes:
        yield { number, value: { wire: 'bytes', bytes: cursor.take(Number(cursor.varint())) } };
        break;
      default:
        throw new MalformedMessage(`${name} has field ${number} of wire type ${tag & 7n}`);
    }
  }
}

class Cursor {
  readonly #bytes: Uint8Array;
  readonly #name: string;
  #at = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (length > left) throw new MalformedMessage(`${this.#name} claims ${length} bytes where ${left} are left`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  float(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  }

  /** At most ten bytes and 64 bits. */
  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte] = this.take(1);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) {
        if (value >> 64n !== 0n) break;
        return value;
      }
    }
    throw new MalformedMessage(`${this.#name} has an integer of more than 64 bits`);
  }
}
