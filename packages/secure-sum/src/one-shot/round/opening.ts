// The opening: from the committee's answers to the sum, checked in three ways, or nothing. The coordinator does it where sums are
// for everyone; each contributor does it for itself where they are for participants.
//
//   1. Answers lie on one polynomial of degree q_c − 1. Of r answers up to r − q_c wrong ones are detected, ⌊(r − q_c)/2⌋ located and
//      left out (the specification's point 32: at m = 32 five, not the ten that are tolerated; beyond that nobody can be named).
//   2. Every coefficient of the sum of keys is one that so many honest keys can have.
//   3. The residual noise of every coefficient of every chunk is within what so many honest contributions make: a_j·(s′ − s) spreads
//      over R_q, so whatever passed the first two and is wrong shows here.

import {
  type KeyShare,
  type KeySum,
  type Lattice,
  locateWrongAnswers,
  NoiseAboveBound,
  type OneTimeCiphertext,
  ProtocolViolation as OneTimeViolation,
  openSum,
  reconstructKeySum,
} from '@sumus/lattice/one-time/sums';
import type { MemberId } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import { requireQuorum } from './certificate-of-set.ts';
import type { OneShotRound } from './round.ts';

export interface OpenedSum {
  /** Exact: the sum of the contributors' integers. */
  readonly sum: Int32Array<ArrayBuffer>;
  /** Public from here on; with the ciphertexts anybody recomputes the sum from it. */
  readonly keySum: KeySum;
  /**
   * Members whose answers do not fit, and were located. No blame: a contributor that commits to one share off its polynomial makes an honest
   * member's answer one that does not fit, and nobody sees shares but that member.
   */
  readonly flagged: readonly MemberId[];
}

/** E_QUORUM: more answers may help; E_SHARE: some are wrong and more may help; E_NOISE: the sum does not decode. */
export function openCertified(
  lattice: Lattice,
  round: OneShotRound,
  total: OneTimeCiphertext,
  answers: readonly KeyShare[],
): OpenedSum {
  const { oneTime } = round.parameters;
  const { quorum, members } = oneTime.committee;
  requireQuorum(answers.length, quorum, members);
  const { honest, wrong } = separate(lattice, round, answers);
  const keySum = reconstruct(lattice, round, honest);
  const sum = decode(lattice, round, total, keySum);
  return Object.freeze({
    sum,
    keySum,
    flagged: wrong.map(({ member }) => round.committee[member - 1]!.memberId),
  });
}

/** Exactly a quorum of answers always lies on some polynomial: there is nothing to locate yet. */
function separate(lattice: Lattice, { parameters }: OneShotRound, answers: readonly KeyShare[]) {
  const wrongMembers = locateWrongAnswers(lattice, parameters.oneTime, answers);
  if (wrongMembers === undefined) {
    const { quorum } = parameters.oneTime.committee;
    throw new ProtocolViolation(
      'E_SHARE',
      `more than ${Math.floor((answers.length - quorum) / 2)} of ${answers.length} answers are wrong: detected, not located`,
    );
  }
  return {
    honest: answers.filter(({ member }) => !wrongMembers.includes(member)),
    wrong: answers.filter(({ member }) => wrongMembers.includes(member)),
  };
}

function reconstruct(lattice: Lattice, { parameters }: OneShotRound, answers: readonly KeyShare[]): KeySum {
  try {
    return reconstructKeySum(lattice, parameters.oneTime, answers);
  } catch (cause) {
    if (!(cause instanceof OneTimeViolation)) throw cause;
    throw new ProtocolViolation('E_SHARE', cause.message, { cause });
  }
}

/** Also for anybody who recomputes a published result. */
export function decode(
  lattice: Lattice,
  { polynomialSeed }: OneShotRound,
  total: OneTimeCiphertext,
  keySum: KeySum,
): Int32Array<ArrayBuffer> {
  try {
    return new Int32Array(openSum(lattice, { total, context: polynomialSeed, keySum }));
  } catch (cause) {
    if (cause instanceof NoiseAboveBound || cause instanceof OneTimeViolation) {
      throw new ProtocolViolation('E_NOISE', `the sum of ${total.contributions} contributions does not decode`, {
        cause,
      });
    }
    throw cause;
  }
}
