// Public random words that follow from a context: the lowest byte first, by ChaCha20 under a key derived for one purpose.

import { type Context, derive } from '../context/index.ts';
import type { PublicPrimitives } from '../primitives.ts';

export type StreamPrimitives = Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>;

const PIECE_BYTES = 65_536;

/** 32-bit words one after another. */
export function publicWords(
  primitives: StreamPrimitives,
  context: Context,
  label: string,
  parts: readonly string[] = [],
): () => number {
  const key = derive(primitives, context.beacon, { context, label, parts, lengthBytes: 32 });
  const nonce = new Uint8Array(12);
  const bytes = new Uint8Array(PIECE_BYTES);
  const view = new DataView(bytes.buffer);
  let block = 0;
  let at = PIECE_BYTES;
  return () => {
    if (at === PIECE_BYTES) {
      primitives.chacha20(key, nonce, block, bytes);
      block += PIECE_BYTES / 64;
      at = 0;
    }
    const word = view.getUint32(at, true);
    at += 4;
    return word;
  };
}

/** Uniform in [0, bound): words at or above the largest multiple of the bound are thrown away. */
export function below(words: () => number, bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const word = words();
    if (word < limit) return word % bound;
  }
}
