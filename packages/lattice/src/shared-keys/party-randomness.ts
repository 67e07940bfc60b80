// What a party draws where a repeat must not be a second sample: a pseudo-random function of its own secret.
//
// A step of a protocol may be asked for again: a peer lost a message, a process restarted. Fresh randomness would then be a second
// error on the same common polynomial (the average of many gives the secret), or a second sharing polynomial (members would hold
// shares of two). Here the same question gets the same bytes, with nothing to keep but the secret that the party keeps anyway.
//
// The function is SHA-256 of the secret, the run, the party and the purpose. A secret polynomial has N·log2(3) bits or more, and hashes
// of it show nothing of it (the hash taken as a random function).

import { ascii, digest } from '../digest.ts';
import { firstLimbBytes } from '../keys/noise-key.ts';
import type { LatticePrimitives } from '../lattice.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { numbers } from './transcript.ts';

export interface PartySecret {
  readonly primitives: LatticePrimitives;
  /** The run that the bytes are for: the identity of an epoch. */
  readonly run: Uint8Array;
  readonly member: number;
  readonly secret: EvaluationPolynomial;
}

/** 32 secret bytes for one purpose; whoever asks overwrites them. `also`: what else the answer depends on. */
export function partySeed(
  { primitives, run, member, secret }: PartySecret,
  purpose: string,
  ...also: readonly Uint8Array[]
): Uint8Array {
  return digest(
    primitives,
    "sumus/lattice/shared key/a party's randomness",
    firstLimbBytes(secret),
    run,
    numbers([member]),
    ascii(purpose),
    ...also,
  );
}

/** Runs `use` with them and overwrites them, whatever becomes of `use`. */
export function withPartySeed<Result>(
  of: PartySecret,
  purpose: string,
  use: (seed: Uint8Array) => Result,
  ...also: readonly Uint8Array[]
): Result {
  const seed = partySeed(of, purpose, ...also);
  try {
    return use(seed);
  } finally {
    seed.fill(0);
  }
}
