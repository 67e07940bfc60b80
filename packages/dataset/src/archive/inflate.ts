// Decompression that cannot be made to fill the memory: whoever calls says how much may come out, and one byte more is an error.
// The decompressor is fed in small pieces, so that it never makes more than about four megabytes before it is asked again.
import { Gunzip, Inflate, Unzlib } from 'fflate';
import { MalformedData } from '../errors.ts';

export type Compression = 'deflate' | 'zlib' | 'gzip';

// Deflate expands at most 1032-fold.
const pieceBytes = 4096;

/** The decompressed bytes, at most `maxBytes` of them; MalformedData where there are more, or where the stream is broken. */
export function inflateBounded(bytes: Uint8Array, compression: Compression, maxBytes: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let finished = false;
  const take = (piece: Uint8Array, final: boolean): void => {
    size += piece.length;
    if (size > maxBytes) throw new MalformedData(`decompresses to more than the ${maxBytes} bytes that are allowed`);
    if (piece.length > 0) pieces.push(piece);
    if (final) finished = true;
  };
  const stream = decompressor(compression, take);
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      stream.push(bytes.subarray(at, at + pieceBytes), at + pieceBytes >= bytes.length);
    }
  } catch (error) {
    if (error instanceof MalformedData) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedData(`the ${compression} stream is broken: ${reason}`, {}, { cause: error });
  }
  if (!finished) throw new MalformedData(`the ${compression} stream ends too early`);
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

interface Decompressor {
  push(chunk: Uint8Array, final: boolean): void;
}

function decompressor(compression: Compression, take: (piece: Uint8Array, final: boolean) => void): Decompressor {
  switch (compression) {
    case 'deflate':
      return new Inflate(take);
    case 'zlib':
      return new Unzlib(take);
    case 'gzip':
      return new Gunzip(take);
    default:
      return compression satisfies never;
  }
}

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

const crcTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** CRC-32 as in zip and PNG. */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) rest = crcTable[(rest ^ bytes[at]) & 255] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}
