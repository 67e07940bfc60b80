// NPY arrays (numpy.lib.format, versions 1 to 3) and NPZ archives of them. Headers are read by a parser for exactly the dictionary
// that NumPy writes; object arrays (pickles) are refused, for to read one is to run it.
import { readZip, usualZipLimits, type ZipLimits } from '../archive/zip.ts';
import { MalformedData } from '../errors.ts';
import { decodeAscii } from '../text/utf8.ts';

export interface NumpyArray {
  readonly shape: readonly number[];
  /** As NumPy spells it: <f4, |u1, <U12. */
  readonly descriptor: string;
  /** In C order, whatever order the file has. Booleans are 0 and 1. Integers of 64 bits that a double cannot hold are refused. */
  readonly data:
    | Float64Array
    | Float32Array
    | Int32Array
    | Int16Array
    | Int8Array
    | Uint32Array
    | Uint16Array
    | Uint8Array
    | readonly string[];
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const refuse = (reason: string): never => {
  throw new MalformedData(`NPY array: ${reason}`);
};

export function readNpy(bytes: Uint8Array): NumpyArray {
  if (magic.some((byte, at) => bytes[at] !== byte)) refuse('the magic is missing');
  const version = bytes[6];
  if (!(version >= 1 && version <= 3) || bytes[7] !== 0) refuse(`version ${version}.${bytes[7]} is unknown`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) refuse('the header is cut off');
  const headerSize = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerSize > 1 << 16 || prefix + headerSize > bytes.length) refuse(`a header of ${headerSize} bytes`);
  const header = parseHeader(decodeAscii(bytes, prefix, prefix + headerSize));
  const count = header.shape.reduce((product, extent) => product * extent, 1);
  const { size } = header;
  const body = bytes.subarray(prefix + headerSize);
  // Exactly: what is longer than it claims is as wrong as what is shorter.
  if (!Number.isSafeInteger(count * size) || body.length !== count * size) {
    refuse(`shape (${header.shape.join(', ')}) of ${size} bytes each, but ${body.length} bytes are there`);
  }
  const place = header.fortran ? fortranPlaces(header.shape, count) : undefined;
  return { shape: header.shape, descriptor: header.descriptor, data: readElements(body, header, count, place) };
}

interface Header {
  readonly descriptor: string;
  readonly bigEndian: boolean;
  readonly kind: string;
  readonly size: number;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

const headerPattern =
  /^\{ *'descr' *: *'([<>=|])([a-zA-Z])(\d{1,9})' *, *'fortran_order' *: *(True|False) *, *'shape' *: *\(([\dL, ]{0,1000})\) *,? *\}\s*$/;

const extentPattern = /^\d{1,15}L?$/;

function parseHeader(text: string): Header {
  const match = headerPattern.exec(text);
  if (match === null) {
    if (/'descr'\s*:\s*'[|<>=]?O/.test(text)) return refuse('it holds Python objects, which only Python can read');
    return refuse(`the header is not one that NumPy writes: ${JSON.stringify(text.slice(0, 80))}`);
  }
  const [, order = '', kind = '', digits = '', fortran = '', list = ''] = match;
  const width = Number(digits);
  const parts = list.split(',').map((part) => part.trim());
  // One comma may stand behind the last extent.
  if (parts.at(-1) === '') parts.pop();
  if (!parts.every((part) => extentPattern.test(part))) return refuse(`the shape is (${list.slice(0, 80)})`);
  const shape = parts.map((part) => Number(part.replace(/L$/, '')));
  if (shape.length > 32) return refuse(`${shape.length} dimensions`);
  const size = kind === 'U' ? width * 4 : width;
  // Elements of nothing: any number of them would fit into no bytes at all.
  if (size === 0) return refuse(`elements of no bytes (${order}${kind}${digits})`);
  return {
    descriptor: `${order}${kind}${digits}`,
    bigEndian: order === '>',
    kind,
    size,
    fortran: fortran === 'True',
    shape,
  };
}

/** For each element in C order, its place in Fortran order. */
function fortranPlaces(shape: readonly number[], count: number): Float64Array {
  const places = new Float64Array(count);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, extent) => product * extent, 1));
  const index = shape.map(() => 0);
  for (let at = 0; at < count; at += 1) {
    places[at] = index.reduce((sum, one, axis) => sum + one * strides[axis], 0);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis] += 1;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return places;
}

type Places = Float64Array | undefined;

function readElements(body: Uint8Array, header: Header, count: number, places: Places): NumpyArray['data'] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const little = !header.bigEndian;
  const fill = <A extends { [at: number]: number }>(out: A, read: (at: number) => number): A => {
    for (let at = 0; at < count; at += 1) out[at] = read((places === undefined ? at : places[at]) * header.size);
    return out;
  };
  const type = `${header.kind}${header.size}`;
  switch (type) {
    case 'b1':
    case 'u1':
      return fill(new Uint8Array(count), (at) => body[at]);
    case 'i1':
      return fill(new Int8Array(count), (at) => view.getInt8(at));
    case 'u2':
      return fill(new Uint16Array(count), (at) => view.getUint16(at, little));
    case 'i2':
      return fill(new Int16Array(count), (at) => view.getInt16(at, little));
    case 'u4':
      return fill(new Uint32Array(count), (at) => view.getUint32(at, little));
    case 'i4':
      return fill(new Int32Array(count), (at) => view.getInt32(at, little));
    case 'u8':
      return fill(new Float64Array(count), (at) => safe(view.getBigUint64(at, little)));
    case 'i8':
      return fill(new Float64Array(count), (at) => safe(view.getBigInt64(at, little)));
    case 'f2':
      return fill(new Float32Array(count), (at) => halfFloat(view.getUint16(at, little)));
    case 'f4':
      return fill(new Float32Array(count), (at) => view.getFloat32(at, little));
    case 'f8':
      return fill(new Float64Array(count), (at) => view.getFloat64(at, little));
    default:
      if (header.kind === 'U' || header.kind === 'S') return readTexts(view, header, count, places);
      return refuse(`elements of type ${header.descriptor} are not read`);
  }
}

function safe(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : refuse(`${value} does not fit into a double`);
}

/** IEEE 754 binary16. */
function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Fixed-width texts, filled up with zeros. */
function readTexts(view: DataView, header: Header, count: number, places: Places): readonly string[] {
  const step = header.kind === 'U' ? 4 : 1;
  return Array.from({ length: count }, (_, at) => {
    const start = (places === undefined ? at : places[at]) * header.size;
    let text = '';
    for (let byte = 0; byte < header.size; byte += step) {
      const point = step === 4 ? view.getUint32(start + byte, !header.bigEndian) : view.getUint8(start + byte);
      if (point > 0x10ffff) refuse(`U+${point.toString(16)} is no character`);
      text += String.fromCodePoint(point);
    }
    return text.replace(/\0+$/, '');
  });
}

/** Every array of an NPZ archive by its name (without `.npy`). An archive that unpacks to more than the limits is refused. */
export function readNpz(bytes: Uint8Array, limits: ZipLimits = usualZipLimits): ReadonlyMap<string, NumpyArray> {
  const arrays = new Map<string, NumpyArray>();
  for (const entry of readZip(bytes, limits)) {
    if (!entry.name.endsWith('.npy')) refuse(`the archive holds ${entry.name}, which is no .npy`);
    const name = entry.name.slice(0, -4);
    if (arrays.has(name)) refuse(`the archive holds ${name} twice`);
    arrays.set(name, readNpy(entry.unpack()));
  }
  return arrays;
}
