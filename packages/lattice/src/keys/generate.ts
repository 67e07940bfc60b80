// Secret keys are drawn here: one small polynomial, expanded modulo every prime it will meet.

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
    return ring.engine.memory.secretScope(() => {
      const signed = ring.engine.memory.allocate(ring.limbBytes);
      sampleSmall(ring.engine, stream, distribution, signed, ring.degree);
      const s = allocateBlock(ring);
      signedToBlock(ring, s, signed);
      forwardBlock(ring, s);
      return new SecretKey(evaluationPolynomial(ring, readBlock(ring, s)));
    });
  } finally {
    stream.wipe();
    if (seed === undefined) drawn.fill(0);
  }
}
