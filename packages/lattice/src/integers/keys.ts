// The keys of exact sums: for one parameter set, drawn as that set says. What it promises of noise and security it promises of these
// keys, and of no others over the same primes.
//
// Refused: a public key for parameters of symmetric encryption, whose noise bound leaves no room for it; secret keys over other primes.

import { ParameterError } from '../errors.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { generatePublicKey, type PublicKey } from '../keys/public-key.ts';
import { requireSameRing } from '../keys/restrict.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import type { Lattice } from '../lattice.ts';
import type { IntegerParameters } from '../parameters/integer-parameters.ts';
import { integerRing } from './ciphertext.ts';

/** A fresh secret key of these parameters. */
export function secretKey(lattice: Lattice, parameters: IntegerParameters): SecretKey {
  return generateSecretKey(lattice, integerRing(lattice, parameters), parameters.secret);
}

/** A fresh public key of `secret`, with the parameters' error. */
export function publicKey(lattice: Lattice, parameters: IntegerParameters, secret: SecretKey): PublicKey {
  const ring = integerRing(lattice, parameters);
  requireSameRing(secret.ring, ring);
  if (parameters.key !== 'public') {
    throw new ParameterError(`${parameters} are for symmetric encryption: nobody encrypts with a public key`);
  }
  return generatePublicKey(lattice, ring, secret, undefined, { error: parameters.error });
}
