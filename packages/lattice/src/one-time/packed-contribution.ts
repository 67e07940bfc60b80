// A contribution as a server takes it in: nothing but residues, chunk by chunk, prime by prime, in quads of 30 bits (packQuads30 in
// kernels/packing.ts), so that one pass reads, checks and adds them. What it belongs to and who sent it the protocol around it says;
// the wire format of ciphertexts that travel alone is wire/one-time.ts.
//
// Refused: parameters whose primes are not of 30 bits, or whose degree is below 64.

import { ParameterError } from '../errors.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { chunkCount } from './ciphertext.ts';

export const QUAD_VALUES = 64;
const VALUE_BITS = 30;

/** Bytes of one prime's residues of one chunk. */
export function packedLimbBytes({ degree, primes }: OneTimeParameters): number {
  if (degree % QUAD_VALUES !== 0) throw new ParameterError(`degree ${degree} is not a multiple of ${QUAD_VALUES}`);
  const other = primes.find((q) => q <= 2 ** (VALUE_BITS - 1) || q >= 2 ** VALUE_BITS);
  if (other !== undefined) throw new ParameterError(`prime ${other} is not one of ${VALUE_BITS} bits`);
  return (degree / 8) * VALUE_BITS;
}

/** Bytes of a packed contribution of so many values. */
export function packedContributionBytes(parameters: OneTimeParameters, length: number): number {
  return chunkCount(parameters, length) * parameters.primes.length * packedLimbBytes(parameters);
}
