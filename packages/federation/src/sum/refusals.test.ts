// What neither half takes: another plan, a round twice, less than its floors, strangers, a log that goes back, words that are none. And what
// a coordinator never sees where sums are opened to participants.

import { hexOf } from '@sumus/secure-sum/canonical';
import { memberId } from '@sumus/secure-sum/identity';
import { describe, expect, it } from 'vitest';
import type { Protection } from '../plan/plan.ts';
import * as coordinator from './coordinator/index.ts';
import * as participant from './index.ts';
import { readPublished, wordBytes } from './opened.ts';
import {
  CLEAR,
  COMMITTEE,
  MASK,
  NOW_MS,
  ONE_SHOT,
  type Played,
  plainSum,
  playSum,
  pointAt,
  type SumWorld,
  sumWorld,
  wordsOf,
} from './sum-world.contract.ts';

const worldOf = (protection: Protection, more: Partial<Parameters<typeof sumWorld>[0]> = {}): Promise<SumWorld> =>
  sumWorld({ protection, ...(protection.kind === 'one-shot' ? { committee: COMMITTEE } : {}), ...more });

const codesOf = ({ refused }: Played, by?: string): readonly string[] =>
  refused.filter((one) => by === undefined || one.by === by).map(({ code }) => code);

const protections: readonly (readonly [string, Protection])[] = [
  ['none', CLEAR],
  ['mask', MASK],
  ['one-shot', ONE_SHOT],
];

describe.each(protections)('under %s', (_, protection) => {
  it('whoever was told another plan, model or support is in another sum', async () => {
    const changes: readonly ((party: SumWorld['parties'][number]) => SumWorld['parties'][number])[] = [
      (party) => ({ ...party, setup: { ...party.setup, plan: { ...party.setup.plan, purpose: 'another' } } }),
      (party) => ({ ...party, setup: { ...party.setup, runId: 'run-2' } }),
    ];
    for (const change of changes) {
      const world = await worldOf(protection);
      const parties = world.parties.map((party, i) => (i === 4 ? change(party) : party));
      const played = await playSum({ ...world, parties }, pointAt(1));
      expect(codesOf(played, 'coordinator')).toContain('E_CTX');
      expect(played.results.has(4)).toBe(false);
      // Under one-shot and mask the others go on without it.
      expect(played.result?.sum).toEqual(plainSum(world, [0, 1, 2, 3]));
    }
  });

  it('a round is entered once, and the next one after a restart is above it', async () => {
    const world = await worldOf(protection);
    const [party] = world.parties;
    const opened = await participant.openSum(party!.setup, party!.standing, pointAt(3), NOW_MS);
    expect(opened.outputs[0]).toEqual({ kind: 'persist' });
    const stored = participant.storeSumInTheClear(party!.setup, opened.state);
    const restored = await participant.restoreSum(party!.setup, stored, NOW_MS);
    const event = { kind: 'give up', reason: 'no time' } as const;
    const left = await participant.stepSum(party!.setup, restored, event, NOW_MS);
    const standing = participant.standingOf(left.state);
    for (const round of [3, 2]) {
      const again = participant.openSum(party!.setup, standing, pointAt(round), NOW_MS);
      await expect(again).rejects.toMatchObject({ code: 'E_REPLAY' });
    }
    expect((await participant.openSum(party!.setup, standing, pointAt(4), NOW_MS)).outputs[0]).toEqual({
      kind: 'persist',
    });
  });

  it('a standing and a state are used once', async () => {
    const world = await worldOf(protection);
    const { setup, standing } = world.parties[0]!;
    const { state } = await participant.openSum(setup, standing, pointAt(1), NOW_MS);
    await expect(participant.openSum(setup, standing, pointAt(2), NOW_MS)).rejects.toMatchObject({
      code: 'E_PARAMETER',
    });
    const event = { kind: 'give up', reason: 'no time' } as const;
    await participant.stepSum(setup, state, event, NOW_MS);
    await expect(participant.stepSum(setup, state, event, NOW_MS)).rejects.toMatchObject({ code: 'E_PARAMETER' });
  });

  it('rounds of a day are charged, whatever becomes of them', async () => {
    const world = await worldOf(protection, { floors: { maximumRoundsPerDay: 2 } });
    const { setup } = world.parties[0]!;
    let { standing } = world.parties[0]!;
    for (const round of [1, 2]) {
      const { state } = await participant.openSum(setup, standing, pointAt(round), NOW_MS);
      const left = await participant.stepSum(setup, state, { kind: 'give up', reason: 'no time' }, NOW_MS);
      standing = participant.standingOf(left.state);
    }
    await expect(participant.openSum(setup, standing, pointAt(3), NOW_MS)).rejects.toMatchObject({ code: 'E_FLOOR' });
    const tomorrow = NOW_MS + 86_400_001;
    await expect(participant.openSum(setup, standing, pointAt(3), tomorrow)).resolves.toBeDefined();
  });

  it('somebody who may not be in the sum is kept out, by name', async () => {
    const world = await worldOf(protection);
    const admitted = new Set(['silo-01', 'silo-02', 'silo-03', 'silo-04'].map(memberId));
    const played = await playSum({ ...world, server: { ...world.server, admitted } }, pointAt(1));
    expect(codesOf(played, 'coordinator')).toContain('E_ROSTER');
    expect(played.result?.sum).toEqual(plainSum(world, [0, 1, 2, 3]));
  });

  it('words of another length or too large are the own mistake, and change nothing', async () => {
    const world = await worldOf(protection);
    const wrong = [new Int32Array(7), wordsOf(world, 3).map((one) => one * 4)];
    for (const [i, words] of wrong.entries()) {
      const played = await playSum(world, pointAt(1 + i), {
        words: (index) => (index === 3 ? words : wordsOf(world, index)),
      });
      expect(codesOf(played, 'silo-04')).toContain('E_PARAMETER');
      expect(played.result?.sum).toEqual(plainSum(world, [0, 1, 2, 4]));
      expect(played.refused.some(({ text }) => text.includes(String(wrong[1]?.[5])))).toBe(false);
    }
  });

  it('a published sum is read by who was away, and not with a changed bit', async () => {
    const world = await worldOf(protection);
    const { result } = await playSum(world, pointAt(1), { absent: protection.kind === 'one-shot' ? [4] : [0] });
    const { primitives } = world.parties[0]!.setup;
    const published = result!.published!;
    const read = readPublished(primitives, world.agreement, pointAt(1), published);
    expect(read.sum).toEqual(result!.sum);
    expect(read.contributors).toEqual(result!.contributors);
    for (const at of [40, published.length >> 1, published.length - 1]) {
      const changed = published.slice();
      changed[at]! ^= 1;
      expect(() => readPublished(primitives, world.agreement, pointAt(1), changed)).toThrow();
    }
    expect(() => readPublished(primitives, world.agreement, pointAt(2), published)).toThrow(/another sum/);
  });
});

describe('a participant', () => {
  it.each(protections.slice(1))('does not commit to a roster with a stranger in it: %s', async (_, protection) => {
    const world = await worldOf(protection);
    // Its own invitation names four; the coordinator has five.
    const admitted = new Set(['silo-01', 'silo-02', 'silo-03', 'silo-04'].map(memberId));
    const parties = world.parties.map((party, i) =>
      i === 0 ? { ...party, setup: { ...party.setup, admitted } } : party,
    );
    const played = await playSum({ ...world, parties }, pointAt(1));
    expect(codesOf(played, 'silo-01')).toContain('E_ROSTER');
    expect(played.results.has(0)).toBe(false);
  });

  it.each(protections.slice(1))('goes no further below its floors: %s', async (_, protection) => {
    const world = await worldOf(protection, { minimum: 3, floors: {} });
    const floors = { ...world.parties[0]!.setup.floors, minimumContributors: 4, corruptFraction: 0.45 };
    const parties = world.parties.map((party, i) =>
      i === 0 ? { ...party, setup: { ...party.setup, floors } } : party,
    );
    const played = await playSum({ ...world, parties }, pointAt(1));
    expect([...codesOf(played, 'silo-01'), ...played.left.values()]).toContain('E_FLOOR');
    expect(played.results.has(0)).toBe(false);
  });

  it('does not believe a roster that is not in the log, nor a log that goes back', async () => {
    const world = await worldOf(MASK);
    await playSum(world, pointAt(1));
    // The coordinator begins its log anew: no proof that it goes on.
    const forgotten = { ...world, standing: coordinator.freshStanding() };
    const played = await playSum(forgotten, pointAt(2));
    expect(played.result).toBeUndefined();
    expect(codesOf(played, 'silo-01')).toEqual(expect.arrayContaining([expect.stringMatching(/^E_(LOG|SPLIT)$/)]));
    expect(played.aborted).toBe('E_LOG');
  });

  it('notices a sum that is not the one that its result names', async () => {
    for (const protection of [CLEAR, ONE_SHOT]) {
      const world = await worldOf(protection);
      const played = await playSum(world, pointAt(1), {
        tamper: (to, bytes, type) => {
          if (type !== 'sum/opened' || to !== 1) return [bytes];
          const changed = bytes.slice();
          changed[changed.length - 3]! ^= 1;
          return [changed];
        },
      });
      expect(codesOf(played, 'silo-02')).toEqual(['E_SUM']);
      expect(played.results.has(1)).toBe(false);
      expect(played.results.size).toBe(4);
    }
  });

  it('takes bytes of another kind for what they are', async () => {
    const world = await worldOf(MASK);
    const { setup, standing } = world.parties[0]!;
    let { state } = await participant.openSum(setup, standing, pointAt(1), NOW_MS);
    for (const bytes of [new Uint8Array(0), new Uint8Array(300), new Uint8Array(64).fill(255)]) {
      const event = { kind: 'received', bytes } as const;
      await expect(participant.stepSum(setup, state, event, NOW_MS)).rejects.toMatchObject({
        name: 'MalformedMessage',
      });
    }
    state = (await participant.stepSum(setup, state, { kind: 'resume' }, NOW_MS)).state;
    expect(participant.phaseOf(state)).toBe('gathering');
  });
});

describe('opened to participants', () => {
  const hidden = (seed = 7): Promise<SumWorld> =>
    worldOf(ONE_SHOT, { seed, change: (plan) => ({ ...plan, openedTo: 'participants' }) });
  /** Every place where a run of words of the sum could lie, in any of these bytes. */
  const holds = (all: readonly Uint8Array[], sum: Int32Array): boolean => {
    // Four words in a row, well inside: a chance hit has 2^-128.
    const needle = hexOf(wordBytes(sum.slice(8, 12)));
    return all.some((bytes) => hexOf(bytes).includes(needle));
  };

  it('the coordinator has the sum nowhere: not in its result, not stored, not in what it got or sent', async () => {
    const world = await hidden();
    const planted = plainSum(world, [0, 1, 2, 3, 4]);
    const played = await playSum(world, pointAt(1));
    expect(played.result).toMatchObject({ sum: undefined, published: undefined });
    expect(played.result?.contributors).toHaveLength(5);
    expect(played.results.size).toBe(5);
    for (const own of played.results.values()) {
      expect(own.sum).toEqual(planted);
      expect(own.result).toEqual(played.result?.result);
    }
    expect(played.stored.length).toBeGreaterThan(10);
    expect(holds([...played.stored, ...played.up, ...played.down], planted)).toBe(false);

    // The same search finds it where everybody may see it.
    const open = await worldOf(ONE_SHOT);
    const everybody = await playSum(open, pointAt(1));
    expect(everybody.result?.sum).toEqual(planted);
    expect(holds(everybody.stored, planted)).toBe(true);
    expect(holds(everybody.down, planted)).toBe(true);
  });

  it('is opened by who is in it, through crashes and without a member of the committee', async () => {
    const world = await hidden();
    const played = await playSum(world, pointAt(1), { crash: 'everybody' });
    expect(played.results.size).toBe(5);
    for (const own of played.results.values()) expect(own.sum).toEqual(plainSum(world, [0, 1, 2, 3, 4]));
    const fewer = await playSum(world, pointAt(2), { leaves: new Map([[0, 'agreeing' as const]]), abstains: [4] });
    expect(fewer.results.get(4)).toMatchObject({ sum: undefined, contributed: false });
    for (const index of [1, 2, 3]) expect(fewer.results.get(index)?.sum).toEqual(plainSum(world, [0, 1, 2, 3]));
  });
});
