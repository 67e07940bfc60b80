// Test material: a coordinator that asks whom it likes for what it likes, and what corrupt members of a set read.

import type { PartialDecryption } from '@sumus/lattice/shared-keys';
import { decodeMessage } from '../messages/index.ts';
import { decodeAnswerBody, decodeAnswers, openAnswers } from './answers.ts';
import { memberNumbered } from './circle.ts';
import { encodeRequest } from './contributions.ts';
import { stepMemberBy } from './member.ts';
import type { MemberRules } from './member-rules.ts';
import type { MemberState } from './member-state.ts';
import type { Round } from './round.ts';
import { contributionOf, type Founded, indexOf, sendsOf, valuesOfSilo } from './threshold-world.contract.ts';

/** One opening, carried by hand: contributions and set as the coordinator pleases. */
export async function opened(
  founded: Founded,
  rules: MemberRules,
  states: Map<number, MemberState>,
  {
    round,
    contributions,
    activeSet,
  }: { readonly round: Round; readonly contributions: readonly Uint8Array[]; readonly activeSet: readonly number[] },
): Promise<{ readonly answers: ReadonlyMap<number, Uint8Array>; readonly sum: Int32Array }> {
  const { trust, serving } = founded;
  const bytes = encodeRequest(activeSet, contributions);
  const take = async (number: number, event: Parameters<typeof stepMemberBy>[3]) => {
    const { state, outputs } = await stepMemberBy(
      rules,
      serving[indexOf(founded, number)]!,
      states.get(number)!,
      event,
    );
    states.set(number, state);
    return outputs;
  };
  const promises: Uint8Array[] = [];
  for (const number of activeSet) {
    promises.push(sendsOf(await take(number, { kind: 'request', round, bytes, trust }))[0]!.bytes);
  }
  const answers = new Map<number, Uint8Array>();
  for (const number of activeSet) {
    answers.set(number, sendsOf(await take(number, { kind: 'certificate', messages: promises, trust }))[0]!.bytes);
  }
  let sum: Int32Array | undefined;
  for (const number of activeSet) {
    for (const output of await take(number, { kind: 'answers', messages: [...answers.values()] })) {
      if (output.kind === 'done') sum = output.result.sum;
    }
  }
  return { answers, sum: sum! };
}

/** As if restored from what was stored after the founding. */
export const freshStates = ({ epoch, states }: Founded): Map<number, MemberState> =>
  new Map(epoch.circle.members.map(({ number }, i) => [number, { ...states[i]! }]));

/** What a corrupt member of the set reads of another's answer. */
export async function readBy(
  founded: Founded,
  reader: number,
  from: number,
  encoded: Uint8Array,
): Promise<PartialDecryption[]> {
  const { epoch, serving } = founded;
  const body = decodeAnswerBody(decodeMessage(encoded, 1 << 26).body);
  const setting = serving[indexOf(founded, reader)]!;
  return decodeAnswers(epoch.key, from, await openAnswers(setting, memberNumbered(epoch.circle, from), body));
}

export async function contributionsTo(founded: Founded, round: Round, silos: readonly number[]): Promise<Uint8Array[]> {
  const made: Uint8Array[] = [];
  for (const index of silos) made.push(await contributionOf(founded, index, round, valuesOfSilo(founded, index)));
  return made;
}
