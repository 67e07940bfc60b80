// Opening a ciphertext with t shares (MBH23, eprint 2022/780, §4). Member i of the active set A answers
//
//   h_i = λ_i·S(α_i)·c1 + e_i + (masks that cancel over A),   λ_i Lagrange's coefficient of A, e_i the flooding of smudging.ts,
//
// and c0 + Σ h_i = c0 + s·c1 + Σ e_i = message + noise. The noise e_i is added after λ_i, so nothing blows it up.
//
// WHO MAY ENCRYPT. Whoever chooses a ciphertext freely can attack the key: with e1 = 2^90 instead of a small error the sum still
// decodes correctly, and its noise contains 2^90·s, which no flooding covers (partial-decryption.attack.test.ts does it). What comes
// back to the combiner then is the secret key of everybody. Therefore: accept ciphertexts from certified members only, signed; look
// at the noise of every result (combine refuses and reports what is too large, after the fact); keep key epochs short; delete
// ciphertexts once they are added. Where clients cannot be certified, use the one-time scheme (`@sumus/lattice/one-time`), in which
// nobody chooses a c1. The label of this room is "semi-honest participants".

import { sameBytes, toHex } from '../bytes.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { requireSameRing, restrict } from '../keys/restrict.ts';
import { RandomStream, sampleSmudgingBlock } from '../random/index.ts';
import { withFreshSeed } from '../random/seed.ts';
import {
  allocateBlock,
  forwardBlock,
  loadBlock,
  multiplyAddBlock,
  multiplyScalarBlock,
  readBlock,
} from '../ring/blocks.ts';
import type { Scalar } from '../ring/modulus.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { firstPrimes } from '../ring/ring.ts';
import { answerContext, ciphertextName, requireCiphertext, type SharedCiphertext } from './ciphertext.ts';
import type { DecryptionToken, TokenPurpose } from './decryption-ledger.ts';
import type { KeyEpoch } from './epoch.ts';
import type { KeyShare } from './key-share.ts';
import { onePerMember, requireReduced } from './messages.ts';
import { addMasks } from './pair-masks.ts';
import { type ActiveSet, requireActiveSet } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';
import { sumOf } from './sum-of-polynomials.ts';

/** One member's answer. For the combiner; of no use without the other t − 1. */
export interface PartialDecryption {
  readonly kind: 'partial decryption';
  readonly run: Uint8Array;
  readonly from: number;
  /** Names ciphertext and active set together (answerContext). */
  readonly context: Uint8Array;
  readonly answer: EvaluationPolynomial;
}

/** Answers, once: the token is consumed. Its record must be in durable storage by now. */
export function partialDecrypt(share: KeyShare, token: DecryptionToken): PartialDecryption {
  const { ring } = token.ciphertext.c1;
  return answerWith(share, token, 'opening', lagrangeScalars(token.activeSet.members, share.member, ring));
}

/** weight·share·c1, flooded and masked, as a message. */
export function answerWith(
  share: KeyShare,
  token: DecryptionToken,
  purpose: TokenPurpose,
  weight: readonly Scalar[],
): PartialDecryption {
  const { epoch, context } = useToken(share, token, purpose);
  const { c1 } = token.ciphertext;
  const { ring } = c1;
  const answer = ring.engine.memory.secretScope(() => {
    const block = floodedProduct(epoch, share.reveal(), weight, c1);
    addMasks(share, token.activeSet.members, context, ring, block);
    return evaluationPolynomial(ring, readBlock(ring, block));
  });
  return Object.freeze({ kind: 'partial decryption', run: epoch.run, from: share.member, context, answer });
}

/** Checks that token and share belong together, consumes the token, names what is answered. */
export function useToken(
  share: KeyShare,
  token: DecryptionToken,
  purpose: TokenPurpose,
): { readonly epoch: KeyEpoch; readonly context: Uint8Array } {
  const { epoch } = share;
  if (!sameBytes(token.epoch.run, epoch.run)) {
    throw new ParameterError('the token was issued for another epoch than the share');
  }
  requireSameRing(token.ciphertext.c1.ring, firstPrimes(epoch.dataRing, token.ciphertext.c1.ring.moduli.length));
  if (token.member !== share.member) {
    throw new ParameterError(`the token was issued to member ${token.member}, the share is member ${share.member}'s`);
  }
  share.reveal();
  token.consume(purpose);
  const name = ciphertextName(epoch, token.ciphertext);
  return { epoch, context: answerContext(epoch, name, token.activeSet.members) };
}

/** weight·share·c1 + e, e fresh flooding, in scratch, evaluation form. Inside a secret scope. */
export function floodedProduct(
  epoch: KeyEpoch,
  share: EvaluationPolynomial,
  weight: readonly Scalar[],
  c1: EvaluationPolynomial,
): number {
  const { ring } = c1;
  const { primitives } = epoch.lattice;
  const block = allocateBlock(ring);
  withFreshSeed(primitives, (seed) => {
    const stream = new RandomStream(primitives, seed, 'smud', 0);
    try {
      sampleSmudgingBlock(ring, stream, epoch.parameters.flooding.stddevLog2, block);
    } finally {
      stream.wipe();
    }
  });
  forwardBlock(ring, block);
  const product = loadBlock(restrict(share, ring));
  multiplyScalarBlock(ring, product, product, weight);
  multiplyAddBlock(ring, block, product, loadBlock(c1));
  return block;
}

/**
 * c0 + Σ h_i: message and noise. Refuses anything but one well-formed answer of every member of the set to this very
 * ciphertext. The scheme's own function (openIntegers, openCkks) decodes it and looks at the noise.
 */
export function combineAnswers(
  epoch: KeyEpoch,
  ciphertext: SharedCiphertext,
  activeSet: ActiveSet,
  answers: readonly PartialDecryption[],
): EvaluationPolynomial {
  requireActiveSet(epoch, activeSet);
  return sumOfAnswers(epoch, ciphertext, activeSet.members, answers);
}

/** c0 + Σ h_i over any members, checked as combineAnswers does. */
export function sumOfAnswers(
  epoch: KeyEpoch,
  ciphertext: SharedCiphertext,
  members: readonly number[],
  answers: readonly PartialDecryption[],
): EvaluationPolynomial {
  requireCiphertext(epoch, ciphertext);
  const context = answerContext(epoch, ciphertextName(epoch, ciphertext), members);
  const complete = onePerMember('answer', epoch.run, members, answers);
  for (const { from, context: named, answer } of complete) {
    requireContext(from, named, context);
    requireReduced('answer', from, answer, ciphertext.c0.ring);
  }
  return sumOf([ciphertext.c0, ...complete.map(({ answer }) => answer)]);
}

export function requireContext(from: number, named: Uint8Array, context: Uint8Array): void {
  if (!sameBytes(named, context)) {
    throw new ProtocolViolation(
      `the answer of member ${from} is for another ciphertext or another set, ${toHex(named).slice(0, 16)}…`,
    );
  }
}
