// Handing a result to one receiver: t shares turn a ciphertext under the collective key into one under the receiver's own public key
// (b, a) = (−a·s_r + e_r, a), and only the receiver reads it (MTBH21, eprint 2020/304, §4.4, public collective key switching).
//
//   h0_i = λ_i·S(α_i)·c1 + u_i·b + e_i + masks        h1_i = u_i·a + e1_i        u_i ternary, e_i flooding, e1_i small
//   (c0 + Σ h0_i, Σ h1_i) decrypts under s_r to message + v + Σ (e_i + u_i·e_r + e1_i·s_r).
//
// It is an answer like a partial decryption: it needs a token, floods as much (the receiver sees the noise) and counts as a result.
// The receiver opens with the scheme's ordinary decryption; CKKS results arrive flooded, so the receiver may publish them.

import { ParameterError } from '../errors.ts';
import { encryptZeroPublic } from '../keys/encrypt-zero.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { withFreshSeed } from '../random/seed.ts';
import { addBlock, allocateBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { answerContext, ciphertextName, requireCiphertext, type SharedCiphertext } from './ciphertext.ts';
import type { DecryptionToken } from './decryption-ledger.ts';
import type { KeyEpoch } from './epoch.ts';
import type { KeyShare } from './key-share.ts';
import { onePerMember, requireReduced } from './messages.ts';
import { addMasks } from './pair-masks.ts';
import { floodedProduct, requireContext, useToken } from './partial-decryption.ts';
import { type ActiveSet, requireActiveSet } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';
import { sumOf } from './sum-of-polynomials.ts';
import { digest, residueBytes } from './transcript.ts';

/** One member's answer for a receiver. */
export interface SwitchAnswer {
  readonly kind: 'switch answer';
  readonly run: Uint8Array;
  readonly from: number;
  /** Names ciphertext, active set and receiver together. */
  readonly context: Uint8Array;
  readonly h0: EvaluationPolynomial;
  readonly h1: EvaluationPolynomial;
}

/** Answers for one receiver, once: the token is consumed. The caller knows whose public key this is. */
export function switchToReceiver(share: KeyShare, token: DecryptionToken, receiver: PublicKey): SwitchAnswer {
  const { c1 } = token.ciphertext;
  const { ring } = c1;
  requireReceiver(receiver, ring.moduli.length, share.epoch);
  const { epoch, context: answered } = useToken(share, token, 'opening');
  const context = receiverContext(epoch, answered, receiver);
  const { members } = token.activeSet;
  const { lattice } = epoch;
  const [h0, h1] = ring.engine.memory.secretScope(() => {
    const first = floodedProduct(epoch, share.reveal(), lagrangeScalars(members, share.member, ring), c1);
    const zero0 = allocateBlock(ring);
    const zero1 = allocateBlock(ring);
    const { error } = epoch.parameters.scheme;
    withFreshSeed(lattice.primitives, (seed) =>
      encryptZeroPublic(lattice, receiver, error, seed, zero0, zero1, undefined, ring),
    );
    addBlock(ring, first, first, zero0);
    addMasks(share, members, context, ring, first);
    return [evaluationPolynomial(ring, readBlock(ring, first)), evaluationPolynomial(ring, readBlock(ring, zero1))];
  });
  return Object.freeze({ kind: 'switch answer', run: epoch.run, from: share.member, context, h0, h1 });
}

/** The ciphertext under the receiver's key. Refuses anything but one well-formed answer of every member for this receiver. */
export function combineSwitch(
  epoch: KeyEpoch,
  ciphertext: SharedCiphertext,
  activeSet: ActiveSet,
  receiver: PublicKey,
  answers: readonly SwitchAnswer[],
): SharedCiphertext {
  requireActiveSet(epoch, activeSet);
  requireCiphertext(epoch, ciphertext);
  const { ring } = ciphertext.c0;
  requireReceiver(receiver, ring.moduli.length, epoch);
  const answered = answerContext(epoch, ciphertextName(epoch, ciphertext), activeSet.members);
  const context = receiverContext(epoch, answered, receiver);
  const complete = onePerMember('switch answer', epoch.run, activeSet.members, answers);
  for (const { from, context: named, h0, h1 } of complete) {
    requireContext(from, named, context);
    requireReduced('switch answer', from, h0, ring);
    requireReduced('switch answer', from, h1, ring);
  }
  return {
    c0: sumOf([ciphertext.c0, ...complete.map(({ h0 }) => h0)]),
    c1: sumOf(complete.map(({ h1 }) => h1)),
  };
}

function requireReceiver(receiver: PublicKey, primes: number, { dataRing }: KeyEpoch): void {
  const sameChain =
    receiver.ring.degree === dataRing.degree &&
    receiver.ring.engine === dataRing.engine &&
    receiver.ring.moduli.length >= primes &&
    receiver.ring.moduli.slice(0, primes).every(({ q }, limb) => q === dataRing.moduli[limb].q);
  if (!sameChain) throw new ParameterError("the receiver's public key is over other primes than the ciphertext");
}

function receiverContext({ lattice }: KeyEpoch, answered: Uint8Array, receiver: PublicKey): Uint8Array {
  const key = [receiver.b, receiver.a].map(residueBytes);
  return digest(lattice.primitives, 'sumus/lattice/shared key/receiver', answered, ...key);
}
