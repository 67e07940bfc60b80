// Named sections of bytes behind one another: how a model and what a participant keeps lie on disk. Little-endian, canonical (equal values
// have equal bytes): a reader says which sections there are, and holds their lengths.
//
//   title (ASCII, ends with a line feed) · then for each section: name length u8 · name · byte length u32 · bytes

import { MalformedMessage, ParameterError } from '../errors.ts';
import { utf8Bytes } from './utf8.ts';

export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export const writeSections = (title: string, sections: readonly Section[]): Uint8Array<ArrayBuffer> =>
  joinPieces(sectionPieces(title, sections));

/** The same bytes one behind another, not joined: the bytes of a section are a piece, the very array, and stand between its heading and the next. */
export function sectionPieces(title: string, sections: readonly Section[]): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [utf8Bytes(`${title}\n`)];
  for (const { name, bytes } of sections) {
    const letters = utf8Bytes(name);
    if (letters.length > 255) throw new ParameterError('the name of a section is longer than 255 bytes');
    const heading = new Uint8Array(5 + letters.length);
    heading[0] = letters.length;
    heading.set(letters, 1);
    new DataView(heading.buffer).setUint32(1 + letters.length, bytes.length, true);
    pieces.push(heading, bytes);
  }
  return pieces;
}

export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** The bytes of exactly these sections, in this order; how long each may be is the caller's to hold. Views of `bytes`, not copies. */
export function readSections(title: string, bytes: Uint8Array, names: readonly string[]): readonly Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const literal = (wanted: Uint8Array): void => {
    for (const byte of wanted) {
      if (bytes[at++] !== byte) throw new MalformedMessage(`byte ${at - 1} is not one of ${title}`);
    }
  };
  literal(utf8Bytes(`${title}\n`));
  const sections = names.map((name) => {
    const encoded = utf8Bytes(name);
    literal(Uint8Array.of(encoded.length));
    literal(encoded);
    const left = bytes.length - at - 4;
    const length = left < 0 ? 0 : view.getUint32(at, true);
    if (left < 0 || length > left) throw new MalformedMessage(`the bytes end within ${name} of ${title}`);
    at += 4 + length;
    return bytes.subarray(at - length, at);
  });
  if (at !== bytes.length) throw new MalformedMessage(`${bytes.length - at} bytes are left over after ${title}`);
  return sections;
}

/** Where memory lies as the bytes are written, floats are copied whole: models are long, and are stored at every step. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function bytesOfFloats(values: Float32Array | Float64Array): Uint8Array<ArrayBuffer> {
  if (IS_LITTLE_ENDIAN) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  const width = values.BYTES_PER_ELEMENT;
  const out = new Uint8Array(values.length * width);
  const view = new DataView(out.buffer);
  if (width === 4) for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
  else for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i], true);
  return out;
}

/** So many floats of a section. Refuses what is not finite. */
export function floats32Of(name: string, bytes: Uint8Array, count: number): Float32Array<ArrayBuffer> {
  const view = viewOf(name, bytes, 4 * count);
  if (IS_LITTLE_ENDIAN) return checked(name, new Float32Array(new Uint8Array(bytes).buffer));
  return checked(
    name,
    Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true)),
  );
}

export function floats64Of(name: string, bytes: Uint8Array, count: number): Float64Array<ArrayBuffer> {
  const view = viewOf(name, bytes, 8 * count);
  if (IS_LITTLE_ENDIAN) return checked(name, new Float64Array(new Uint8Array(bytes).buffer));
  return checked(
    name,
    Float64Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true)),
  );
}

/** A whole number as 8 bytes. */
export function bytesOfWhole(value: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
  return out;
}

export function wholeOf(name: string, bytes: Uint8Array): number {
  const value = Number(viewOf(name, bytes, 8).getBigUint64(0, true));
  if (!Number.isSafeInteger(value)) throw new MalformedMessage(`${name} is ${value}`);
  return value;
}

function viewOf(name: string, bytes: Uint8Array, length: number): DataView {
  if (bytes.length !== length) throw new MalformedMessage(`${name} has ${bytes.length} bytes, not ${length}`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function checked<Values extends Float32Array | Float64Array>(name: string, values: Values): Values {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new MalformedMessage(`value ${i} of ${name} is ${values[i]}`);
  }
  return values;
}
