// Where randomness enters: a cryptographically secure generator handed in by the caller, read in whole buffers. Nothing
// here makes randomness, and nothing here keeps it: words are cleared as they are used up.

import { ParameterError } from '../errors.ts';

/** A cryptographically secure generator. `fill` overwrites every byte of `out`. */
export interface RandomSource {
  fill(out: Uint8Array): void;
}

const BUFFER_WORDS = 2048;
const STUCK_WORDS = 8;
/** A word is too large with probability below one half. */
const MOST_TRIES = 256;

/** Words of 32 random bits, read from a source in buffers. Words are secret: they decide the noise. */
export class RandomWords {
  readonly #source: RandomSource;
  readonly #bytes: Uint8Array = new Uint8Array(4 * BUFFER_WORDS);
  /** The buffer itself, for hot loops: `take` words of it are next, from `position`. */
  readonly words: Uint32Array = new Uint32Array(this.#bytes.buffer);
  position: number = BUFFER_WORDS;

  constructor(source: RandomSource) {
    this.#source = source;
  }

  /** How many words can be read from `position`; refills when there are none. */
  available(): number {
    if (this.position >= BUFFER_WORDS) {
      this.#source.fill(this.#bytes);
      // A source that fails by writing nothing, or one byte over and over: the chance of an honest one is 2^−224.
      if (this.words.subarray(0, STUCK_WORDS).every((word) => word === this.words[0])) {
        throw new ParameterError('the random source hands out one word again and again: it is broken');
      }
      this.position = 0;
    }
    return BUFFER_WORDS - this.position;
  }

  next(): number {
    if (this.position >= BUFFER_WORDS) this.available();
    const word = this.words[this.position] ?? 0;
    this.words[this.position] = 0;
    this.position += 1;
    return word;
  }

  /** `count` · 32 random bits as an integer. */
  integer(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i++) value = (value << 32n) | BigInt(this.next());
    return value;
  }

  /** Uniform in [0, bound) for a bound of at most 2^32, by rejection: exact. */
  below(bound: number): number {
    // Words at or above the largest multiple of `bound` are thrown away; the number of tries says nothing about the
    // result.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const word = this.next();
      if (word < limit) return word % bound;
    }
    throw new ParameterError(`${MOST_TRIES} random words were all too large: the random source is broken`);
  }

  /** Forgets what is buffered; the next word comes from a fresh buffer. */
  wipe(): void {
    this.words.fill(0);
    this.position = BUFFER_WORDS;
  }

  toJSON(): never {
    throw new TypeError('random words are secret and are not serialised');
  }
}
