// Seeds: 32 fresh bytes from the platform's generator, one for each key, ciphertext or share.

import { ParameterError } from '../errors.ts';
import type { LatticePrimitives } from '../lattice.ts';
import { SEED_BYTES } from './random-stream.ts';

/** A fresh seed. Refuses a generator that returns the wrong length, or zeros (once in 2^256): everything that follows would stand on it. */
export function freshSeed(primitives: Pick<LatticePrimitives, 'randomBytes'>): Uint8Array {
  const seed = primitives.randomBytes(SEED_BYTES);
  if (seed.length !== SEED_BYTES) {
    throw new ParameterError(`randomBytes(${SEED_BYTES}) returned ${seed.length} bytes`);
  }
  if (seed.every((byte) => byte === 0)) throw new ParameterError(`randomBytes(${SEED_BYTES}) returned zeros`);
  return seed;
}

/** Runs `use` with a fresh secret seed and overwrites it, whatever becomes of `use`. */
export function withFreshSeed<Result>(
  primitives: Pick<LatticePrimitives, 'randomBytes'>,
  use: (seed: Uint8Array) => Result,
): Result {
  const seed = freshSeed(primitives);
  try {
    return use(seed);
  } finally {
    seed.fill(0);
  }
}
