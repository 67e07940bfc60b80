// Decompressing the pages of a Parquet file. A page says how large it will be; that is believed up to the limit, and nothing here makes
// more than it says. Brotli is refused: its decompressor makes what the stream asks for, whatever the page said. So would Zstandard's,
// whose frames are walked first.
import { compressors as library } from 'hyparquet-compressors';
import { inflateBounded } from '../archive/inflate.ts';
import { refuse } from './thrift.ts';

type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;
export type Codecs = Readonly<Record<string, Decompress>>;

export function boundedCodecs(pageBytes: number): Codecs {
  const bounded: Record<string, Decompress> = {};
  for (const [codec, decompress] of Object.entries(decompressors)) {
    bounded[codec] = (input, outputLength) => {
      if (!(outputLength >= 0 && outputLength <= pageBytes)) {
        refuse(`a page claims ${outputLength} bytes; at most ${pageBytes} are read`);
      }
      const output = decompress(input, outputLength);
      if (output.length !== outputLength) refuse(`a page of ${output.length} bytes claims ${outputLength}`);
      return output;
    };
  }
  return bounded;
}

const fromLibrary = (codec: keyof typeof library): Decompress => {
  const decompress = library[codec];
  return (input, outputLength) =>
    decompress === undefined ? refuse(`the codec ${codec} is not read`) : decompress(input, outputLength);
};

const decompressors: Codecs = {
  SNAPPY: (input, outputLength) =>
    outputLength === 0 ? new Uint8Array(0) : fromLibrary('SNAPPY')(input, outputLength),
  GZIP: (input, outputLength) => inflateBounded(input, 'gzip', outputLength),
  LZ4: fromLibrary('LZ4'),
  LZ4_RAW: fromLibrary('LZ4_RAW'),
  ZSTD: (input, outputLength) => {
    checkFrames(input, outputLength);
    return fromLibrary('ZSTD')(input, outputLength);
  },
  BROTLI: () => refuse('Brotli pages are not read; write it with Zstandard, Snappy or gzip'),
};

const largestBlock = 1 << 17;

/** RFC 8878 §3.1.1: frames of blocks, none of which makes more than 128 KB; together no more than the page says, one block aside. */
function checkFrames(bytes: Uint8Array, mostBytes: number): void {
  const number = (at: number, size: number): number => {
    if (at + size > bytes.length) refuse('a Zstandard frame is cut off');
    let value = 0;
    for (let byte = size - 1; byte >= 0; byte -= 1) value = value * 256 + bytes[at + byte];
    return value;
  };
  let certain = 0;
  let uncertain = 0;
  for (let at = 0; at < bytes.length; ) {
    const magic = number(at, 4);
    if (magic >= 0x184d2a50 && magic <= 0x184d2a5f) {
      at += 8 + number(at + 4, 4);
      continue;
    }
    if (magic !== 0xfd2fb528) refuse('a Zstandard page without a frame');
    const flags = number(at + 4, 1);
    const single = (flags & 32) !== 0;
    const sizeBytes = flags >> 6 === 0 ? (single ? 1 : 0) : 1 << (flags >> 6);
    let place = at + 5;
    if (!single) {
      const window = number(place, 1);
      if ((1 + (window & 7) / 8) * 2 ** (10 + (window >> 3)) > Math.max(1 << 23, 4 * mostBytes)) {
        refuse('a Zstandard window larger than its page has use for');
      }
      place += 1;
    }
    place += [0, 1, 2, 4][flags & 3];
    const content = sizeBytes === 0 ? 0 : number(place, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
    if (content > mostBytes) refuse(`a Zstandard frame of ${content} bytes in a page of ${mostBytes}`);
    place += sizeBytes;
    for (let last = false; !last; ) {
      const header = number(place, 3);
      last = (header & 1) === 1;
      const type = (header >> 1) & 3;
      const size = header >> 3;
      if (size > largestBlock || type === 3) refuse(`a Zstandard block of ${size} bytes`);
      place += 3 + (type === 1 ? 1 : size);
      if (type === 2) uncertain += 1;
      else certain += size;
      if (certain > mostBytes || place > bytes.length) refuse('Zstandard blocks beyond their page');
    }
    at = place + ((flags & 4) === 0 ? 0 : 4);
  }
  // Writers flush a block early now and then; every block that makes less than it may costs memory only up to this.
  if (uncertain * largestBlock > 16 * (mostBytes + largestBlock))
    refuse(`${uncertain} Zstandard blocks for ${mostBytes} bytes`);
}
