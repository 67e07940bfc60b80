// Attacks 38 and 41 on threshold sums, and what else a coordinator may ask members to open: overlapping sums, wrong sets, a second sum before
// the first was seen, a result that few signed. Where a rule is what stands in the way, the attack succeeds against a build without it.

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Output } from '../machine/outputs.ts';
import { encodeMessage, signMessage } from '../messages/index.ts';
import { codeOf } from '../seeded-members.contract.ts';
import { encodeRequest } from './contributions.ts';
import { startSumCoordinator, stepSumCoordinator } from './coordinator-sum.ts';
import { WITHOUT_LEDGER } from './insecure-members.contract.ts';
import { RESULT } from './kinds.ts';
import { contributionsTo, freshStates, opened } from './malicious-coordinator.contract.ts';
import { stepMemberBy } from './member.ts';
import { MEMBER_RULES } from './member-rules.ts';
import type { MemberState } from './member-state.ts';
import { encodeResultBody } from './results.ts';
import type { Round } from './round.ts';
import { resultHash } from './statements.ts';
import { sumThrough } from './sum-through.contract.ts';
import {
  type Founded,
  found,
  plainSum,
  roundAt,
  sendsOf,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

describe('what members open', () => {
  let founded: Founded;
  let round: Round;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives(), { lanes: 1, primeCount: 7 }));
    round = roundAt(founded, 1);
  });

  it('attack 38: sums that overlap give away a single silo, in a build without the ledger; ours refuses the second', async () => {
    const contributions = await contributionsTo(founded, round, [0, 1, 2, 3]);
    const [three, four] = [
      { round, contributions: contributions.slice(0, 3), activeSet: [1, 2, 3, 4] },
      { round, contributions, activeSet: [1, 2, 3, 4] },
    ];
    const insecure = freshStates(founded);
    const few = (await opened(founded, WITHOUT_LEDGER, insecure, three)).sum;
    const many = (await opened(founded, WITHOUT_LEDGER, insecure, four)).sum;
    expect(many.map((x, i) => x - few[i]!)).toEqual(valuesOfSilo(founded, 3));
    const ours = freshStates(founded);
    await opened(founded, MEMBER_RULES, ours, three);
    expect(await codeOf(() => opened(founded, MEMBER_RULES, ours, four))).toBe('E_SPENT');
    // Nor in another round: a contribution is signed for its own.
    expect(await codeOf(() => opened(founded, MEMBER_RULES, ours, { ...four, round: roundAt(founded, 2) }))).toBe(
      'E_CTX',
    );
  });

  it.each<[string, readonly number[]]>([
    ['fewer than t', [1, 2, 3]],
    ['more than t', [1, 2, 3, 4, 5]],
    ['one twice', [1, 2, 3, 3]],
    ['the point of the secret', [0, 1, 2, 3]],
    ['a stranger', [1, 2, 3, 9]],
    ['not in order', [1, 3, 2, 4]],
    ['nobody', []],
  ])('attack 41: an active set with %s is refused', async (_, activeSet) => {
    const contributions = await contributionsTo(founded, round, [0, 1, 2]);
    const event = {
      kind: 'request' as const,
      round,
      bytes: encodeRequest(activeSet, contributions),
      trust: founded.trust,
    };
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, founded.serving[0]!, founded.states[0]!, event))).toBe(
      'E_COMMITTEE',
    );
  });

  it('attack 41: an answer to another opening, with the coefficient of its set, is refused', async () => {
    const [first, second] = [
      await contributionsTo(founded, round, [0, 1, 2]),
      await contributionsTo(founded, roundAt(founded, 2), [0, 1, 2]),
    ];
    const states = freshStates(founded);
    const one = await opened(founded, MEMBER_RULES, states, { round, contributions: first, activeSet: [1, 2, 3, 4] });
    const later = { round: roundAt(founded, 2), contributions: second, activeSet: [1, 2, 3, 5] };
    const two = await opened(founded, MEMBER_RULES, states, later);
    const mixed = [one.answers.get(1)!, one.answers.get(2)!, one.answers.get(4)!, two.answers.get(1)!];
    const again = freshStates(founded);
    const bytes = encodeRequest([1, 2, 3, 4], first);
    const asked = await stepMemberBy(MEMBER_RULES, founded.serving[2]!, again.get(3)!, {
      kind: 'request',
      round,
      bytes,
      trust: founded.trust,
    });
    expect(
      await codeOf(() =>
        stepMemberBy(MEMBER_RULES, founded.serving[2]!, asked.state, { kind: 'answers', messages: mixed }),
      ),
    ).toMatch(/^E_(CTX|PHASE|DUPLICATE)$/);
  });

  it('a set that stalls costs its ciphertexts; a member promises nothing else before it has seen the result or its operator gave it up', async () => {
    const stalled = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [1, 2, 3, 4],
      deaf: (type, number) => type === 'threshold/certified-set' && number === 3,
    });
    expect(stalled.result).toBeUndefined();
    const next = { round: 2, contributors: [0, 1, 2], activeSet: [1, 2, 3, 5] };
    expect(await codeOf(() => sumThrough(founded, stalled.states, next))).toBe('E_PHASE');
    const states: MemberState[] = [];
    for (const [i, state] of stalled.states.entries()) {
      if (state.phase !== 'serving' || state.awaited === undefined) states.push(state);
      else {
        const statement = Uint8Array.from(Buffer.from(state.awaited, 'hex'));
        states.push(
          (await stepMemberBy(MEMBER_RULES, founded.serving[i]!, state, { kind: 'write off', statement })).state,
        );
      }
    }
    const { result } = await sumThrough(founded, states, next);
    expect(result?.sum).toEqual(plainSum([0, 1, 2].map((index) => valuesOfSilo(founded, index))));
  });

  it('a member answers for one statement at a time, whatever it has promised before', async () => {
    const states = freshStates(founded);
    const { trust, serving } = founded;
    const certificates: Uint8Array[][] = [];
    for (const number of [1, 2]) {
      const in_ = roundAt(founded, number);
      const bytes = encodeRequest([1, 2, 3, 4], await contributionsTo(founded, in_, [0, 1, 2]));
      const promises: Uint8Array[] = [];
      for (const member of [1, 2, 3, 4]) {
        const event = { kind: 'request' as const, round: in_, bytes, trust };
        const next = await stepMemberBy(MEMBER_RULES, serving[member - 1]!, states.get(member)!, event);
        states.set(member, next.state);
        promises.push(sendsOf(next.outputs)[0]!.bytes);
      }
      certificates.push(promises);
    }
    const [first, second] = certificates.map((messages) => ({ kind: 'certificate' as const, messages, trust }));
    const answered = await stepMemberBy(MEMBER_RULES, serving[0]!, states.get(1)!, first!);
    expect(await codeOf(() => stepMemberBy(MEMBER_RULES, serving[0]!, answered.state, second!))).toBe('E_PHASE');
  });

  it('a coordinator takes no sum that only the corrupt signed, and shows two that differ', async () => {
    const { result, hub, seen } = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [1, 2, 3, 4],
    });
    expect(hub.phase).toBe('opened');
    expect(result?.contributors).toEqual(['silo-01', 'silo-02', 'silo-03']);
    // The same round again, up to the results: one member signs another sum, so that neither sum has more signatures than there may be corrupt members.
    const { primitives, silos } = founded;
    const setting = sumSetting(founded, round);
    let state = startSumCoordinator();
    const lie = result!.sum.slice();
    lie[0] = lie[0]! + 1;
    const { statement } = result!;
    const { memberId, signer } = silos[0]!;
    const body = encodeResultBody({ statement, hash: resultHash(primitives, statement, lie), sum: lie });
    const lying = await signMessage(primitives, signer, round.context, { ...RESULT, sender: memberId, body });
    const ofResults = seen.filter(({ type }) => type === RESULT.type).map(({ bytes }) => bytes);
    expect(ofResults).toHaveLength(4);
    const asked = {
      statement,
      contributors: result!.contributors,
      activeSet: [1, 2, 3, 4],
      request: new Uint8Array(0),
    };
    state = { phase: 'opening', asked, received: new Map(), messages: new Map(), results: new Map() };
    const outputs: Output<unknown>[] = [];
    for (const bytes of [encodeMessage(lying), ofResults[1]!, ofResults[2]!]) {
      const next = await stepSumCoordinator(setting, state, { kind: 'message', bytes });
      ({ state } = next);
      outputs.push(...next.outputs);
    }
    // c = 2: two honest signatures are not enough where three could be needed; the difference is shown.
    expect(state.phase).toBe('opening');
    expect(outputs.filter(({ kind }) => kind === 'evidence').length).toBeGreaterThan(0);
    const stalled = await stepSumCoordinator(setting, state, { kind: 'timeout' });
    expect(stalled.state.phase).toBe('given up');
  });
});
