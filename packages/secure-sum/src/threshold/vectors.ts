// The ciphertexts in a contribution, looked at as far as anybody can without the key: of this epoch and these parameters, of the right
// length, reduced, fresh, with a c1 that is not zero (attack 42). Public; the coordinator looks before it keeps them, so that one
// faulty silo does not spoil a sum, and members look again before they promise.

import type { EncryptedVector, IntegerParameters, Lattice } from '@sumus/lattice/integers/sums';
import { decodeEncryptedVector } from '@sumus/lattice/wire/sums';
import { hexOf, sameBytes } from '../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../errors.ts';
import type { Hashing } from '../primitives.ts';
import { type Contribution, decodeCiphertextBody } from './contributions.ts';
import { asOurs } from './lattice-errors.ts';

/** What every ciphertext of an epoch looks like. */
export interface VectorShape {
  readonly lattice: Lattice;
  readonly integers: IntegerParameters;
  /** Hash of the epoch. */
  readonly epoch: Uint8Array;
  readonly vectorLength: number;
}

export function vectorOf(
  { lattice, integers, epoch, vectorLength }: VectorShape,
  contribution: Contribution,
): EncryptedVector {
  const { memberId, message } = contribution;
  const body = decodeCiphertextBody(message.body);
  if (!sameBytes(body.epoch, epoch)) throw new ProtocolViolation('E_EPOCH', `${memberId} encrypted to another epoch`);
  const vector = asOurs('E_SHARE', `the ciphertext of ${memberId}`, () =>
    decodeEncryptedVector(lattice, integers, body.vector),
  );
  if (vector.length !== vectorLength || vector.additions !== 1) {
    throw new MalformedMessage(
      'E_LEN',
      `${memberId} sends ${vector.length} values of ${vector.additions} contributions, not ${vectorLength} of one`,
    );
  }
  for (const { c1 } of vector.ciphertexts) {
    if ('seed' in c1) throw new MalformedMessage('E_MALFORMED', `${memberId} sends a ciphertext of a secret key`);
    if (c1.residues.every((residue) => residue === 0)) {
      throw new MalformedMessage('E_RANGE', `${memberId} sends a ciphertext with c1 = 0: it encrypts nothing`);
    }
  }
  return vector;
}

/**
 * Names the ciphertexts of a vector by their c1: who sends another's again, under its own name, would spend it for both (a member answers
 * once for a c1) and is refused before that.
 */
export function namesOf({ sha256 }: Hashing, { ciphertexts }: EncryptedVector): string[] {
  return ciphertexts.flatMap(({ c1 }) => {
    if ('seed' in c1) return [];
    const { buffer, byteOffset, byteLength } = c1.residues;
    return [hexOf(sha256(new Uint8Array(buffer, byteOffset, byteLength)))];
  });
}
