// Named sections of bytes behind one another: how a model and what a participant keeps lie on disk. Little-endian, canonical (equal values
// have equal bytes), and bounded: a reader says which sections there may be and how long each is.
//
//   title (ASCII, ends with a line feed) · then for each section: name length u8 · name · byte length u32 · bytes

import { MalformedMessage, ParameterError } from '../errors.ts';
import { utf8Bytes } from './utf8.ts';

export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function writeSections(title: string, sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  const heading = utf8Bytes(`${title}\n`);
  const names = sections.map(({ name }) => utf8Bytes(name));
  const length = sections.reduce((sum, { bytes }, i) => sum + 5 + names[i].length + bytes.length, heading.length);
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  out.set(heading);
  let at = heading.length;
  sections.forEach(({ bytes }, i) => {
    if (names[i].length > 255) throw new ParameterError('the name of a section is longer than 255 bytes');
    view.setUint8(at, names[i].length);
    out.set(names[i], at + 1);
    at += 1 + names[i].length;
    view.setUint32(at, bytes.length, true);
    out.set(bytes, at + 4);
    at += 4 + bytes.length;
  });
  return out;
}

/** The bytes of exactly these sections, each of exactly this length, in this order. Views of `bytes`, not copies. */
export function readSections(
  title: string,
  bytes: Uint8Array,
  expected: readonly { readonly name: string; readonly length: number }[],
): readonly Uint8Array[] {
  const template = writeSections(
    title,
    expected.map(({ name }) => ({ name, bytes: new Uint8Array(0) })),
  );
  const whole = expected.reduce((sum, { length }) => sum + length, template.length);
  if (bytes.length !== whole) throw new MalformedMessage(`${bytes.length} bytes of ${title}, not ${whole}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const literal = (wanted: Uint8Array): void => {
    for (const byte of wanted) {
      if (bytes[at++] !== byte) throw new MalformedMessage(`byte ${at - 1} is not one of ${title}`);
    }
  };
  literal(utf8Bytes(`${title}\n`));
  return expected.map(({ name, length }) => {
    const encoded = utf8Bytes(name);
    literal(Uint8Array.of(encoded.length));
    literal(encoded);
    if (view.getUint32(at, true) !== length) {
      throw new MalformedMessage(`${name} has ${view.getUint32(at, true)} bytes, not ${length}`);
    }
    at += 4 + length;
    return bytes.subarray(at - length, at);
  });
}

export function bytesOfFloats(values: Float32Array | Float64Array): Uint8Array<ArrayBuffer> {
  const width = values.BYTES_PER_ELEMENT;
  const out = new Uint8Array(values.length * width);
  const view = new DataView(out.buffer);
  if (width === 4) for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true);
  else for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i], true);
  return out;
}

/** Refuses what is not finite. */
export function floats32Of(name: string, bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return checked(name, Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true)));
}

export function floats64Of(name: string, bytes: Uint8Array): Float64Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return checked(name, Float64Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true)));
}

function checked<Values extends Float32Array | Float64Array>(name: string, values: Values): Values {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) throw new MalformedMessage(`value ${i} of ${name} is ${values[i]}`);
  }
  return values;
}
