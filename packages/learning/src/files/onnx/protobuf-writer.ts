// Protocol-buffer bytes (protobuf.dev, "Encoding"): as much as ONNX files take. Fields are written in the order of the calls; the caller
// goes by ascending number, which makes equal messages equal bytes.

import { ParameterError } from '../../errors.ts';
import { encodeUtf8 } from '../utf8.ts';

/** The last three bits of a field's tag. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

export class ProtobufWriter {
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  /** Negative integers take ten bytes: two's complement of 64 bits. */
  integer(field: number, value: number): this {
    this.#tag(field, WIRE.varint);
    return this.#varint(value);
  }

  float(field: number, value: number): this {
    this.#tag(field, WIRE.fixed32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#append(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WIRE.bytes);
    this.#varint(value.length);
    return this.#append(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, encodeUtf8(value));
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #tag(field: number, wire: number): void {
    this.#varint(field * 8 + wire);
  }

  #varint(value: number): this {
    if (!Number.isSafeInteger(value)) throw new ParameterError(`${value} is no integer that can be written`);
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 128n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.#append(Uint8Array.from(bytes));
  }

  #append(bytes: Uint8Array): this {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}
