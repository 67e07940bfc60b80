// Attack 76 in a run: the server says that a round failed whose sum it opened, lets it be tried again from the same model without one member, and
// subtracts the two sums. Where nothing blurs them, the difference is that member's update.

import { describe, expect, it } from 'vitest';
import type { Protection } from '../plan/plan.ts';
import { helpedUnder } from './participant/helped-sets.ts';
import { COMMITTEE, MASK, ONE_SHOT, playSum, pointAt, sumWorld, THRESHOLD } from './sum-world.contract.ts';

const ofFour: Protection = { ...THRESHOLD, members: 4, threshold: 3, corruptMembers: 0 };
const model = new Uint8Array(32).fill(9);
const worldUnder = (protection: Protection) =>
  sumWorld({
    protection,
    members: protection.kind === 'threshold' ? 4 : 5,
    ...(protection.kind === 'one-shot' ? { committee: COMMITTEE } : {}),
  });
const without = (index: number) => ({ leaves: new Map([[index, 'contributing' as const]]) });

describe.each<readonly [string, Protection, number | undefined]>([
  ['mask', MASK, undefined],
  ['one-shot', ONE_SHOT, undefined],
  ['threshold', ofFour, 1],
])('two sums of one model under %s', (_, protection, founded) => {
  const at = (round: number, modelHash = model) => pointAt(round, { modelHash, epoch: founded ?? round });

  it('are not opened where they differ by one contributor', async () => {
    const world = await worldUnder(protection);
    expect((await playSum(world, at(1))).result?.contributors).toHaveLength(world.parties.length);
    const again = await playSum(world, at(2), without(3));
    expect(again.result).toBeUndefined();
    expect(again.results.size).toBe(0);
    expect(again.refused.map(({ code }) => code)).toContain('E_FLOOR');
    expect(again.refused.map(({ text }) => text).join()).toMatch(
      /differ by 1 from those of an earlier sum of this model/,
    );
  });

  it('are opened where the contributors are the same, or the model another', async () => {
    const world = await worldUnder(protection);
    expect((await playSum(world, at(1))).result?.contributors).toHaveLength(world.parties.length);
    expect((await playSum(world, at(2))).result?.contributors).toHaveLength(world.parties.length);
    const next = await playSum(world, at(3, new Uint8Array(32).fill(10)), without(3));
    expect(next.result?.contributors).toHaveLength(world.parties.length - 1);
  });

  it('are held against each other where the model goes on under another name', async () => {
    const world = await worldUnder(protection);
    expect((await playSum(world, at(1))).result?.contributors).toHaveLength(world.parties.length);
    const renamed = new Uint8Array(32).fill(11);
    for (const party of world.parties) {
      party.standing = helpedUnder(party.standing, { from: model, to: renamed });
    }
    const again = await playSum(world, at(2, renamed), without(3));
    expect(again.result).toBeUndefined();
    expect(again.refused.map(({ code }) => code)).toContain('E_FLOOR');
  });
});

it('sums of one model that overlap are not opened either where they differ by many: of several, single updates follow', async () => {
  const world = await sumWorld({ protection: ONE_SHOT, members: 8, committee: COMMITTEE });
  expect((await playSum(world, pointAt(1, { modelHash: model }))).result?.contributors).toHaveLength(8);
  const leaves = new Map([5, 6, 7].map((index) => [index, 'contributing' as const]));
  const again = await playSum(world, pointAt(2, { modelHash: model }), { leaves });
  expect(again.result).toBeUndefined();
  expect(again.refused.map(({ text }) => text).join()).toMatch(/differ by 3 from/);
});

it('where noise is promised each sum is charged instead', async () => {
  const world = await sumWorld({ protection: MASK, plan: { epsilon: 8, unit: 'participant' } });
  expect((await playSum(world, pointAt(1, { modelHash: model }))).result?.contributors).toHaveLength(5);
  const again = await playSum(world, pointAt(2, { modelHash: model }), without(4));
  expect(again.result?.contributors).toHaveLength(4);
});
