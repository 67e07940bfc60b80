// What the codecs need to know of a parameter set, whichever scheme it is for: degree, primes in order, description.

import type { Lattice } from '../lattice.ts';
import type { DigitRange } from '../parameters/ckks-chain.ts';
import { type Ring, ring } from '../ring/ring.ts';
import type { Described } from './envelope.ts';

interface WithDegree extends Described {
  readonly degree: number;
}

/** Schemes without key switching (integers, one-time) have `primes`. */
export interface PlainParameters extends WithDegree {
  readonly primes: readonly number[];
}

/** CKKS, and the scheme of a shared key, have data primes, special primes and digits. */
export interface ChainParameters extends WithDegree {
  readonly dataPrimes: readonly number[];
  readonly special: readonly number[];
  readonly digits: readonly DigitRange[];
}

export type SchemeParameters = PlainParameters | ChainParameters;

/** Where ciphertexts and public keys live. */
export function dataRing({ engine }: Lattice, parameters: SchemeParameters): Ring {
  return ring(engine, parameters.degree, 'primes' in parameters ? parameters.primes : parameters.dataPrimes);
}

/** Where secret and evaluation keys live: the special primes follow the data primes. */
export function wholeRing({ engine }: Lattice, parameters: SchemeParameters): Ring {
  const primes = 'primes' in parameters ? parameters.primes : [...parameters.dataPrimes, ...parameters.special];
  return ring(engine, parameters.degree, primes);
}
