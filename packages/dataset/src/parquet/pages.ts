// The pages of one column chunk, walked before hyparquet decodes them: what each claims is held against its bytes and against what
// its chunk and its row group claim. parquet.thrift and README.md (Data Pages) in apache/parquet-format. A chunk that is accepted is decoded in
// steps and memory that are in proportion to its bytes and its values, and its values are counted here.
import type { Codecs } from './codecs.ts';
import {
  checkDeltas,
  checkPlain,
  checkRuns,
  checkTexts,
  type PhysicalType,
  type Stretch,
  widthOf,
} from './encodings.ts';
import { refuse, ThriftWalk } from './thrift.ts';

/** A column's leaf in the schema, as far as its pages are read by it. */
export interface Leaf {
  readonly path: readonly string[];
  readonly type: PhysicalType;
  /** Of values of fixed length. */
  readonly width: number;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
  /** Numbers written as bytes: their conversion takes steps in the square of their length. */
  readonly decimal: boolean;
}

export interface Chunk {
  readonly bytes: Uint8Array;
  readonly leaf: Leaf;
  readonly codec: string;
  readonly rows: number;
  /** What the chunk may hold at most. */
  readonly mostValues: number;
}

export interface PageLimits {
  readonly pageBytes: number;
  readonly codecs: Codecs;
}

export interface ChunkCount {
  readonly values: number;
  readonly largestPage: number;
  readonly dictionaryValues: number;
}

const pageTypes = { data: 0, dictionary: 2, dataV2: 3 } as const;
const encodings = [
  'PLAIN',
  'GROUP_VAR_INT',
  'PLAIN_DICTIONARY',
  'RLE',
  'BIT_PACKED',
  'DELTA_BINARY_PACKED',
  'DELTA_LENGTH_BYTE_ARRAY',
  'DELTA_BYTE_ARRAY',
  'RLE_DICTIONARY',
  'BYTE_STREAM_SPLIT',
] as const;
/** Of bytes that are a decimal number; 64 bytes are 154 digits. */
const longestDecimal = 64;
const anyLength = Number.MAX_SAFE_INTEGER;

export function checkChunk(chunk: Chunk, limits: PageLimits): ChunkCount {
  const { bytes, leaf } = chunk;
  const flat = leaf.path.length === 1 && leaf.maxRepetition === 0;
  let values = 0;
  let rows = 0;
  let largestPage = 0;
  let dictionaryValues = 0;
  let unpacked = 0;
  // The last byte alone is no page: hyparquet stops there as well.
  for (let at = 0; at < bytes.length - 1 && !(flat && rows >= chunk.rows); ) {
    const header = pageHeader(bytes, at);
    at = header.end;
    const [packedSize, size] = [header.get(3), header.get(2)];
    if (packedSize < 0 || packedSize > bytes.length - at) {
      refuse(`a page of ${packedSize} bytes where ${bytes.length - at} are left`);
    }
    if (size < 0 || size > limits.pageBytes)
      refuse(`a page claims ${size} bytes; at most ${limits.pageBytes} are read`);
    unpacked += size;
    if (unpacked > limits.pageBytes + 1024 * bytes.length) refuse(`pages of ${unpacked} bytes in ${bytes.length}`);
    const packed = bytes.subarray(at, at + packedSize);
    at += packedSize;
    const type = header.get(1);
    if (type === pageTypes.dictionary) {
      const count = counted(header.get(7, 1), chunk.mostValues, 'a dictionary');
      const page = unpack(packed, size, chunk.codec, limits);
      checkPlain(whole(page), leaf.type, count, leaf.width);
      if (leaf.decimal) checkDecimals(whole(page), leaf, count);
      dictionaryValues = Math.max(dictionaryValues, count);
      continue;
    }
    if (type !== pageTypes.data && type !== pageTypes.dataV2) refuse(`a page of type ${type}`);
    const count = counted(header.get(type === pageTypes.data ? 5 : 8, 1), chunk.mostValues - values, 'a page');
    const found =
      type === pageTypes.data
        ? dataPage(unpack(packed, size, chunk.codec, limits), header, leaf, count, limits)
        : dataPageV2(packed, size, header, leaf, count, chunk.codec, limits);
    values += count;
    rows += found;
    largestPage = Math.max(largestPage, count);
  }
  if (rows !== chunk.rows) refuse(`pages of ${rows} rows in a group of ${chunk.rows}`);
  return { values, largestPage, dictionaryValues };
}

/** The number of rows that begin in the page. */
function dataPage(page: Uint8Array, header: PageHeader, leaf: Leaf, count: number, limits: PageLimits): number {
  let at = 0;
  const levels = (most: number, target: number): number => {
    if (most === 0) return count;
    if (page.length - at < 4) refuse('levels without their length');
    const length = (page[at] | (page[at + 1] << 8) | (page[at + 2] << 16) | (page[at + 3] << 24)) >>> 0;
    at += 4;
    if (length > page.length - at) refuse(`levels of ${length} bytes in a page of ${page.length}`);
    const hits = checkRuns({ bytes: page, at, end: at + length }, bitsOf(most), count, target);
    at += length;
    return hits;
  };
  const rows = levels(leaf.maxRepetition, 0);
  const present = levels(leaf.maxDefinition, leaf.maxDefinition);
  checkValues({ bytes: page, at, end: page.length }, header.get(5, 2), leaf, present, limits, false);
  return rows;
}

function dataPageV2(
  packed: Uint8Array,
  size: number,
  header: PageHeader,
  leaf: Leaf,
  count: number,
  codec: string,
  limits: PageLimits,
): number {
  const nulls = header.get(8, 2);
  if (nulls < 0 || nulls > count) refuse(`${nulls} missing values of ${count}`);
  const [definition, repetition] = [header.get(8, 5), header.get(8, 6)];
  if (definition < 0 || repetition < 0 || definition + repetition > Math.min(size, packed.length)) {
    refuse(`levels of ${repetition} + ${definition} bytes in a page of ${size}`);
  }
  const levels = (at: number, length: number, most: number, target: number): number =>
    most === 0 ? count : checkRuns({ bytes: packed, at, end: at + length }, bitsOf(most), count, target);
  const rows = levels(0, repetition, leaf.maxRepetition, 0);
  const present = levels(repetition, definition, leaf.maxDefinition, leaf.maxDefinition);
  if (rows !== header.get(8, 3)) refuse(`a page of ${rows} rows claims ${header.get(8, 3)}`);
  if (present !== count - nulls) refuse(`a page of ${count - present} missing values claims ${nulls}`);
  // Where there are no levels to be read, hyparquet takes the values right behind the repetition levels.
  if (leaf.maxDefinition === 0 && definition > 0) refuse('levels in a column that has none');
  const rest = packed.subarray(repetition + definition);
  const compressed = header.get(8, 7, 1) !== 0;
  const page = compressed ? unpack(rest, size - definition - repetition, codec, limits) : rest;
  checkValues(whole(page), header.get(8, 4), leaf, present, limits, true);
  return rows;
}

function checkValues(
  stretch: Stretch,
  encodingCode: number,
  leaf: Leaf,
  count: number,
  limits: PageLimits,
  second: boolean,
): void {
  const { bytes, at, end } = stretch;
  const encoding = encodings[encodingCode];
  const longest = leaf.decimal ? longestDecimal : anyLength;
  switch (encoding) {
    case 'PLAIN':
      checkPlain(stretch, leaf.type, count, leaf.width);
      if (leaf.decimal) checkDecimals(stretch, leaf, count);
      return;
    case 'RLE':
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY': {
      // hyparquet's rule for what is bare runs of flags, and what is codes of a dictionary.
      if (second ? encoding === 'RLE' : leaf.type === 'BOOLEAN') {
        if (end - at < 4) refuse('runs without their length');
        checkRuns({ bytes, at: at + 4, end }, 1, count, 0);
        return;
      }
      if (at >= end) refuse('codes without their width');
      // Version 1 writes no runs where a code has no bits.
      if (bytes[at] === 0 && !second) return;
      checkRuns({ bytes, at: at + 1, end }, bytes[at], count, 0);
      return;
    }
    case 'BYTE_STREAM_SPLIT':
      if (count * widthOf(leaf.type, leaf.width) > end - at) refuse(`${count} split values in ${end - at} bytes`);
      return;
    case 'DELTA_BINARY_PACKED':
      checkDeltas(stretch, count);
      return;
    case 'DELTA_LENGTH_BYTE_ARRAY':
      checkTexts(stretch, count, false, limits.pageBytes, longest);
      break;
    case 'DELTA_BYTE_ARRAY':
      checkTexts(stretch, count, true, limits.pageBytes, longest);
      break;
    default:
      refuse(`the encoding ${encoding ?? encodingCode} is not read`);
  }
}

function checkDecimals({ bytes, at }: Stretch, leaf: Leaf, count: number): void {
  if (leaf.type === 'FIXED_LEN_BYTE_ARRAY' && leaf.width > longestDecimal)
    refuse(`decimal numbers of ${leaf.width} bytes`);
  if (leaf.type !== 'BYTE_ARRAY') return;
  for (let index = 0, place = at; index < count; index += 1) {
    const length = bytes[place] | (bytes[place + 1] << 8) | (bytes[place + 2] << 16) | (bytes[place + 3] << 24);
    if (length > longestDecimal) refuse(`a decimal number of ${length} bytes`);
    place += 4 + length;
  }
}

function unpack(packed: Uint8Array, size: number, codec: string, limits: PageLimits): Uint8Array {
  if (codec === 'UNCOMPRESSED') {
    return packed.length === size ? packed : refuse(`a page of ${packed.length} bytes claims ${size}`);
  }
  const decompress = limits.codecs[codec];
  return decompress === undefined ? refuse(`the codec ${codec} is not read`) : decompress(packed, size);
}

interface PageHeader {
  readonly end: number;
  /** A number at a place in the header: its field, and the field within that. */
  get(field: number, inner?: number, otherwise?: number): number;
}

/** Statistics in a page's header may be long; entries are few. */
const headerEntries = 1000;

function pageHeader(bytes: Uint8Array, at: number): PageHeader {
  const found = new Map<number, number>();
  const walk = new ThriftWalk(bytes, at, headerEntries, (path, value, kind) => {
    const [field, inner = 0] = path;
    const isFlag = field === 8 && inner === 7;
    if (isFlag && (kind !== 'flag' || path.length > 2)) refuse('whether a page is compressed is no flag');
    if ((kind === 'number' || isFlag) && path.length <= 2 && inner < 256) found.set(field * 256 + inner, value);
  });
  walk.struct();
  return {
    end: walk.at,
    get(field, inner = 0, otherwise) {
      const value = found.get(field * 256 + inner) ?? otherwise;
      return value ?? refuse(`a page's header without its field ${field}${inner === 0 ? '' : `.${inner}`}`);
    },
  };
}

function counted(count: number, most: number, what: string): number {
  if (count < 0 || count > most) refuse(`${what} claims ${count} values where at most ${most} can be`);
  return count;
}

const bitsOf = (most: number): number => 32 - Math.clz32(most);
const whole = (bytes: Uint8Array): Stretch => ({ bytes, at: 0, end: bytes.length });
