// Threshold sums from the founding to the result, through all the machines.

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Step } from '../machine/outputs.ts';
import { codeOf, NOW_MS } from '../seeded-members.contract.ts';
import { decodeBundle } from './bundle.ts';
import { type CoordinatedSum, SUM_BEGINS, type SumCoordinatorState, stepSumCoordinator } from './coordinator-sum.ts';
import { stepMember } from './member.ts';
import type { MemberEvent, MemberState } from './member-state.ts';
import {
  contributionOf,
  type Founded,
  found,
  HOUR_MS,
  kindsOf,
  plainSum,
  roundAt,
  sendsOf,
  sumSetting,
  valuesOfSilo,
  worldOf,
} from './threshold-world.contract.ts';

/** One sum through coordinator and members; the members' states afterwards. */
export async function sumThrough(
  founded: Founded,
  states: readonly MemberState[],
  {
    round: number,
    contributors,
    activeSet,
  }: { readonly round: number; readonly contributors: readonly number[]; readonly activeSet: readonly number[] },
): Promise<{ readonly result: CoordinatedSum | undefined; readonly states: readonly MemberState[] }> {
  const { trust, serving, epoch } = founded;
  const round = roundAt(founded, number);
  const setting = sumSetting(founded, round);
  const current = [...states];
  let hub: SumCoordinatorState = SUM_BEGINS;
  let result: CoordinatedSum | undefined;
  let pending: Step<SumCoordinatorState, CoordinatedSum>['outputs'] = [];
  const advance = async (event: Parameters<typeof stepSumCoordinator>[2]): Promise<void> => {
    const next = await stepSumCoordinator(setting, hub, event);
    hub = next.state;
    pending = [...pending, ...next.outputs];
  };
  for (const index of contributors) {
    const bytes = await contributionOf(founded, index, round, valuesOfSilo(founded, index));
    await advance({ kind: 'contribution', bytes, trust });
  }
  await advance({ kind: 'close', activeSet });
  while (pending.length > 0) {
    const [output, ...rest] = pending;
    pending = rest;
    if (output?.kind === 'done') result = output.result;
    if (output?.kind !== 'send') continue;
    const { to, type, bytes } = output;
    if (to.kind !== 'member') throw new Error('nothing of a sum is for everybody');
    const index = epoch.circle.members.findIndex(({ memberId }) => memberId === to.memberId);
    const event: MemberEvent =
      type === 'threshold/request'
        ? { kind: 'request', round, bytes, trust }
        : type === 'threshold/certified-set'
          ? { kind: 'certificate', messages: decodeBundle(bytes, 1)[0]!, trust }
          : { kind: 'answers', messages: decodeBundle(bytes, 1)[0]! };
    const answer = await stepMember(serving[index]!, current[index]!, event);
    expect(kindsOf(answer.outputs)[0]).toBe('persist');
    current[index] = answer.state;
    for (const sent of sendsOf(answer.outputs)) {
      if (hub.phase !== 'opened') await advance({ kind: 'message', bytes: sent.bytes });
    }
  }
  return { result, states: current };
}

describe('a key epoch of five silos', () => {
  let founded: Founded;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives()));
  });

  it('is signed by all, and everybody holds the same public key', () => {
    expect(founded.certificate.signatures).toHaveLength(5);
    expect(founded.states.map(({ phase }) => phase)).toEqual(Array.from({ length: 5 }, () => 'serving'));
  });

  it('opens exact sums with any three, whoever is absent', async () => {
    let states = founded.states;
    const cases = [
      { contributors: [0, 1, 2, 3, 4], activeSet: [1, 2, 3] },
      { contributors: [0, 2, 4], activeSet: [2, 4, 5] },
      { contributors: [1, 2, 3, 4], activeSet: [1, 3, 5] },
    ];
    for (const [i, one] of cases.entries()) {
      const outcome = await sumThrough(founded, states, { round: i + 1, ...one });
      expect(outcome.result?.sum).toEqual(plainSum(one.contributors.map((index) => valuesOfSilo(founded, index))));
      expect(outcome.result?.contributors).toHaveLength(one.contributors.length);
      states = outcome.states;
    }
  });

  it('opens no more sums than it was made for', async () => {
    let states = founded.states;
    for (const round of [11, 12, 13, 14]) {
      ({ states } = await sumThrough(founded, states, { round, contributors: [0, 1, 2], activeSet: [1, 2, 3] }));
    }
    const more = sumThrough(founded, states, { round: 15, contributors: [0, 1, 2], activeSet: [1, 2, 3] });
    expect(await codeOf(() => more)).toBe('E_EPOCH');
  });

  it('ends when it was said to', async () => {
    const late = { ...founded, trust: { ...founded.trust, nowMs: NOW_MS + HOUR_MS + 1 } };
    const more = sumThrough(late, founded.states, { round: 21, contributors: [0, 1, 2], activeSet: [1, 2, 3] });
    expect(await codeOf(() => more)).toBe('E_EPOCH');
    const [member] = founded.serving;
    const { state } = await stepMember(member!, founded.states[0]!, { kind: 'end', nowMs: NOW_MS + HOUR_MS + 1 });
    expect(state.phase).toBe('ended');
  });
});
