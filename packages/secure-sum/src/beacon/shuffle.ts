// A permutation that follows from the beacon: for the graph of neighbours, the committee, cohorts, turns. Fisher and Yates' shuffle
// over a ChaCha20 stream; every index by rejection, so all permutations that a seed can reach are equally likely.

import { type Context, derive } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';

const WORDS = 256;

/** A permutation of 0 … count − 1 under the whole context (roster root and beacon are in it), for one purpose. Public. */
export function shuffle(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  context: Context,
  label: string,
  count: number,
): Uint32Array {
  if (!Number.isInteger(count) || count < 0 || count > 2 ** 24) {
    throw new ParameterError(`a permutation of ${count} is not one of 0 to 2^24`);
  }
  const words = wordsFrom(primitives, derive(primitives, context.beacon, { context, label, lengthBytes: 32 }));
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = below(words, last + 1);
    const kept = order[last]!;
    order[last] = order[other]!;
    order[other] = kept;
  }
  return order;
}

/** Uniform in [0, bound): words at or above the largest multiple of the bound are thrown away. */
function below(words: () => number, bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  for (;;) {
    const word = words();
    if (word < limit) return word % bound;
  }
}

/** The 32-bit words of the stream, lowest byte first. */
function wordsFrom(primitives: Pick<PublicPrimitives, 'chacha20'>, key: Uint8Array): () => number {
  const nonce = new Uint8Array(12);
  const bytes = new Uint8Array(4 * WORDS);
  const view = new DataView(bytes.buffer);
  let block = 0;
  let at = WORDS;
  return () => {
    if (at === WORDS) {
      primitives.chacha20(key, nonce, block, bytes);
      block += bytes.length / 64;
      at = 0;
    }
    return view.getUint32(4 * at++, true);
  };
}
