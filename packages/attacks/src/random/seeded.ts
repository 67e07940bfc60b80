// Numbers from a seed, for starts of searches, generators and shadow models, which have to be the same when an attack is run again. Small and
// fast (sfc32, by Doty-Humphrey), and no secret: nothing here protects anybody.

import { ParameterError } from '../errors.ts';

/** A number in [0, 1), every time another one. */
export type Uniform = () => number;

/** `stream` makes independent streams of one seed. */
export function seededUniform(seed: number, stream = 0): Uniform {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ParameterError(`a seed is an integer from 0 to 2^53 - 1, not ${seed}`);
  }
  let [a, b, c, counter] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, stream >>> 0, 1];
  const next = (): number => {
    const result = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + result) >>> 0;
    return result;
  };
  // Seeds that differ in one bit have parted by then.
  for (let i = 0; i < 15; i++) next();
  return () => next() / 2 ** 32;
}

/** Standard normal, by Box and Muller: noise to attack through, not to hide behind. */
export function normalFrom(uniform: Uniform): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** 0 … length − 1 in a random order. */
export function shuffledFrom(length: number, uniform: Uniform): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const other = Math.floor(uniform() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}
