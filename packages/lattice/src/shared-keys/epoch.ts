// One epoch of a shared key: what is public about it and the same for all its members. The founding epoch is named by its
// parameters and a public seed; a later one (resharing.ts) by the epoch before it and who dealt.

import { ParameterError } from '../errors.ts';
import type { KeySwitchingLayout } from '../keys/key-switching-key.ts';
import type { Lattice } from '../lattice.ts';
import { SEED_BYTES } from '../random/index.ts';
import { firstPrimes, type Ring, ring } from '../ring/ring.ts';
import type { Step } from './messages.ts';
import type { SharedKeyParameters } from './parameters.ts';
import type { Roster } from './roster.ts';
import { ascii, digest, numbers, ringBytes } from './transcript.ts';

export interface KeyEpoch {
  readonly lattice: Lattice;
  readonly parameters: SharedKeyParameters;
  readonly roster: Roster;
  /** 32 bytes that name the epoch; every message carries them. */
  readonly run: Uint8Array;
  /** All primes, data first: shares and evaluation keys live here. */
  readonly ring: Ring;
  /** The data primes: the public key and ciphertexts. */
  readonly dataRing: Ring;
}

/**
 * A new key's epoch. `publicSeed` is 32 bytes that have not founded a key before (a beacon's value, or a hash of everybody's
 * nonces); the common random polynomials are hashed from it, so that nobody can choose them.
 */
export function foundEpoch(lattice: Lattice, parameters: SharedKeyParameters, publicSeed: Uint8Array): KeyEpoch {
  if (publicSeed.length !== SEED_BYTES) {
    throw new ParameterError(`a public seed has ${SEED_BYTES} bytes, not ${publicSeed.length}`);
  }
  const { degree, dataPrimes, special } = parameters.scheme;
  const all = ring(lattice.engine, degree, [...dataPrimes, ...special]);
  const run = digest(
    lattice.primitives,
    'sumus/lattice/shared key/found',
    ascii(parameters.description),
    ringBytes(all),
    publicSeed,
  );
  return epochOf(lattice, parameters, run);
}

/** The epoch after `before`: the same secret, dealt by `dealers` to the members of the new parameters. */
export function nextEpoch(before: KeyEpoch, parameters: SharedKeyParameters, dealers: readonly number[]): KeyEpoch {
  const { lattice, run } = before;
  const next = digest(
    lattice.primitives,
    'sumus/lattice/shared key/reshare',
    run,
    ascii(parameters.description),
    numbers(dealers),
  );
  return epochOf(lattice, parameters, next);
}

function epochOf(lattice: Lattice, parameters: SharedKeyParameters, run: Uint8Array): KeyEpoch {
  const { degree, dataPrimes, special } = parameters.scheme;
  const all = ring(lattice.engine, degree, [...dataPrimes, ...special]);
  const dataRing = firstPrimes(all, dataPrimes.length);
  return Object.freeze({ lattice, parameters, roster: parameters.roster, run, ring: all, dataRing });
}

/** The public seed of a step's common random polynomials. */
export function commonSeed({ lattice, run }: KeyEpoch, step: Step): Uint8Array {
  return digest(lattice.primitives, 'sumus/lattice/shared key/common random polynomial', run, ascii(step));
}

/** Digits and special primes for evaluation keys; refuses a scheme that has none. */
export function layoutOf({ ring: all, parameters }: KeyEpoch): KeySwitchingLayout {
  const { digits } = parameters.scheme;
  if (digits.length === 0) throw new ParameterError('this scheme has no digits for key switching: no evaluation keys');
  return { ring: all, digits };
}
