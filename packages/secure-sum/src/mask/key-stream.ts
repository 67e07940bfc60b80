// Masks on words: what a key of 32 bytes expands to is added to a vector, or taken away, modulo 2^32 and so modulo every 2^w, w ≤ 32.
//
//   mask word j = bytes [size·j, size·(j + 1)) of the ChaCha20 stream of the key (nonce 0, from block 0), lowest byte first,
//   size = ⌈w/8⌉ bytes; its w lowest bits count
//
// so a word of 23 bits costs 24 bits of stream and not 32. The vector goes through in pieces that stay near the processor, each
// through all masks before the next: the words are read and written once, however many masks there are.

import type { Engine } from '../engine/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';

/** The key is used once, for one vector. */
export interface Mask {
  /** 32 bytes. */
  readonly key: Uint8Array;
  readonly sign: 1 | -1;
}

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

/** words ± masks. Mutates `words`. */
export function applyMasks(
  engine: Engine,
  primitives: Pick<PublicPrimitives, 'chacha20'>,
  words: Uint32Array,
  wordBits: number,
  masks: readonly Mask[],
): void {
  const size = maskWordBytes(wordBits);
  // A multiple of 64, so that pieces begin at a block of the stream.
  const pieceWords = 64 * Math.floor(STREAM_BYTES / size / 64);
  const { memory, masks: kernels } = engine;
  memory.secretScope(() => {
    const at = memory.allocate(4 * pieceWords);
    const stream = memory.allocate(size * pieceWords + SLACK_BYTES);
    for (let start = 0; start < words.length; start += pieceWords) {
      const count = Math.min(pieceWords, words.length - start);
      const piece = memory.u32(at, count);
      piece.set(words.subarray(start, start + count));
      const block = (start * size) / 64;
      const out = memory.u8(stream, size * count);
      for (const { key, sign } of masks) {
        primitives.chacha20(key, NONCE, block, out);
        if (sign > 0) kernels.addStream(at, stream, count, size);
        else kernels.subtractStream(at, stream, count, size);
      }
      words.set(piece, start);
    }
  });
}

/** words modulo 2^wordBits as a stream of bits, the last byte filled with zeros. */
export function packWords(engine: Engine, words: Uint32Array, wordBits: number): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(packedBytes(words.length, requireWordBits(wordBits)));
  const { memory, masks: kernels } = engine;
  memory.scope(() => {
    const at = memory.allocate(4 * PIECE_WORDS);
    const out = memory.allocate(4 * PIECE_WORDS);
    for (let start = 0; start < words.length; start += PIECE_WORDS) {
      const count = Math.min(PIECE_WORDS, words.length - start);
      memory.u32(at, count).set(words.subarray(start, start + count));
      kernels.pack(out, at, count, wordBits);
      packed.set(memory.u8(out, packedBytes(count, wordBits)), (start * wordBits) / 8);
    }
  });
  return packed;
}

/** words += packed words, modulo 2^32. Mutates `words`; the caller has checked that `packed` fits (requirePacked). */
export function addPackedWords(engine: Engine, words: Uint32Array, packed: Uint8Array, wordBits: number): void {
  if (packed.length !== packedBytes(words.length, requireWordBits(wordBits))) {
    throw new ParameterError(`${packed.length} bytes are not ${words.length} words of ${wordBits} bits`);
  }
  const { memory, masks: kernels } = engine;
  memory.scope(() => {
    const at = memory.allocate(4 * PIECE_WORDS);
    const from = memory.allocate(4 * PIECE_WORDS + SLACK_BYTES);
    for (let start = 0; start < words.length; start += PIECE_WORDS) {
      const count = Math.min(PIECE_WORDS, words.length - start);
      const first = (start * wordBits) / 8;
      const piece = memory.u32(at, count);
      piece.set(words.subarray(start, start + count));
      memory.u8(from, packedBytes(count, wordBits)).set(packed.subarray(first, first + packedBytes(count, wordBits)));
      kernels.addPacked(at, from, count, wordBits);
      words.set(piece, start);
    }
  });
}

/** The words modulo 2^wordBits as signed numbers in [−2^(w−1), 2^(w−1)). */
export function signedWords(words: Uint32Array, wordBits: number): Int32Array<ArrayBuffer> {
  const shift = 32 - requireWordBits(wordBits);
  const signed = new Int32Array(words.length);
  for (let i = 0; i < words.length; i++) signed[i] = (words[i] << shift) >> shift;
  return signed;
}

/** Whether every value is in [−bound, bound]. Looks at all of them: where one is out of range, the time does not tell which. */
export function isWithin(values: Int32Array, bound: number): boolean {
  let lowest = 0;
  let highest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return lowest >= -bound && highest <= bound;
}

function requireWordBits(wordBits: number): number {
  if (!Number.isInteger(wordBits) || wordBits < 1 || wordBits > WORD_BITS_AT_MOST) {
    throw new ParameterError(`words of ${wordBits} bits: masks have 1 to ${WORD_BITS_AT_MOST}`);
  }
  return wordBits;
}
