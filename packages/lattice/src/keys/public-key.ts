// A public key: an encryption of zero (b, a) with b = −a·s + e, a expanded from a public seed. (Brakerski,
// Vaikuntanathan 2011.) It lives over the data primes only: nothing is ever encrypted at special primes.

import type { Lattice } from '../lattice.ts';
import { CENTRED_BINOMIAL_21, type Distribution } from '../parameters/distributions.ts';
import { freshSeed } from '../random/index.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { encryptZeroSymmetric, type PublicKeyPair } from './encrypt-zero.ts';
import { requireNotSeedOf } from './generate.ts';
import { withNoiseKey } from './noise-key.ts';
import type { SecretKey } from './secret-key.ts';

export interface PublicKey extends PublicKeyPair {
  /** Expands to `a` (expandUniform, index 0). */
  readonly seed: Uint8Array;
}

/** How the error of a key is drawn: with σ ≈ 3.24 unless told, from a key that noise-key.ts makes of a seed, by default a fresh one. */
export interface KeyNoise {
  /** 32 secret bytes. */
  readonly seed?: Uint8Array;
  /** At least as wide as the security table presumes. */
  readonly error?: Distribution;
}

/**
 * The public key of `secret` over `dataRing` (a prefix of the secret's ring). `seed` is public and fresh by default; doors do not
 * offer it. Refused: the seed that the secret was drawn from.
 */
export function generatePublicKey(
  lattice: Lattice,
  dataRing: Ring,
  secret: SecretKey,
  seed: Uint8Array = freshSeed(lattice.primitives),
  noise: KeyNoise = {},
): PublicKey {
  const error = noise.error ?? CENTRED_BINOMIAL_21;
  requireNotSeedOf(lattice, secret, seed);
  const secrets = [secret.reveal()];
  const of = { kind: 'public key', ring: dataRing, digitEnds: [], error, publicSeed: seed, secrets } as const;
  return withNoiseKey(lattice, of, noise.seed, (noiseKey) =>
    dataRing.engine.memory.scope(() => {
      const b = allocateBlock(dataRing);
      const a = allocateBlock(dataRing);
      encryptZeroSymmetric(lattice, secret, dataRing, error, seed, 0, noiseKey, b, undefined, a);
      return Object.freeze({
        ring: dataRing,
        b: evaluationPolynomial(dataRing, readBlock(dataRing, b)),
        a: evaluationPolynomial(dataRing, readBlock(dataRing, a)),
        seed: seed.slice(),
      });
    }),
  );
}
