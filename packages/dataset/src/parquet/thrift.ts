// Thrift's compact protocol, walked and not believed: Parquet's footer and page headers are written in it. Every list must fit into
// the bytes that are there, numbers end after as many bytes as they can have, structures lie so deep and no deeper, and everything
// that is read is paid for from one budget. The way through the bytes is hyparquet's (thrift.js), which follows after.
// thrift/doc/specs/thrift-compact-protocol.md in apache/thrift.
import { MalformedData } from '../errors.ts';

export const refuse = (reason: string): never => {
  throw new MalformedData(`Parquet: ${reason}`);
};

const deepest = 24;
const types = { stop: 0, yes: 1, no: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 };

/** Called for each number and flag (1, 0), and for each byte string with its length; `path` is only good during the call. */
export type ThriftVisit = (path: readonly number[], value: number, kind: 'number' | 'flag' | 'binary') => void;

export class ThriftWalk {
  readonly #bytes: Uint8Array;
  readonly #visit: ThriftVisit;
  readonly #path: number[] = [];
  #budget: number;
  at: number;

  /** `entries`: structures, fields and entries of lists, all together. */
  constructor(bytes: Uint8Array, at: number, entries: number, visit: ThriftVisit) {
    this.#bytes = bytes;
    this.at = at;
    this.#budget = entries;
    this.#visit = visit;
  }

  /** Leaves `at` behind the structure. */
  struct(): void {
    if (this.#path.length > deepest) refuse(`structures within structures more than ${deepest} deep`);
    let field = 0;
    for (;;) {
      this.#pay(1);
      const head = this.#byte();
      const type = head & 15;
      if (type === types.stop) return;
      const next = head >> 4 === 0 ? unzigzag(this.#varint()) : field + (head >> 4);
      // Whoever reads a field twice may take the other one.
      if (next <= field) refuse(`field ${next} after field ${field}`);
      field = next;
      this.#path.push(field);
      this.#value(type);
      this.#path.pop();
    }
  }

  #value(type: number): void {
    switch (type) {
      case types.yes:
        this.#visit(this.#path, 1, 'flag');
        break;
      case types.no:
        this.#visit(this.#path, 0, 'flag');
        break;
      case types.byte:
        this.#visit(this.#path, (this.#byte() << 24) >> 24, 'number');
        break;
      case types.i16:
      case types.i32:
        this.#visit(this.#path, unzigzag(this.#varint()), 'number');
        break;
      case types.i64:
        this.#visit(this.#path, this.#wide(), 'number');
        break;
      case types.double:
        this.#skip(8);
        break;
      case types.binary: {
        const length = this.#varint();
        this.#skip(length);
        this.#visit(this.#path, length, 'binary');
        break;
      }
      case types.list:
        this.#list();
        break;
      case types.struct:
        this.struct();
        break;
      default:
        refuse(`a field of type ${type}, which its description has no use for`);
    }
  }

  #list(): void {
    if (this.#path.length > deepest) refuse(`lists within lists more than ${deepest} deep`);
    const head = this.#byte();
    const type = head & 15;
    const count = head >> 4 === 15 ? this.#varint() : head >> 4;
    // Each entry takes a byte at least.
    if (count < 0 || count > this.#bytes.length - this.at) {
      refuse(`a list of ${count >>> 0} entries in the ${this.#bytes.length - this.at} bytes that are left`);
    }
    this.#pay(count);
    for (let entry = 0; entry < count; entry += 1) {
      this.#path.push(entry);
      this.#value(type === types.yes || type === types.no ? types.byte : type);
      this.#path.pop();
    }
  }

  #pay(count: number): void {
    this.#budget -= count;
    if (this.#budget < 0) refuse('its description of itself has more entries than are read');
  }

  #byte(): number {
    if (this.at >= this.#bytes.length) refuse('its description of itself ends too early');
    return this.#bytes[this.at++];
  }

  #skip(count: number): void {
    if (count < 0 || count > this.#bytes.length - this.at) {
      refuse(`a text of ${count >>> 0} bytes in the ${this.#bytes.length - this.at} that are left`);
    }
    this.at += count;
  }

  /** 32 bits, wrapped as hyparquet does. */
  #varint(): number {
    const [value, end] = varint32(this.#bytes, this.at, this.#bytes.length);
    this.at = end;
    return value;
  }

  #wide(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number((value >> 1n) ^ -(value & 1n));
    }
    return refuse('a number of more than ten bytes');
  }
}

export const unzigzag = (value: number): number => (value >>> 1) ^ -(value & 1);

/** An unsigned number of at most five bytes, as 32 bits, and where it ends. */
export function varint32(bytes: Uint8Array, start: number, end: number): readonly [value: number, end: number] {
  let value = 0;
  for (let at = start; at < start + 5; at += 1) {
    if (at >= end) return refuse('a number is cut off');
    value |= (bytes[at] & 127) << (7 * (at - start));
    if (bytes[at] < 128) return [value, at + 1];
  }
  return refuse('a number of more than five bytes');
}
