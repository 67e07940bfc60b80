// Weights as safetensors (https://github.com/huggingface/safetensors, "Format"): eight bytes little-endian of header length, a JSON
// header {name: {dtype, shape, data_offsets}}, then the tensors' raw bytes without gaps.
//
// Written canonically, so that equal weights are equal bytes: names ascend by UTF-16 code units, no spaces but those that pad the
// header to a multiple of eight. Read from any writer; what comes out lists its tensors by ascending name.
// Refused: other element types than F32, ranges that overlap, leave a gap, or end outside the file, sizes that are not the shape's,
// names given twice, bytes left over, headers beyond HEADER_LIMIT; NaN and infinity when asked.

import { MalformedMessage, ParameterError } from '../errors.ts';
import { type HeaderValue, isHeaderObject, parseHeader } from './header-json.ts';
import { checkTensor, elementCount, firstNonFinite, type NamedTensor } from './named-tensor.ts';
import { decodeUtf8, encodeUtf8, isWellFormed } from './utf8.ts';

export interface TensorFile {
  readonly tensors: readonly NamedTensor[];
  readonly metadata: ReadonlyMap<string, string>;
}

export interface ReadingOptions {
  /** Refuse NaN and infinity. */
  readonly isFiniteRequired?: boolean;
}

const LENGTH_BYTES = 8;
/** The longest header that is read; a network has a few hundred tensors of about a hundred bytes each. */
export const HEADER_LIMIT: number = 2 ** 24;
const METADATA = '__metadata__';

const ascending = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function writeSafetensors({ tensors, metadata }: TensorFile): Uint8Array<ArrayBuffer> {
  const sorted = [...tensors].sort((a, b) => ascending(a.name, b.name));
  const members: string[] = [];
  if (metadata.size > 0) {
    if (![...metadata].flat().every(isWellFormed)) throw new ParameterError('the metadata has half a surrogate pair');
    const entries = [...metadata].sort(([a], [b]) => ascending(a, b));
    members.push(`"${METADATA}":{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`);
  }
  let end = 0;
  sorted.forEach((tensor, i) => {
    const { name, shape, data } = tensor;
    checkTensor(tensor);
    if (!isWellFormed(name)) throw new ParameterError(`${JSON.stringify(name)} is no text, so no tensor's name`);
    if (name === METADATA) throw new ParameterError(`no tensor can be called ${METADATA}`);
    if (i > 0 && sorted[i - 1]?.name === name)
      throw new ParameterError(`two tensors are called ${JSON.stringify(name)}`);
    const start = end;
    end += 4 * data.length;
    members.push(`${JSON.stringify(name)}:{"dtype":"F32","shape":[${shape}],"data_offsets":[${start},${end}]}`);
  });
  const header = encodeUtf8(`{${members.join(',')}}`);
  const headerLength = Math.ceil(header.length / 8) * 8;
  if (headerLength > HEADER_LIMIT)
    throw new ParameterError(`a header of ${headerLength} bytes is beyond ${HEADER_LIMIT}`);

  const dataStart = LENGTH_BYTES + headerLength;
  const bytes = new Uint8Array(dataStart + end).fill(0x20, LENGTH_BYTES, dataStart);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, headerLength, true);
  bytes.set(header, LENGTH_BYTES);
  let at = dataStart;
  for (const { data } of sorted) {
    // As words, not as floats: a NaN keeps its bits.
    for (const word of new Uint32Array(data.buffer, data.byteOffset, data.length)) {
      view.setUint32(at, word, true);
      at += 4;
    }
  }
  return bytes;
}

/** Throws MalformedMessage; nothing that the header claims is allocated before it was compared with the file's length. */
export function readSafetensors(bytes: Uint8Array, { isFiniteRequired = false }: ReadingOptions = {}): TensorFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = LENGTH_BYTES + headerLengthOf(view);
  const header = parseHeader(decodeUtf8(bytes.subarray(LENGTH_BYTES, dataStart)));
  if (!isHeaderObject(header) || bytes[LENGTH_BYTES] !== 0x7b) throw new MalformedMessage('the header is no object');

  let metadata: ReadonlyMap<string, string> = new Map();
  const places: Place[] = [];
  for (const [name, value] of header) {
    if (!isWellFormed(name)) throw new ParameterError(`${JSON.stringify(name)} is no text, so no tensor's name`);
    if (name === METADATA) metadata = metadataOf(value);
    else places.push(placeOf(name, value, bytes.length - dataStart));
  }

  // Empty tensors come first among those that start together, so that the next one starts where the last one ended.
  places.sort((a, b) => a.start - b.start || a.end - b.end);
  let end = 0;
  for (const { name, start, end: next } of places) {
    if (start !== end) {
      const fault = start < end ? 'overlaps what precedes it' : `leaves a gap of ${start - end} bytes before it`;
      throw new MalformedMessage(`tensor ${name} ${fault}`);
    }
    end = next;
  }
  if (dataStart + end !== bytes.length) {
    throw new MalformedMessage(`${bytes.length - dataStart - end} bytes are left over`);
  }

  const tensors = places.map(({ plainName, name, shape, start, end }): NamedTensor => {
    const data = new Float32Array((end - start) / 4);
    const words = new Uint32Array(data.buffer);
    for (let i = 0; i < words.length; i++) words[i] = view.getUint32(dataStart + start + 4 * i, true);
    const wrong = isFiniteRequired ? firstNonFinite(data) : -1;
    if (wrong >= 0) throw new MalformedMessage(`tensor ${name} has ${data[wrong]} at ${wrong}`);
    return { name: plainName, shape, data };
  });
  return { tensors: tensors.sort((a, b) => ascending(a.name, b.name)), metadata };
}

interface Place {
  readonly plainName: string;
  /** Quoted, for messages. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

function headerLengthOf(view: DataView): number {
  if (view.byteLength < LENGTH_BYTES) throw new MalformedMessage(`${view.byteLength} bytes are too few for a header`);
  const length = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || length > HEADER_LIMIT) {
    throw new MalformedMessage(`the header claims more than ${HEADER_LIMIT} bytes`);
  }
  if (LENGTH_BYTES + length > view.byteLength) {
    throw new MalformedMessage(`the header claims ${length} bytes of a file of ${view.byteLength}`);
  }
  return length;
}

function metadataOf(value: HeaderValue): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (!isHeaderObject(value)) throw new MalformedMessage(`${METADATA} is no object`);
  for (const [key, text] of value) {
    if (typeof text !== 'string') throw new MalformedMessage(`${METADATA} has something other than text at ${key}`);
    metadata.set(key, text);
  }
  return metadata;
}

function placeOf(plainName: string, value: HeaderValue, available: number): Place {
  const name = JSON.stringify(plainName);
  if (!isHeaderObject(value)) throw new MalformedMessage(`tensor ${name} is not described by an object`);
  for (const key of value.keys()) {
    if (!['dtype', 'shape', 'data_offsets'].includes(key)) {
      throw new MalformedMessage(`tensor ${name} has an unknown member ${JSON.stringify(key)}`);
    }
  }
  const dtype = value.get('dtype');
  if (dtype !== 'F32')
    throw new MalformedMessage(`tensor ${name} has dtype ${JSON.stringify(dtype)}; only F32 is read`);
  const shape = integers(value.get('shape'));
  const offsets = integers(value.get('data_offsets'));
  const count = shape === undefined ? undefined : elementCount(shape);
  if (shape === undefined || count === undefined) throw new MalformedMessage(`tensor ${name} has no possible shape`);
  const [start, end] = offsets ?? [];
  if (offsets?.length !== 2 || start === undefined || end === undefined || start > end) {
    throw new MalformedMessage(`tensor ${name} has no range of bytes`);
  }
  if (end > available) throw new MalformedMessage(`tensor ${name} ends at ${end}, the file's data at ${available}`);
  if (end - start !== 4 * count) {
    throw new MalformedMessage(`tensor ${name} of shape [${shape}] takes ${4 * count} bytes, not ${end - start}`);
  }
  return { plainName, name, shape, start, end };
}

function integers(value: HeaderValue | undefined): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: readonly HeaderValue[] = value;
  return items.every((item) => typeof item === 'number') ? items : undefined;
}
