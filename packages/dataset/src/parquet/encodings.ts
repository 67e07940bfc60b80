// What the encodings inside a Parquet page claim, held against the bytes and the number of values before the page is decoded: runs
// (RLE and bit-packed), blocks of differences, and values as they are. Encodings.md in apache/parquet-format. Where a page is accepted, decoding it
// takes steps and memory in proportion to its values and its bytes.
import { refuse, unzigzag, varint32 } from './thrift.ts';

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY';

/** A stretch of a page, `[at, end)`. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
}

/** Runs of `count` values of `width` bits; how many of them are `target`. */
export function checkRuns({ bytes, at: start, end }: Stretch, width: number, count: number, target: number): number {
  if (width < 0 || width > 32) refuse(`values of ${width} bits`);
  let at = start;
  let hits = 0;
  for (let seen = 0; seen < count; ) {
    const [header, after] = varint32(bytes, at, end);
    at = after;
    if ((header & 1) === 1) {
      const groups = header >>> 1;
      // The last group is padded, in some writers to 256 values and more; it must be there all the same.
      // Values of no bits take no bytes; hyparquet takes one all the same, where there is one.
      const size = width === 0 ? Math.min(1, end - at) : groups * width;
      if (groups === 0 || groups > 1 << 24 || size > end - at)
        refuse(`a run of ${groups} packed groups in ${end - at} bytes`);
      const values = Math.min(8 * groups, count - seen);
      if (width <= 8) hits += packedHits(bytes, at, width, values, target);
      at += size;
      seen += values;
    } else {
      const length = header >>> 1;
      if (length > count - seen) refuse(`a run of ${length} values where ${count - seen} are left`);
      const size = (width + 7) >> 3;
      if (size > end - at) refuse('a run without its value');
      let value = 0;
      for (let byte = 0; byte < size; byte += 1) value |= bytes[at + byte] << (8 * byte);
      if (value === target) hits += length;
      at += size;
      seen += length;
    }
  }
  return hits;
}

/** Of values packed from the lowest bit upwards. */
function packedHits(bytes: Uint8Array, at: number, width: number, values: number, target: number): number {
  const mask = (1 << width) - 1;
  let hits = 0;
  for (let index = 0; index < values; index += 1) {
    const bit = index * width;
    const place = at + Math.floor(bit / 8);
    const value = ((bytes[place] | ((bytes[place + 1] ?? 0) << 8)) >> (bit & 7)) & mask;
    if (value === target) hits += 1;
  }
  return hits;
}

/** Values as they are: the bytes that they take at least. */
export function checkPlain({ bytes, at, end }: Stretch, type: PhysicalType, count: number, width: number): void {
  const size = type === 'BOOLEAN' ? Math.ceil(count / 8) : count * (type === 'BYTE_ARRAY' ? 4 : widthOf(type, width));
  if (size > end - at) refuse(`${count} values of ${type} in ${end - at} bytes`);
  if (type !== 'BYTE_ARRAY') return;
  let place = at;
  for (let index = 0; index < count; index += 1) {
    if (place + 4 > end) refuse('a text without its length');
    const length = (bytes[place] | (bytes[place + 1] << 8) | (bytes[place + 2] << 16) | (bytes[place + 3] << 24)) >>> 0;
    place += 4 + length;
    if (place > end) refuse(`a text of ${length} bytes in a page of ${bytes.length}`);
  }
}

export function widthOf(type: PhysicalType, fixed: number): number {
  switch (type) {
    case 'BOOLEAN':
      return 1;
    case 'INT32':
    case 'FLOAT':
      return 4;
    case 'INT64':
    case 'DOUBLE':
      return 8;
    case 'INT96':
      return 12;
    case 'FIXED_LEN_BYTE_ARRAY':
      return fixed > 0 ? fixed : refuse(`values of ${fixed} bytes`);
    case 'BYTE_ARRAY':
      return refuse('texts have no width');
    default:
      return type satisfies never;
  }
}

/** Blocks of differences: `count` values; where they end. With `values`, the values themselves (32 bits, wrapped) are put there. */
export function checkDeltas({ bytes, at: start, end }: Stretch, count: number, values?: Int32Array): number {
  if (count === 0 && start === end) return start;
  let at = start;
  const read = (): number => {
    const [value, after] = varint32(bytes, at, end);
    at = after;
    return value;
  };
  const [blockSize, miniblocks, claimed] = [read(), read(), read()];
  if (claimed >>> 0 !== count) refuse(`differences of ${claimed >>> 0} values where ${count} are`);
  const perMiniblock = blockSize / miniblocks;
  if (!(blockSize > 0 && blockSize <= 1 << 20 && miniblocks > 0 && perMiniblock % 32 === 0)) {
    refuse(`blocks of ${blockSize >>> 0} differences in ${miniblocks >>> 0} parts`);
  }
  // As hyparquet has it: the first of 32-bit values has five bytes, a least difference of theirs 33 bits.
  const mostBytes = values === undefined ? 10 : 5;
  let value = 0;
  if (values === undefined) [, at] = difference(bytes, at, end, mostBytes);
  else value = unzigzag(read());
  if (values !== undefined && count > 0) values[0] = value;
  for (let seen = 1; seen < count; ) {
    let least: number;
    [least, at] = difference(bytes, at, end, mostBytes);
    const widths = at;
    at += miniblocks;
    if (at > end) refuse('a block of differences is cut off');
    for (let mini = 0; mini < miniblocks && seen < count; mini += 1) {
      const width = bytes[widths + mini];
      if (width > 64) refuse(`differences of ${width} bits`);
      const taken = Math.min(perMiniblock, count - seen);
      if (Math.ceil((taken * width) / 8) > end - at) refuse(`differences of ${width} bits beyond their page`);
      if (values !== undefined) {
        for (let index = 0; index < taken; index += 1) {
          value = (value + least + lowBits(bytes, 8 * at + index * width, width)) | 0;
          values[seen + index] = value;
        }
      }
      seen += taken;
      at += (perMiniblock * width) / 8;
    }
  }
  return at;
}

/** A zigzag number, its low 32 bits, and where it ends. */
function difference(bytes: Uint8Array, start: number, end: number, most: number): [value: number, end: number] {
  let wide = 0n;
  for (let at = start; at < start + most; at += 1) {
    if (at >= end) return refuse('a difference is cut off');
    wide |= BigInt(bytes[at] & 127) << BigInt(7 * (at - start));
    if (bytes[at] < 128) return [Number(BigInt.asIntN(32, (wide >> 1n) ^ -(wide & 1n))), at + 1];
  }
  return refuse(`a difference of more than ${most} bytes`);
}

/** The low 32 bits of `width` bits from a place counted in bits. */
function lowBits(bytes: Uint8Array, bit: number, width: number): number {
  let value = 0;
  for (let read = 0; read < Math.min(32, width); ) {
    const place = bit + read;
    const part = Math.min(8 - (place % 8), width - read);
    value |= ((bytes[Math.floor(place / 8)] >>> (place % 8)) & ((1 << part) - 1)) << read;
    read += part;
  }
  return value;
}

/** Lengths as differences, then the texts; with prefixes taken from the text before (front coding). */
export function checkTexts(
  stretch: Stretch,
  count: number,
  prefixed: boolean,
  mostBytes: number,
  longest: number,
): void {
  const { bytes, end } = stretch;
  let { at } = stretch;
  const prefixes = new Int32Array(prefixed ? count : 0);
  if (prefixed) at = checkDeltas(stretch, count, prefixes);
  const lengths = new Int32Array(count);
  at = checkDeltas({ bytes, at, end }, count, lengths);
  let total = 0;
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const prefix = prefixed ? prefixes[index] : 0;
    const length = lengths[index];
    if (prefix < 0 || prefix > before || length < 0)
      refuse(`a text of ${prefix} + ${length} bytes after one of ${before}`);
    before = prefix + length;
    if (before > longest) refuse(`a number of ${before} bytes`);
    total += before;
    at += length;
    if (at > end) refuse('texts that end beyond their page');
    if (total > mostBytes) refuse(`texts of more than ${mostBytes} bytes in one page`);
  }
}
