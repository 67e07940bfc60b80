// Masks on words: what a key of 32 bytes expands to is added to a vector, or taken away, modulo 2^32 and so modulo every 2^w, w ≤ 32.
//
//   mask word j = bytes [size·j, size·(j + 1)) of the ChaCha20 stream of the key (nonce 0, from block 0), lowest byte first,
//   size = ⌈w/8⌉ bytes; its w lowest bits count
//
// so a word of 23 bits costs 24 bits of stream and not 32. The vector goes through in pieces that stay near the processor, each
// through all masks before the next: the words are read and written once, however many masks there are.

import type { MaskBench } from '../engine/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';

/** The key is used once, for one vector. */
export interface Mask {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly sign: 1 | -1;
}

/** chacha20Stream where there is one. */
export type StreamPrimitives = Pick<PublicPrimitives, 'chacha20' | 'chacha20Stream'>;

export const WORD_BITS_AT_MOST = 32;
/** A multiple of 8, so that pieces begin at a byte of packed words. */
const PIECE_WORDS = 16_384;
/** What Node expands in one go; streams, words and what OpenSSL gives stay in the second level of a processor's caches. */
const STREAM_BYTES = 122_880;
/** Kernels read so far behind streams and packed words. */
const SLACK_BYTES = 16;
const NONCE = new Uint8Array(12);

export const maskWordBytes = (wordBits: number): number => Math.ceil(requireWordBits(wordBits) / 8);

export const packedBytes = (count: number, wordBits: number): number => Math.ceil((count * wordBits) / 8);

/** Where a piece of words is while kernels work on it: where it lies, or a place to which it is copied. */
interface Piece {
  readonly at: number;
  /** Copies back what was copied. */
  done(): void;
}

/** Memory that a piece of words needs beside itself, at most. */
export const SCRATCH_BYTES: number = 4 * STREAM_BYTES + STREAM_BYTES + 4 * SLACK_BYTES;

function pieceOf({ memory }: MaskBench, place: number, words: Uint32Array, start: number, count: number): Piece {
  const own = memory.addressOf(words);
  if (own !== undefined) return { at: own + 4 * start, done: () => {} };
  const piece = memory.u32(place, count);
  piece.set(words.subarray(start, start + count));
  return { at: place, done: () => words.set(piece, start) };
}

/** words ± masks. Mutates `words`, which may lie in the memory of `bench` and are then worked on where they lie. */
export function applyMasks(
  bench: MaskBench,
  primitives: StreamPrimitives,
  words: Uint32Array,
  wordBits: number,
  masks: readonly Mask[],
): void {
  const size = maskWordBytes(wordBits);
  // A multiple of 64, so that pieces begin at a block of the stream.
  const pieceWords = 64 * Math.floor(STREAM_BYTES / size / 64);
  const { memory, masks: kernels } = bench;
  memory.secretScope(() => {
    const place = memory.allocate(4 * pieceWords);
    const stream = memory.allocate(size * pieceWords + SLACK_BYTES);
    const streams = masks.map(({ key, sign }) => ({ from: streamOf(primitives, key), sign }));
    try {
      for (let start = 0; start < words.length; start += pieceWords) {
        const count = Math.min(pieceWords, words.length - start);
        const piece = pieceOf(bench, place, words, start, count);
        const out = memory.u8(stream, size * count);
        for (const { from, sign } of streams) {
          from.fill(out);
          if (sign > 0) kernels.addStream(piece.at, stream, count, size);
          else kernels.subtractStream(piece.at, stream, count, size);
        }
        piece.done();
      }
    } finally {
      for (const { from } of streams) from.end();
    }
  });
}

/** From its first block on, piece after piece. */
function streamOf(
  { chacha20, chacha20Stream }: StreamPrimitives,
  key: Uint8Array,
): ReturnType<NonNullable<StreamPrimitives['chacha20Stream']>> {
  if (chacha20Stream !== undefined) return chacha20Stream(key, NONCE, 0);
  let block = 0;
  return {
    fill(out) {
      chacha20(key, NONCE, block, out);
      block += Math.ceil(out.length / 64);
    },
    end() {},
  };
}

/** words modulo 2^wordBits as a stream of bits, the last byte filled with zeros. */
export function packWords(bench: MaskBench, words: Uint32Array, wordBits: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(packedBytes(words.length, requireWordBits(wordBits)));
  const { memory, masks: kernels } = bench;
  memory.scope(() => {
    const place = memory.allocate(4 * PIECE_WORDS);
    const out = memory.allocate(4 * PIECE_WORDS);
    for (let start = 0; start < words.length; start += PIECE_WORDS) {
      const count = Math.min(PIECE_WORDS, words.length - start);
      kernels.pack(out, readable(bench, place, words, start, count), count, wordBits);
      packed.set(memory.u8(out, packedBytes(count, wordBits)), (start * wordBits) / 8);
    }
  });
  return packed;
}

/** Where kernels can read a piece of words. */
function readable({ memory }: MaskBench, place: number, words: Uint32Array, start: number, count: number): number {
  const own = memory.addressOf(words);
  if (own !== undefined) return own + 4 * start;
  memory.u32(place, count).set(words.subarray(start, start + count));
  return place;
}

/** words += packed words, modulo 2^32. Mutates `words`; the caller has checked that `packed` fits (requirePacked). */
export function addPackedWords(bench: MaskBench, words: Uint32Array, packed: Uint8Array, wordBits: number): void {
  requirePackedLength(words.length, packed, wordBits);
  const { memory, masks: kernels } = bench;
  memory.scope(() => {
    const place = memory.allocate(4 * PIECE_WORDS);
    const from = memory.allocate(4 * PIECE_WORDS + SLACK_BYTES);
    for (let start = 0; start < words.length; start += PIECE_WORDS) {
      const count = Math.min(PIECE_WORDS, words.length - start);
      const piece = pieceOf(bench, place, words, start, count);
      copyPacked(bench, from, packed, start, count, wordBits);
      kernels.addPacked(piece.at, from, count, wordBits);
      piece.done();
    }
  });
}

/** Signed numbers, and between which two they lie: found by looking at all of them, so the time does not tell where the extremes are. */
export interface SignedWords {
  readonly values: Int32Array<ArrayBuffer>;
  readonly least: number;
  readonly greatest: number;
}

/** The words modulo 2^wordBits as signed numbers in [−2^(w−1), 2^(w−1)). */
export function signedWords(bench: MaskBench, words: Uint32Array, wordBits: number): SignedWords {
  requireWordBits(wordBits);
  return signedPieces(bench, words.length, wordBits, (to, start, count) => {
    bench.memory.u32(to, count).set(words.subarray(start, start + count));
  });
}

/** The same of packed words. */
export function signedPackedWords(bench: MaskBench, packed: Uint8Array, count: number, wordBits: number): SignedWords {
  requirePackedLength(count, packed, wordBits);
  const { memory, masks: kernels } = bench;
  return memory.scope(() => {
    const from = memory.allocate(4 * PIECE_WORDS + SLACK_BYTES);
    return signedPieces(bench, count, wordBits, (to, start, some) => {
      memory.u32(to, some).fill(0);
      copyPacked(bench, from, packed, start, some, wordBits);
      kernels.addPacked(to, from, some, wordBits);
    });
  });
}

function signedPieces(
  { memory, masks: kernels }: MaskBench,
  length: number,
  wordBits: number,
  put: (to: number, start: number, count: number) => void,
): SignedWords {
  const values = new Int32Array(length);
  return memory.scope(() => {
    const place = memory.allocate(4 * PIECE_WORDS);
    const extremes = memory.allocate(8);
    memory.i32(extremes, 2).fill(0);
    for (let start = 0; start < length; start += PIECE_WORDS) {
      const count = Math.min(PIECE_WORDS, length - start);
      put(place, start, count);
      kernels.signExtend(place, count, wordBits, extremes);
      values.set(memory.i32(place, count), start);
    }
    const [least = 0, greatest = 0] = memory.i32(extremes, 2);
    return { values, least, greatest };
  });
}

/** Whether every value is in [−bound, bound]. */
export const isWithin = ({ least, greatest }: Pick<SignedWords, 'least' | 'greatest'>, bound: number): boolean =>
  least >= -bound && greatest <= bound;

/** Of values as they come from a caller. Secret: what was looked at is overwritten. */
export function extremesOf(
  { memory, masks: kernels }: MaskBench,
  values: Int32Array,
): Pick<SignedWords, 'least' | 'greatest'> {
  return memory.secretScope(() => {
    const place = memory.allocate(4 * PIECE_WORDS);
    const extremes = memory.allocate(8);
    memory.i32(extremes, 2).fill(0);
    for (let start = 0; start < values.length; start += PIECE_WORDS) {
      const count = Math.min(PIECE_WORDS, values.length - start);
      memory.i32(place, count).set(values.subarray(start, start + count));
      kernels.signExtend(place, count, WORD_BITS_AT_MOST, extremes);
    }
    const [least = 0, greatest = 0] = memory.i32(extremes, 2);
    return { least, greatest };
  });
}

function copyPacked(
  { memory }: MaskBench,
  to: number,
  packed: Uint8Array,
  start: number,
  count: number,
  wordBits: number,
): void {
  const first = (start * wordBits) / 8;
  const length = packedBytes(count, wordBits);
  memory.u8(to, length).set(packed.subarray(first, first + length));
}

function requirePackedLength(count: number, packed: Uint8Array, wordBits: number): void {
  if (packed.length !== packedBytes(count, requireWordBits(wordBits))) {
    throw new ParameterError(`${packed.length} bytes are not ${count} words of ${wordBits} bits`);
  }
}

function requireWordBits(wordBits: number): number {
  if (!Number.isInteger(wordBits) || wordBits < 1 || wordBits > WORD_BITS_AT_MOST) {
    throw new ParameterError(`words of ${wordBits} bits: masks have 1 to ${WORD_BITS_AT_MOST}`);
  }
  return wordBits;
}
