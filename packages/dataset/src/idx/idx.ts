// IDX, the format of the MNIST family: two zeros, an element type, the number of dimensions, each extent as a big-endian 32-bit
// integer, then the elements. Plain or gzip. The extents are a claim that must match the bytes exactly, before anything is made.
import { inflateBounded, isGzip } from '../archive/inflate.ts';
import { MalformedData } from '../errors.ts';

export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

export interface IdxOptions {
  /** For messages. */
  readonly file?: string;
  /** The most that a gzip file may unpack to; 1 GiB by default. */
  readonly maxBytes?: number;
}

const elementSizes: ReadonlyMap<number, number> = new Map([
  [0x08, 1],
  [0x09, 1],
  [0x0b, 2],
  [0x0c, 4],
  [0x0d, 4],
  [0x0e, 8],
]);

export function readIdx(bytes: Uint8Array, options: IdxOptions = {}): IdxArray {
  const place = options.file === undefined ? {} : { file: options.file };
  const refuse = (reason: string): never => {
    throw new MalformedData(`IDX: ${reason}`, place);
  };
  const plain = isGzip(bytes) ? inflateBounded(bytes, 'gzip', options.maxBytes ?? 2 ** 30) : bytes;
  if (plain.length < 4 || plain[0] !== 0 || plain[1] !== 0) refuse('it does not start with two zeros');
  const size = elementSizes.get(plain[2]) ?? refuse(`element type 0x${plain[2].toString(16)} is unknown`);
  const rank = plain[3];
  if (rank < 1 || rank > 8) refuse(`${rank} dimensions`);
  const start = 4 + 4 * rank;
  if (plain.length < start) refuse('the header is cut off');
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (!Number.isSafeInteger(count) || plain.length !== start + count * size) {
    refuse(`it claims ${shape.join(' × ')} elements of ${size} bytes, but ${plain.length - start} bytes follow`);
  }
  return { shape, data: elementsOf(plain, view, start, count) };
}

function elementsOf(plain: Uint8Array, view: DataView, start: number, count: number): IdxArray['data'] {
  switch (plain[2]) {
    case 0x08:
      return plain.slice(start);
    case 0x09:
      return Int8Array.from(plain.subarray(start), (byte) => (byte << 24) >> 24);
    case 0x0b:
      return Int16Array.from({ length: count }, (_, at) => view.getInt16(start + 2 * at));
    case 0x0c:
      return Int32Array.from({ length: count }, (_, at) => view.getInt32(start + 4 * at));
    case 0x0d:
      return Float32Array.from({ length: count }, (_, at) => view.getFloat32(start + 4 * at));
    default:
      return Float64Array.from({ length: count }, (_, at) => view.getFloat64(start + 8 * at));
  }
}

/** An array as an IDX file of bytes. */
export function writeIdx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = 0x08;
  bytes[3] = shape.length;
  for (const [axis, extent] of shape.entries()) view.setUint32(4 + 4 * axis, extent);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}
