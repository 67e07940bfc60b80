// A public key: an encryption of zero (b, a) with b = −a·s + e, a expanded from a public seed. (Brakerski,
// Vaikuntanathan 2011.) It lives over the data primes only: nothing is ever encrypted at special primes.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import { CENTRED_BINOMIAL_21, type Distribution } from '../parameters/distributions.ts';
import { freshSeed } from '../random/index.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { encryptZeroSymmetric, type PublicKeyPair } from './encrypt-zero.ts';
import type { SecretKey } from './secret-key.ts';

export interface PublicKey extends PublicKeyPair {
  /** Expands to `a` (expandUniform, index 0). */
  readonly seed: Uint8Array;
}

/** How the error of a key is drawn; by default from a fresh seed with σ ≈ 3.24. */
export interface KeyNoise {
  readonly seed?: Uint8Array;
  readonly error?: Distribution;
}

/** The public key of `secret` over `dataRing` (a prefix of the secret's ring). `seed` is public. */
export function generatePublicKey(
  lattice: Lattice,
  dataRing: Ring,
  secret: SecretKey,
  seed: Uint8Array = freshSeed(lattice.primitives),
  noise: KeyNoise = {},
): PublicKey {
  const noiseSeed = noise.seed ?? freshSeed(lattice.primitives);
  if (noiseSeed.every((byte, i) => byte === seed[i])) {
    throw new ParameterError('the seed of the noise is secret and must not be the public seed');
  }
  const error = noise.error ?? CENTRED_BINOMIAL_21;
  return dataRing.engine.memory.scope(() => {
    const b = allocateBlock(dataRing);
    const a = allocateBlock(dataRing);
    encryptZeroSymmetric(lattice, secret, dataRing, error, seed, 0, noiseSeed, b, undefined, a);
    return Object.freeze({
      ring: dataRing,
      b: evaluationPolynomial(dataRing, readBlock(dataRing, b)),
      a: evaluationPolynomial(dataRing, readBlock(dataRing, a)),
      seed: seed.slice(),
    });
  });
}
