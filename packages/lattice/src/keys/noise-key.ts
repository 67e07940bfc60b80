// The key that the errors of a public or evaluation key are drawn from: a hash of everything that the key depends on.
//
// An error must never be used for two keys: the difference of the two, or one of them and a common a, gives the secret by linear
// algebra. So the seed of the noise alone decides nothing. The error's key is a hash of that seed AND the public seed, what kind of
// key it is, the primes and digits, the distribution, and the secrets themselves: keys that differ in any of them have independent
// errors also where a caller uses one seed for all of them, and the same call again gives the same key, not a second sample. (RFC
// 6979 makes the nonces of signatures in the same way.)
//
// Refused: a noise seed that is the public seed (both would be public); errors narrower than the security table presumes.

import { sameBytes } from '../bytes.ts';
import { ascii, digest } from '../digest.ts';
import { ParameterError } from '../errors.ts';
import type { Lattice, LatticePrimitives } from '../lattice.ts';
import { type Distribution, describeDistribution, stddevOf } from '../parameters/distributions.ts';
import { SMALLEST_SECURE_ERROR } from '../parameters/integer-noise.ts';
import { freshSeed } from '../random/index.ts';
import { requireSeed } from '../random/random-stream.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';

/** What makes one key different from another. `secrets`: over rings whose first prime is the key's. */
export interface NoiseOf {
  readonly kind: 'public key' | 'key switching';
  readonly ring: Ring;
  /** Where the digits end; empty for a public key. */
  readonly digitEnds: readonly number[];
  readonly error: Distribution;
  readonly publicSeed: Uint8Array;
  readonly secrets: readonly EvaluationPolynomial[];
}

/** Runs `use` with the key of the errors and overwrites it, and the fresh seed where none is given, whatever becomes of `use`. */
export function withNoiseKey<Result>(
  { primitives }: Lattice,
  of: NoiseOf,
  seed: Uint8Array | undefined,
  use: (key: Uint8Array) => Result,
): Result {
  requireSeed(of.publicSeed);
  if (seed !== undefined) {
    requireSeed(seed);
    if (sameBytes(seed, of.publicSeed)) {
      throw new ParameterError('the seed of the noise is secret and must not be the public seed');
    }
  }
  if (!(stddevOf(of.error) >= SMALLEST_SECURE_ERROR)) {
    throw new ParameterError(
      `the error of a key, ${describeDistribution(of.error)}, has deviation ${stddevOf(of.error).toFixed(3)}, below ${SMALLEST_SECURE_ERROR}`,
    );
  }
  const drawn = seed ?? freshSeed(primitives);
  const key = noiseKey(primitives, of, drawn);
  try {
    return use(key);
  } finally {
    key.fill(0);
    if (seed === undefined) drawn.fill(0);
  }
}

function noiseKey(primitives: LatticePrimitives, of: NoiseOf, seed: Uint8Array): Uint8Array {
  const { kind, ring, digitEnds, error, publicSeed, secrets } = of;
  const shape = `${kind}; degree ${ring.degree}; primes ${ring.moduli.map(({ q }) => q).join(' ')}; digits ${digitEnds.join(' ')}`;
  return digest(
    primitives,
    'sumus/lattice/keys/noise',
    ascii(`${shape}; ${describeDistribution(error)}`),
    publicSeed,
    seed,
    ...secrets.map(firstLimbBytes),
  );
}

/** Modulo one prime a small polynomial is known already. SECRET; a view. */
export function firstLimbBytes({ ring, residues }: EvaluationPolynomial): Uint8Array {
  return new Uint8Array(residues.buffer, residues.byteOffset, ring.limbBytes);
}
