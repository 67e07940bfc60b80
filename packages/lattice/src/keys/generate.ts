// Secret keys are drawn here: one small polynomial, expanded modulo every prime it will meet.
//
// A seed that a secret was drawn from is that secret. Doors do not offer it; keys made from a given seed remember its hash, so that
// the same bytes are not published as the seed of a public half (requireNotSeedOf).

import { sameBytes } from '../bytes.ts';
import { digest } from '../digest.ts';
import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { type Distribution, TERNARY } from '../parameters/distributions.ts';
import { freshSeed, sampleSmall } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { allocateBlock, forwardBlock, readBlock, signedToBlock } from '../ring/blocks.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { SecretKey } from './secret-key.ts';

/** The stream index of a secret in domain 'tern'; encryption uses 0, so that a seed used twice by mistake repeats nothing. */
const SECRET_INDEX = 1;

/** Hashes of the seeds that callers gave. */
const givenSeeds = new WeakMap<SecretKey, Uint8Array>();

/**
 * A secret key over `ring`: all primes, data first, special primes after them. Deterministic in `seed` (32 secret bytes,
 * by default fresh ones, which are wiped).
 */
export function generateSecretKey(
  lattice: Lattice,
  ring: Ring,
  distribution: Distribution = TERNARY,
  seed?: Uint8Array,
): SecretKey {
  const drawn = seed ?? freshSeed(lattice.primitives);
  const stream = new RandomStream(lattice.primitives, drawn, 'tern', SECRET_INDEX);
  try {
    const key = ring.engine.memory.secretScope(() => {
      const signed = ring.engine.memory.allocate(ring.limbBytes);
      sampleSmall(ring.engine, stream, distribution, signed, ring.degree);
      const s = allocateBlock(ring);
      signedToBlock(ring, s, signed);
      forwardBlock(ring, s);
      return new SecretKey(evaluationPolynomial(ring, readBlock(ring, s)));
    });
    if (seed !== undefined) givenSeeds.set(key, hashOfSeed(lattice, seed));
    return key;
  } finally {
    stream.wipe();
    if (seed === undefined) drawn.fill(0);
  }
}

/** Refuses to publish the bytes that a secret was drawn from. */
export function requireNotSeedOf(lattice: Lattice, secret: SecretKey, publicSeed: Uint8Array): void {
  const own = givenSeeds.get(secret);
  if (own !== undefined && sameBytes(own, hashOfSeed(lattice, publicSeed))) {
    throw new ParameterError(
      'this public seed is the seed that the secret key was drawn from: it would give the key away',
    );
  }
}

function hashOfSeed({ primitives }: Lattice, seed: Uint8Array): Uint8Array {
  return digest(primitives, 'sumus/lattice/keys/seed of a secret', seed);
}
