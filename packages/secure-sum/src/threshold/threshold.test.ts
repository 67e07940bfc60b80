// Threshold sums from the founding to the result, through all the machines; stored and restored at every step.

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { HYBRID_SUITE } from '../context/index.ts';
import { codeOf, NOW_MS } from '../seeded-members.contract.ts';
import { sendAgain } from './founding.ts';
import { stepMember } from './member.ts';
import type { MemberState, ServingSetting } from './member-state.ts';
import { decodeFounding, decodeMember, encodeFoundingInTheClear, encodeMemberInTheClear } from './stored-member.ts';
import { decodeSum, encodeSum } from './stored-sum.ts';
import { sumThrough } from './sum-through.contract.ts';
import { type Founded, found, HOUR_MS, plainSum, valuesOfSilo, worldOf } from './threshold-world.contract.ts';

describe('a key epoch of five silos', () => {
  let founded: Founded;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives()));
  });

  it('is signed by all, and everybody holds the same public key', () => {
    expect(founded.certificate.signatures).toHaveLength(5);
    expect(founded.states.map(({ phase }) => phase)).toEqual(Array.from({ length: 5 }, () => 'serving'));
  });

  it('opens exact sums with any four, whoever is absent', async () => {
    let states = founded.states;
    const cases = [
      { contributors: [0, 1, 2, 3, 4], activeSet: [1, 2, 3, 4] },
      { contributors: [0, 2, 4], activeSet: [1, 2, 4, 5] },
      { contributors: [1, 2, 3, 4], activeSet: [1, 2, 3, 5] },
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
      ({ states } = await sumThrough(founded, states, { round, contributors: [0, 1, 2], activeSet: [1, 2, 3, 4] }));
    }
    const more = sumThrough(founded, states, { round: 15, contributors: [0, 1, 2], activeSet: [1, 2, 3, 4] });
    expect(await codeOf(() => more)).toBe('E_EPOCH');
  });

  it('ends when it was said to', async () => {
    const late = { ...founded, trust: { ...founded.trust, nowMs: NOW_MS + HOUR_MS + 1 } };
    const more = sumThrough(late, founded.states, { round: 21, contributors: [0, 1, 2], activeSet: [1, 2, 3, 4] });
    expect(await codeOf(() => more)).toBe('E_EPOCH');
    const [member] = founded.serving;
    const { state } = await stepMember(member!, founded.states[0]!, { kind: 'end', nowMs: NOW_MS + HOUR_MS + 1 });
    expect(state.phase).toBe('ended');
  });
});

it('under the hybrid suite everything is the same, but boxes also need ML-KEM', async () => {
  const founded = await found(await worldOf(nodePrimitives(), {}, { suite: HYBRID_SUITE }));
  const stored = (state: MemberState, member: ServingSetting): MemberState =>
    decodeMember(member, encodeMemberInTheClear(member, state));
  const run = { round: 1, contributors: [0, 1, 4], activeSet: [1, 2, 3, 5], stored };
  const { result } = await sumThrough(founded, founded.states, run);
  expect(result?.sum).toEqual(plainSum([0, 1, 4].map((index) => valuesOfSilo(founded, index))));
  const plain = await found(await worldOf(nodePrimitives()));
  expect(founded.epoch.hash).not.toEqual(plain.epoch.hash);
});

describe('a crash', () => {
  it('at any step of a founding leaves a member that goes on with the same bytes', async () => {
    const world = await worldOf(nodePrimitives());
    const phases = new Set<string>();
    const founded = await found(world, (state, member) => {
      phases.add(state.phase);
      return decodeFounding(member, encodeFoundingInTheClear(member, state));
    });
    expect([...phases]).toEqual(['committed', 'revealed', 'dealt', 'tested', 'founded']);
    // From one seed the same epoch as without crashes.
    const straight = await found(await worldOf(nodePrimitives()));
    expect(founded.epoch.hash).toEqual(straight.epoch.hash);
    const { result } = await sumThrough(founded, founded.states, {
      round: 1,
      contributors: [0, 1, 2],
      activeSet: [2, 3, 4, 5],
    });
    expect(result?.sum).toEqual(plainSum([0, 1, 2].map((index) => valuesOfSilo(founded, index))));
  });

  it('after the dealings were sent sends the same boxes again', async () => {
    const world = await worldOf(nodePrimitives());
    const [first] = world.members;
    let checked = 0;
    await found(world, (state, member) => {
      if (state.phase === 'revealed' && member.memberId === first!.memberId) {
        const restored = decodeFounding(member, encodeFoundingInTheClear(member, state));
        void Promise.all([sendAgain(member, state), sendAgain(member, restored)]).then(([before, after]) => {
          expect(after).toEqual(before);
          checked++;
        });
      }
      return state;
    });
    await expect.poll(() => checked).toBe(1);
  });

  it('at any step of a sum, of members and coordinator, changes nothing', async () => {
    const founded = await found(await worldOf(nodePrimitives()));
    const stored = (state: MemberState, member: ServingSetting): MemberState =>
      decodeMember(member, encodeMemberInTheClear(member, state));
    let { states } = founded;
    for (const round of [1, 2]) {
      const outcome = await sumThrough(founded, states, {
        round,
        contributors: [0, 2, 3],
        activeSet: [1, 3, 4, 5],
        stored,
        storedSum: (state, setting) => decodeSum(setting, founded.trust, encodeSum(state)),
      });
      expect(outcome.result?.sum).toEqual(plainSum([0, 2, 3].map((index) => valuesOfSilo(founded, index))));
      ({ states } = outcome);
    }
  });
});
