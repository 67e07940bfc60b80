// Random bytes that follow from one seed: every party and every purpose has a stream of its own, so that what one draws does not move what
// another draws. Here and nowhere else seeds reach keys, noise and batches; a participant of a real run takes its platform's generator.
//
//   key of a stream = SHA-256("sumus/1/simulation" ‖ 0 ‖ seed ‖ 0 ‖ name);  its bytes = ChaCha20(key, nonce 0, blocks 0, 1, …)

import type { Primitives } from '@sumus/platform/primitives';

export type RandomBytes = (length: number) => Uint8Array<ArrayBuffer>;

/** A seed as people write it: a whole number of 0 to 2^53 − 1. */
export type Seed = number;

const POOL_BYTES = 4096;

export function seededBytes(
  { sha256, chacha20 }: Pick<Primitives, 'sha256' | 'chacha20'>,
  seed: Seed,
  stream: string,
): RandomBytes {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`a seed is a whole number, not ${seed}`);
  const key = sha256(new TextEncoder().encode(`sumus/1/simulation\0${seed}\0${stream}`));
  const nonce = new Uint8Array(12);
  let block = 0;
  let pool = new Uint8Array(0);
  return (length) => {
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      if (pool.length === 0) {
        pool = new Uint8Array(POOL_BYTES);
        chacha20(key, nonce, block, pool);
        block += POOL_BYTES / 64;
      }
      const taken = Math.min(length - at, pool.length);
      out.set(pool.subarray(0, taken), at);
      pool = pool.subarray(taken);
      at += taken;
    }
    return out;
  };
}

/** Whole numbers below a bound, exactly uniform, and chances. */
export interface Dice {
  below(bound: number): number;
  chance(probability: number): boolean;
  /** One of these. */
  among<T>(choices: readonly T[]): T;
}

export function diceOf(randomBytes: RandomBytes): Dice {
  const word = (): number => new DataView(randomBytes(4).buffer).getUint32(0, true);
  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) throw new RangeError(`a number below ${bound}`);
    const fair = 2 ** 32 - (2 ** 32 % bound);
    for (;;) {
      const drawn = word();
      if (drawn < fair) return drawn % bound;
    }
  };
  return {
    below,
    chance: (probability) => word() < probability * 2 ** 32,
    among: (choices) => {
      const chosen = choices[below(choices.length)];
      if (chosen === undefined) throw new RangeError('one of nothing');
      return chosen;
    },
  };
}
