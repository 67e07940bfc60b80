// A member's answer for a set it signed and a quorum certified. Deterministic, boxes included: asked again it has the same bytes.

import { type Output, send, TO_COORDINATOR } from '../../machine/outputs.ts';
import { encodeMessage, signMessage } from '../../messages/index.ts';
import { type AnswerBody, type BoxedAnswer, encodeAnswer } from '../round/answers.ts';
import { splitOpeningKey } from '../round/contribution.ts';
import { OPEN_SHARE } from '../round/kinds.ts';
import { openedPurpose } from '../round/purposes.ts';
import { committeeName } from '../round/round.ts';
import { sealTo } from '../suite-boxes.ts';
import type { SignedFlush } from './member-state.ts';
import type { Member } from './tools.ts';

export async function answerMessage(member: Member, signed: SignedFlush): Promise<Output<never>> {
  const { primitives, signer, round, memberId } = member;
  const body = encodeAnswer(await answerBody(member, signed));
  const message = await signMessage(primitives, signer, round.context, { ...OPEN_SHARE, sender: memberId, body });
  return send(TO_COORDINATOR, OPEN_SHARE.type, encodeMessage(message));
}

async function answerBody(member: Member, signed: SignedFlush): Promise<AnswerBody> {
  const { openedTo } = member.round.parameters;
  const { set, answer } = signed;
  switch (openedTo) {
    case 'everyone':
      // Public from here on: a sum of keys of at least n_min contributors.
      return { kind: 'share', set, share: answer.exposeInTheClear() };
    case 'participants':
      return { kind: 'boxes', set, boxes: await boxesFor(member, signed) };
    default:
      return openedTo satisfies never;
  }
}

async function boxesFor(member: Member, { set, readers, answer }: SignedFlush): Promise<BoxedAnswer[]> {
  const { round, memberId, boxKey } = member;
  const own = { memberId: committeeName(round.numberOf.get(memberId)!), key: boxKey };
  const purpose = openedPurpose(set.setHash);
  const share = answer.exposeInTheClear();
  const boxes: BoxedAnswer[] = [];
  for (const { memberId: reader, openingKey } of readers) {
    const peer = { memberId: reader, ...splitOpeningKey(openingKey) };
    boxes.push({ reader, box: await sealTo(member, round.context, { own, peer }, purpose, share) });
  }
  share.fill(0);
  return boxes;
}
