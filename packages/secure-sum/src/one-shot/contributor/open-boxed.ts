// A contributor opens the sum for itself, where sums are opened to participants: it checks that a quorum certified the set, opens the
// committee's boxes, and reconstructs. The coordinator carried ciphertexts only. What it could still do is add public numbers to the
// encrypted total, which shifts the sum and shows nothing: a contributor that wants more recomputes the total from the ciphertexts.

import { type KeyShare, MalformedMessage as MalformedShare, type OneTimeCiphertext } from '@sumus/lattice/one-time';
import { decodeOneTimeCiphertext, decodeOneTimeKeyShare } from '@sumus/lattice/wire';
import type { MemberId } from '../../canonical/index.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../../errors.ts';
import { decodeBoxedAnswers } from '../round/answers.ts';
import { type CertifiedSet, verifySetCertificate } from '../round/certificate-of-set.ts';
import type { SetIdentity } from '../round/contributor-set.ts';
import { type OpenedSum, openCertified } from '../round/opening.ts';
import { openedPurpose } from '../round/purposes.ts';
import { committeeName } from '../round/round.ts';
import { openFrom } from '../suite-boxes.ts';
import type { OpeningKey } from './contributor-state.ts';
import { type HeldOpeningKey, holdOpeningKey } from './opening-key.ts';
import type { Contributor } from './tools.ts';

/** As it came from the coordinator. */
export interface BoxedOpening {
  /** encodeBoxedAnswers */
  readonly answers: Uint8Array;
  /** encodeOneTimeCiphertext of the sum of the set's vectors. */
  readonly total: Uint8Array;
}

/** What a contributor opened for itself. `set` says which flush: an earlier sum of an epoch opens again, whoever brings it. */
export interface OwnOpening extends OpenedSum {
  readonly set: SetIdentity;
}

export async function openBoxed(
  contributor: Contributor,
  { openingKey }: { readonly openingKey: OpeningKey | undefined },
  { answers: encoded, total }: BoxedOpening,
): Promise<OwnOpening> {
  const { lattice, primitives, round } = contributor;
  const { oneTime, minimumContributors, vectorLength } = round.parameters;
  if (openingKey === undefined) throw new ParameterError('sums of this round are opened to everyone');
  const { certificate, boxes } = decodeBoxedAnswers(round.parameters, encoded);
  const set = await verifySetCertificate(primitives, round, certificate);
  if (set.contributions < minimumContributors) {
    throw new ProtocolViolation('E_TOO_FEW', `a sum of ${set.contributions}; fewer than ${minimumContributors}`);
  }
  const ciphertext = decodeOneTimeCiphertext(lattice, oneTime, total);
  requireTotal(ciphertext, set, vectorLength);
  requireDistinct(boxes.map(({ number }) => number));
  const answers: KeyShare[] = [];
  const unusable: MemberId[] = [];
  const held = await holdOpeningKey(contributor, openingKey.key);
  try {
    for (const { number, box } of boxes) {
      const answer = await openAnswer(contributor, held, set, number, box);
      if (answer !== undefined) answers.push(answer);
      else unusable.push(round.committee[number - 1]!.memberId);
    }
  } finally {
    held.wipe();
  }
  const opened = openCertified(lattice, round, ciphertext, answers);
  const { flush, contributions, setHash } = set;
  return Object.freeze({
    ...opened,
    flagged: [...opened.flagged, ...unusable],
    set: Object.freeze({ flush, contributions, setHash }),
  });
}

function requireTotal({ length, contributions }: OneTimeCiphertext, set: CertifiedSet, vectorLength: number): void {
  if (length !== vectorLength || contributions !== set.contributions) {
    throw new ProtocolViolation('E_SHARE', `a total of ${contributions} vectors of ${length} values for another set`);
  }
}

function requireDistinct(numbers: readonly number[]): void {
  if (new Set(numbers).size !== numbers.length) {
    throw new ProtocolViolation('E_DUPLICATE', 'two answers of one member');
  }
}

/** A member's answer, or undefined where its box is none: a single member that lies to a single reader delays nobody. */
async function openAnswer(
  contributor: Contributor,
  { key, hybridKey }: HeldOpeningKey,
  set: CertifiedSet,
  number: number,
  box: Uint8Array,
): Promise<KeyShare | undefined> {
  const { lattice, round, memberId } = contributor;
  const { boxKey } = round.committee[number - 1]!;
  const ends = { own: { memberId, key, hybridKey }, peer: { memberId: committeeName(number), publicKey: boxKey } };
  let share: Uint8Array | undefined;
  try {
    share = await openFrom(contributor, round.context, ends, openedPurpose(set.setHash), box);
    const answer = decodeOneTimeKeyShare(lattice, round.parameters.oneTime, share);
    return answer.member === number && answer.contributions === set.contributions ? answer : undefined;
  } catch (error) {
    if (error instanceof MalformedMessage || error instanceof MalformedShare) return undefined;
    throw error;
  } finally {
    share?.fill(0);
  }
}
