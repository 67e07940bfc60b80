// A contributor opens the sum for itself, where sums are opened to participants: it checks that a quorum certified the set, opens the
// committee's boxes, and reconstructs. The coordinator carried ciphertexts only. What it could still do is add public numbers to the
// encrypted total, which shifts the sum and shows nothing: a contributor that wants more recomputes the total from the ciphertexts.

import type { OneTimeCiphertext } from '@sumus/lattice/one-time';
import { decodeOneTimeCiphertext, decodeOneTimeKeyShare } from '@sumus/lattice/wire';
import { openBox, openChannel } from '../../boxes/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import { agreementOf } from '../../secret-primitives.ts';
import { decodeBoxedAnswers } from '../round/answers.ts';
import { type CertifiedSet, verifySetCertificate } from '../round/certificate-of-set.ts';
import { type OpenedSum, openCertified } from '../round/opening.ts';
import { openedPurpose } from '../round/purposes.ts';
import { committeeName } from '../round/round.ts';
import type { OpeningKey } from './contributor-state.ts';
import type { Contributor } from './tools.ts';

/** As it came from the coordinator. */
export interface BoxedOpening {
  /** encodeBoxedAnswers */
  readonly answers: Uint8Array;
  /** encodeOneTimeCiphertext of the sum of the set's vectors. */
  readonly total: Uint8Array;
}

export async function openBoxed(
  contributor: Contributor,
  { openingKey }: { readonly openingKey: OpeningKey | undefined },
  { answers: encoded, total }: BoxedOpening,
): Promise<OpenedSum> {
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
  const answers = [];
  for (const { number, box } of boxes) {
    const share = await openAnswer(contributor, openingKey, set, number, box);
    answers.push(decodeOneTimeKeyShare(lattice, oneTime, share));
    share.fill(0);
  }
  answers.forEach(({ member, contributions }, i) => {
    if (member !== boxes[i]!.number || contributions !== set.contributions) {
      throw new ProtocolViolation('E_SHARE', `the answer of member ${boxes[i]!.number} is for another set or member`);
    }
  });
  return openCertified(lattice, round, ciphertext, answers);
}

function requireTotal({ length, contributions }: OneTimeCiphertext, set: CertifiedSet, vectorLength: number): void {
  if (length !== vectorLength || contributions !== set.contributions) {
    throw new ProtocolViolation('E_SHARE', `a total of ${contributions} vectors of ${length} values for another set`);
  }
}

async function openAnswer(
  { primitives, round, memberId }: Contributor,
  openingKey: OpeningKey,
  set: CertifiedSet,
  number: number,
  box: Uint8Array,
): Promise<Uint8Array> {
  const member = round.committee[number - 1];
  if (member === undefined) throw new ProtocolViolation('E_COMMITTEE', `there is no committee member ${number}`);
  const secretKey = openingKey.key.with((bytes) => primitives.secretKeys.fromBytes('x25519', bytes));
  try {
    const key = await agreementOf(primitives, secretKey);
    const peer = { memberId: committeeName(number), publicKey: member.boxKey };
    const channel = await openChannel(primitives, { context: round.context, own: { memberId, key }, peer });
    const share = openBox(primitives, channel, openedPurpose(set.setHash), box);
    channel.wipe();
    return share;
  } finally {
    secretKey.wipe();
  }
}
