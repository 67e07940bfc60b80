// One sum through both halves, under every protection: the same whole numbers as plain addition, whoever drops out, whoever crashes.

import { describe, expect, it } from 'vitest';
import type { Protection } from '../plan/plan.ts';
import type { SumPhase } from './sum.ts';
import {
  CLEAR,
  COMMITTEE,
  MASK,
  ONE_SHOT,
  type Played,
  type PlayOptions,
  plainSum,
  playSum,
  pointAt,
  type SumWorld,
  sumWorld,
} from './sum-world.contract.ts';

const everybody = [0, 1, 2, 3, 4];
const without = (...gone: readonly number[]): number[] => everybody.filter((index) => !gone.includes(index));

const worldOf = (protection: Protection): Promise<SumWorld> =>
  sumWorld({ protection, ...(protection.kind === 'one-shot' ? { committee: COMMITTEE } : {}) });

/** An answer that is not needed any more comes late; nothing else is refused in a sum of honest parties. */
const refusals = ({ refused }: Played) => refused.filter(({ code }) => code !== 'E_LATE');

function expectSum(world: SumWorld, played: Played, contributors: readonly number[]): void {
  const { result, results } = played;
  expect(result?.sum).toEqual(plainSum(world, contributors));
  const names = contributors.map((index) => world.parties[index]?.name);
  expect(result?.contributors.map(({ memberId }) => memberId)).toEqual(names);
  for (const [index, own] of results) {
    expect(own.sum).toEqual(result?.sum);
    expect(own.contributed).toBe(contributors.includes(index));
    expect(own.result).toEqual(result?.result);
    expect(own.contributors).toEqual(result?.contributors);
    const place = contributors.indexOf(index);
    if (place >= 0) expect(own.own).toEqual(result?.contributors[place]?.contribution);
  }
}

describe.each<readonly [string, Protection]>([
  ['none', CLEAR],
  ['mask', MASK],
  ['one-shot', ONE_SHOT],
])('a sum under %s', (_, protection) => {
  it('is the plain sum of everybody, for everybody, twice in a row', async () => {
    const world = await worldOf(protection);
    for (const round of [1, 2]) {
      const played = await playSum(world, pointAt(round));
      expect(refusals(played)).toEqual([]);
      expectSum(world, played, everybody);
      expect(played.results.size).toBe(5);
    }
  });

  it('is the plain sum of those who take part, and of those who have something to add', async () => {
    const world = await worldOf(protection);
    const played = await playSum(world, pointAt(1), { absent: protection.kind === 'one-shot' ? [4] : [1] });
    expectSum(world, played, protection.kind === 'one-shot' ? without(4) : without(1));
    // Who was away is back, and proves that the log goes on from what it saw.
    const next = await playSum(world, pointAt(2), { abstains: [2] });
    expectSum(world, next, without(2));
  });
});

const crashing: readonly NonNullable<PlayOptions['crash']>[] = ['participants', 'coordinator', 'everybody'];
describe.each<readonly [string, Protection]>([
  ['none', CLEAR],
  ['mask', MASK],
  ['one-shot', ONE_SHOT],
])('after a crash at every step, %s', (_, protection) => {
  it.each(crashing)('gives the same sum: %s', async (crash) => {
    const world = await worldOf(protection);
    for (const round of crash === 'everybody' ? [1, 2] : [1]) {
      const played = await playSum(world, pointAt(round), { crash });
      expectSum(world, played, everybody);
      expect(played.results.size).toBe(5);
    }
  });
});

describe('who leaves', () => {
  const leaving: readonly (readonly [Protection, SumPhase, boolean, boolean])[] = [
    // protection, phase in which silo-05 leaves, whether there is a sum, whether its words are in it
    [MASK, 'committing', true, false],
    [MASK, 'revealing', false, false],
    [MASK, 'sharing', true, false],
    [MASK, 'contributing', true, false],
    [MASK, 'agreeing', true, true],
    [MASK, 'opening', true, true],
    [ONE_SHOT, 'committing', true, false],
    [ONE_SHOT, 'revealing', false, false],
    [ONE_SHOT, 'contributing', true, false],
    [ONE_SHOT, 'agreeing', true, true],
    [ONE_SHOT, 'opening', true, true],
  ];
  it.each(leaving.map((one) => [one[0].kind, one[1], ...one] as const))(
    'under %s while %s leaves a right sum or none',
    async (_, __, protection, phase, opens, isIn) => {
      const world = await worldOf(protection);
      const leaves = new Map([[4, phase]]);
      const played = await playSum(world, pointAt(1), { leaves });
      if (opens) expectSum(world, played, isIn ? everybody : without(4));
      else expect(played).toMatchObject({ result: undefined, aborted: 'E_BEACON' });
      // And the next attempt, which it is part of again, goes well.
      if (!opens) expectSum(world, await playSum(world, pointAt(1, { flush: 1 })), everybody);
    },
  );

  it('a member of the committee: under one-shot the quorum opens without it', async () => {
    const world = await worldOf(ONE_SHOT);
    const played = await playSum(world, pointAt(1), { leaves: new Map([[0, 'agreeing' as const]]) });
    expectSum(world, played, everybody);
    const stalled = await playSum(world, pointAt(2), {
      leaves: new Map([
        [0, 'agreeing' as const],
        [1, 'agreeing' as const],
      ]),
    });
    expect(stalled).toMatchObject({ result: undefined, aborted: 'E_QUORUM' });
  });

  it('more than the sum can lose: too few are not opened', async () => {
    for (const protection of [CLEAR, MASK, ONE_SHOT]) {
      const world = await worldOf(protection);
      const played = await playSum(world, pointAt(1), { absent: [2, 3, 4] });
      expect(played.result, protection.kind).toBeUndefined();
      expect(played.aborted, protection.kind).toBeDefined();
    }
  });

  it('a committee that the beacon draws: another one each round, and the same sum', async () => {
    const drawn: Protection = {
      kind: 'one-shot',
      committee: { members: 4, corrupt: 1, choice: 'sampled', mayBeBlocked: false },
    };
    const world = await sumWorld({ protection: drawn, floors: { corruptFraction: 0 } });
    for (const round of [1, 2]) expectSum(world, await playSum(world, pointAt(round)), everybody);
    // Of five, two of whom may be corrupt, a committee of four with one corrupt is no promise: floors that count on it refuse.
    const cautious = await sumWorld({ protection: drawn, floors: { corruptFraction: 0.3 } });
    const played = await playSum(cautious, pointAt(1));
    expect(played.result).toBeUndefined();
    expect(played.refused.map(({ code }) => code)).toContain('E_FLOOR');
  });
});
