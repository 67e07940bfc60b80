// The participant's generator in the shapes that the rooms ask for: bytes in, words out. From the platform's cryptographically secure
// generator and from nothing else; seeds reach it in simulations only, whose output says so.

import type { RandomSource } from '@sumus/differential-privacy/noise';
import { ParameterError } from '../errors.ts';

export type RandomBytes = (length: number) => Uint8Array;

/** For batches and noise. Refuses a generator that gives too little. */
export function randomSourceOf(randomBytes: RandomBytes): RandomSource {
  return {
    fill(out): void {
      const bytes = randomBytes(out.length);
      if (bytes.length !== out.length)
        throw new ParameterError(`the generator gave ${bytes.length} bytes, not ${out.length}`);
      out.set(bytes);
      bytes.fill(0);
    },
  };
}

/** For the choice among coordinates above a threshold. */
export function randomWordsOf(randomBytes: RandomBytes): (count: number) => Uint32Array {
  const source = randomSourceOf(randomBytes);
  return (count) => {
    const words = new Uint32Array(count);
    source.fill(new Uint8Array(words.buffer));
    return words;
  };
}
