// A seeded stream of numbers for first weights, orders and dropout: xoshiro128** (Blackman and Vigna, arXiv 1805.01407), seeded through
// splitmix32. Integer arithmetic only, so it is the same everywhere. Not for anything secret: a few outputs give its whole state.

import { ParameterError } from '../errors.ts';

export interface Generator {
  /** A 32-bit unsigned integer. */
  next(): number;
  /** Uniform on the multiples of 2^-24 in [0, 1). */
  float(): number;
  /** Uniform in [0, bound), by rejection. */
  below(bound: number): number;
}

const rotate = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** `stream` makes independent streams of one seed. */
export function seededGenerator(seed: number, stream = 0): Generator {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ParameterError(`a seed is an integer from 0 to 2^53 - 1, not ${seed}`);
  }
  let z = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b) ^ Math.imul(stream, 0xc2b2ae35)) >>> 0;
  const splitmix = (): number => {
    z = (z + 0x9e3779b9) >>> 0;
    let t = z ^ (z >>> 16);
    t = Math.imul(t, 0x21f0aaad);
    t ^= t >>> 15;
    t = Math.imul(t, 0x735a2d97);
    return (t ^ (t >>> 15)) >>> 0;
  };
  const s = Uint32Array.of(splitmix(), splitmix(), splitmix(), splitmix());
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11);
    return result;
  };
  return {
    next,
    float: () => (next() >>> 8) * 2 ** -24,
    below(bound) {
      const limit = 2 ** 32 - (2 ** 32 % bound);
      let word = next();
      while (word >= limit) word = next();
      return word % bound;
    },
  };
}

/** 0 … length - 1 in a random order (Fisher and Yates). */
export function shuffledOrder(length: number, generator: Generator): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = generator.below(i + 1);
    const held = order[i];
    order[i] = order[j];
    order[j] = held;
  }
  return order;
}
