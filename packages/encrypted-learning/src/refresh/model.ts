// What a plan must know of a refresh before anything runs: from which level up it takes a ciphertext, and what it leaves.
//
// Three kinds. `owner`: the key's owner decrypts and encrypts anew (owner.ts). `collective`: the members of a shared key answer with one
// message each, and nobody sees the numbers (collective.ts). `bootstrapping` is the next step up and not built: slots to coefficients,
// the modulus raised, the modular reduction as a polynomial, coefficients to slots. Its door stands here: it would be a model whose
// resultLevel lies below the top by its own depth and a Refresher that runs a circuit and asks nobody. Plans refuse it by name today.

import type { CkksParameters } from '@sumus/lattice/parameters';

export interface RefreshModel {
  readonly kind: 'owner' | 'collective' | 'bootstrapping';
  /** The lowest level at which a ciphertext with numbers up to `magnitude` can be handed over; undefined if there is none. */
  operandLevel(parameters: CkksParameters, magnitude: number): number | undefined;
  /** The highest level of a result. */
  resultLevel(parameters: CkksParameters): number;
  /** Deviation of the error that it adds in a slot of a result at `level`. */
  errorStddev(parameters: CkksParameters, level: number, magnitude: number): number;
}
