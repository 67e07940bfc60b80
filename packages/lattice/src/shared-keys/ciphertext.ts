// A ciphertext as shared keys see it: two polynomials over some first data primes. Both schemes' ciphertexts have these fields.
// Refused: another ring, residues that are not reduced, a c1 of zero (its "answers" would be bare noise, and it encrypts nothing).

import { MalformedMessage, ParameterError } from '../errors.ts';
import { requirePrefix, requireSameRing, restrict } from '../keys/restrict.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import { firstPrimes } from '../ring/ring.ts';
import type { KeyEpoch } from './epoch.ts';
import { firstUnreduced } from './messages.ts';
import type { ActiveSet } from './roster.ts';
import { digest, numbers, residueBytes, ringBytes } from './transcript.ts';

export interface SharedCiphertext {
  readonly c0: EvaluationPolynomial;
  readonly c1: EvaluationPolynomial;
}

export function requireCiphertext({ dataRing, parameters }: KeyEpoch, { c0, c1 }: SharedCiphertext): void {
  const { ring } = c1;
  requireSameRing(c0.ring, ring);
  requirePrefix(ring, dataRing);
  if (ring.moduli.length < parameters.opening.primes) {
    throw new ParameterError(
      `the ciphertext has ${ring.moduli.length} primes left, the flooding needs ${parameters.opening.primes}`,
    );
  }
  for (const half of [c0, c1]) {
    if (half.residues.length !== ring.degree * ring.moduli.length) {
      throw new MalformedMessage(`half a ciphertext has ${half.residues.length} residues`);
    }
    const limb = firstUnreduced(half);
    if (limb !== undefined) {
      throw new MalformedMessage(`a ciphertext has a residue that is not below ${ring.moduli[limb].q}`);
    }
  }
  if (c1.residues.every((x) => x === 0)) throw new MalformedMessage('the ciphertext has c1 = 0: it encrypts nothing');
}

/**
 * Names a ciphertext for the rule of one answer: the hash of c1 alone, because an answer depends on c1 alone, modulo the primes that
 * every ciphertext still has when it is opened, because the same c1 over fewer primes is the same question.
 */
export function spentName({ lattice, parameters }: KeyEpoch, { c1 }: Pick<SharedCiphertext, 'c1'>): Uint8Array {
  const first = restrict(c1, firstPrimes(c1.ring, parameters.opening.primes));
  return digest(lattice.primitives, 'sumus/lattice/shared key/c1', ringBytes(first.ring), residueBytes(first));
}

/** Names a ciphertext for its answers: c1 with all its primes. Who answers modulo other primes answers something else. */
export function ciphertextName({ lattice }: KeyEpoch, { c1 }: Pick<SharedCiphertext, 'c1'>): Uint8Array {
  return digest(lattice.primitives, 'sumus/lattice/shared key/whole c1', ringBytes(c1.ring), residueBytes(c1));
}

/**
 * What t members sign before anybody answers: this ciphertext, this set, this key. The certificate is the layer above's;
 * without it a combiner could tell every member of another set.
 */
export function activeSetStatement(epoch: KeyEpoch, ciphertext: SharedCiphertext, { members }: ActiveSet): Uint8Array {
  return answerContext(epoch, ciphertextName(epoch, ciphertext), members);
}

export function answerContext({ lattice, run }: KeyEpoch, name: Uint8Array, members: readonly number[]): Uint8Array {
  return digest(lattice.primitives, 'sumus/lattice/shared key/answer', run, name, numbers(members));
}
