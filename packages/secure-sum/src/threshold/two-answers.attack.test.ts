// Attack 37: a second answer of one member for one ciphertext, in another set. With answers as in the textbook it gives the member's share
// of the key; the same code against ours gives nothing, and ours does not answer.

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../seeded-members.contract.ts';
import { encodeRequest } from './contributions.ts';
import { shareTimesCiphertext, WITHOUT_LEDGER, withoutLedgerAndMasks } from './insecure-members.contract.ts';
import { contributionsTo, freshStates, opened, readBy } from './malicious-coordinator.contract.ts';
import { stepMemberBy } from './member.ts';
import { MEMBER_RULES } from './member-rules.ts';
import { readRequest } from './opening.ts';
import type { Round } from './round.ts';
import { decodeMember, encodeMemberInTheClear } from './stored-member.ts';
import { type Founded, found, indexOf, roundAt, sendsOf, worldOf } from './threshold-world.contract.ts';

// Large numbers make the fractions of Lagrange's coefficients long at once; with 1, 2, 3, … it takes a few dozen members.
const numbers = [1, 65521, 65519, 65497, 65479, 65449, 65447, 65437, 65423];

describe('attack 37: two answers of one member for one ciphertext', () => {
  let founded: Founded;
  let round: Round;
  let contributions: readonly Uint8Array[];
  const victim = numbers[0]!;
  const sets = [
    [1, 65449, 65479, 65497, 65519, 65521],
    [1, 65423, 65437, 65447, 65449, 65479],
  ] as const;

  beforeAll(async () => {
    const literal = { members: [...numbers].sort((a, b) => a - b), threshold: 6, corruptMembers: 1, primeCount: 7 };
    founded = await found(await worldOf(nodePrimitives(), literal));
    round = roundAt(founded, 1);
    contributions = await contributionsTo(founded, round, [0, 1, 2]);
  });

  it('gives its key share to one corrupt member of each set, in a build without ledger and masks', async () => {
    const rules = withoutLedgerAndMasks((length) => founded.primitives.randomBytes(length));
    const states = freshStates(founded);
    const first = await opened(founded, rules, states, { round, contributions, activeSet: sets[0] });
    const second = await opened(founded, rules, states, { round, contributions, activeSet: sets[1] });
    const [h] = await readBy(founded, sets[0][1], victim, first.answers.get(victim)!);
    const [other] = await readBy(founded, sets[1][1], victim, second.answers.get(victim)!);
    const read = shareTimesCiphertext(victim, sets, [h!.answer, other!.answer]);
    expect(read.residues).toEqual((await shareTimesC1(founded, round, contributions, victim)).residues);
  });

  it('gives nothing where the masks are there, even without the ledger', async () => {
    const states = freshStates(founded);
    const first = await opened(founded, WITHOUT_LEDGER, states, { round, contributions, activeSet: sets[0] });
    const second = await opened(founded, WITHOUT_LEDGER, states, { round, contributions, activeSet: sets[1] });
    const [h] = await readBy(founded, sets[0][1], victim, first.answers.get(victim)!);
    const [other] = await readBy(founded, sets[1][1], victim, second.answers.get(victim)!);
    const read = shareTimesCiphertext(victim, sets, [h!.answer, other!.answer]);
    expect(read.residues).not.toEqual((await shareTimesC1(founded, round, contributions, victim)).residues);
  });

  it('is refused by ours, also after a restart, also before the first answer left', async () => {
    const states = freshStates(founded);
    const again = { round, contributions, activeSet: sets[1] };
    const index = indexOf(founded, victim);
    const setting = founded.serving[index]!;
    const request = { kind: 'request' as const, round, trust: founded.trust };
    const promised = await stepMemberBy(MEMBER_RULES, setting, states.get(victim)!, {
      ...request,
      bytes: encodeRequest(sets[0], contributions),
    });
    const other = { ...request, bytes: encodeRequest(sets[1], contributions) };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, setting, promised.state, other))).toBe('E_SPENT');
    states.set(victim, promised.state);
    await opened(founded, MEMBER_RULES, states, { round, contributions, activeSet: sets[0] });
    expect(await codeOf(() => opened(founded, MEMBER_RULES, states, again))).toBe('E_SPENT');
    const restored = decodeMember(setting, encodeMemberInTheClear(setting, states.get(victim)!));
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, setting, restored, other))).toBe('E_SPENT');
    // A repeat of the very same certificate gets the very same bytes: no second sample of the noise.
    const stored = decodeMember(setting, encodeMemberInTheClear(setting, promised.state));
    expect(stored.phase).toBe('serving');
  });

  it('is not had by repeating the certificate: the same answer comes back, to the byte', async () => {
    const fresh = freshStates(founded);
    const { trust, serving } = founded;
    const bytes = encodeRequest(sets[0], contributions);
    const promises: Uint8Array[] = [];
    for (const number of sets[0]) {
      const { state, outputs } = await stepMemberBy(
        MEMBER_RULES,
        serving[indexOf(founded, number)]!,
        fresh.get(number)!,
        { kind: 'request', round, bytes, trust },
      );
      fresh.set(number, state);
      promises.push(sendsOf(outputs)[0]!.bytes);
    }
    const setting = serving[indexOf(founded, victim)]!;
    const event = { kind: 'certificate' as const, messages: promises, trust };
    const once = await stepMemberBy(MEMBER_RULES, setting, fresh.get(victim)!, event);
    const twice = await stepMemberBy(MEMBER_RULES, setting, once.state, event);
    expect(sendsOf(twice.outputs)[0]!.bytes).toEqual(sendsOf(once.outputs)[0]!.bytes);
    const restored = decodeMember(setting, encodeMemberInTheClear(setting, once.state));
    const asked = await stepMemberBy(MEMBER_RULES, setting, restored, { kind: 'request', round, bytes, trust });
    const thrice = await stepMemberBy(MEMBER_RULES, setting, asked.state, event);
    expect(sendsOf(thrice.outputs)[0]!.bytes).toEqual(sendsOf(once.outputs)[0]!.bytes);
  });

  it('needs t signatures on one set before the first: t − 1, or one on another set, are refused', async () => {
    const states = freshStates(founded);
    const { trust, serving } = founded;
    const ask = async (number: number, activeSet: readonly number[]): Promise<Uint8Array> => {
      const event = { kind: 'request' as const, round, bytes: encodeRequest(activeSet, contributions), trust };
      const { state, outputs } = await stepMemberBy(
        MEMBER_RULES,
        serving[indexOf(founded, number)]!,
        states.get(number)!,
        event,
      );
      states.set(number, state);
      return sendsOf(outputs)[0]!.bytes;
    };
    const promises: Uint8Array[] = [];
    for (const number of sets[0].slice(0, 5)) promises.push(await ask(number, sets[0]));
    const elsewhere = await ask(65521, [1, 65423, 65437, 65447, 65449, 65521]);
    const setting = serving[indexOf(founded, victim)]!;
    const certificate = (messages: readonly Uint8Array[]): Promise<unknown> =>
      codeOf(() => stepMemberBy(MEMBER_RULES, setting, states.get(victim)!, { kind: 'certificate', messages, trust }));
    expect(await certificate(promises)).toBe('E_QUORUM');
    expect(await certificate([...promises, elsewhere])).toBe('E_EQUIV');
    expect(await certificate([...promises, promises[0]!])).toBe('E_DUPLICATE');
  });
});

async function shareTimesC1(
  founded: Founded,
  round: Round,
  contributions: readonly Uint8Array[],
  member: number,
): Promise<{ readonly residues: Uint32Array }> {
  const { multiply } = await import('@sumus/lattice/ring');
  const { epoch, trust, primitives } = founded;
  const set = epoch.key.roster.members.slice(0, epoch.key.roster.threshold);
  const request = encodeRequest(set, contributions);
  const { sum } = await readRequest(primitives, { epoch, trust, context: round.context }, request);
  const { c1 } = sum.ciphertexts[0]!;
  if ('seed' in c1) throw new Error('a seeded ciphertext');
  return multiply(founded.foundings[indexOf(founded, member)]!.share.reveal(), c1);
}
