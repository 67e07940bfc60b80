// One committee, or one key, and many sums: buffers of an asynchronous run, each a flush of what came since the one before, and sums of a
// key that was founded once.

import { describe, expect, it } from 'vitest';
import type { SumPoint } from './sum.ts';
import {
  COMMITTEE,
  ONE_SHOT,
  type Played,
  plainSum,
  playSum,
  pointAt,
  type SumWorld,
  sumWorld,
  THRESHOLD,
  wordsOf,
} from './sum-world.contract.ts';

const modelAt = (round: number): Uint8Array => new Uint8Array(32).fill(round);
/** The sum of this round under the committee of round 1: every sum since then was followed by a release. */
const flushAt = (round: number): SumPoint =>
  pointAt(round, { epoch: 1, models: Array.from({ length: round }, (_, i) => modelAt(i + 1)) });

const asynchronous = (seed = 7): Promise<SumWorld> =>
  sumWorld({ protection: ONE_SHOT, committee: COMMITTEE, seed, plan: { schedule: 'asynchronous' } });

const names = ({ result }: Played): readonly string[] => result?.contributors.map(({ memberId }) => memberId) ?? [];

describe('buffers of an asynchronous run', () => {
  it('are sums of whoever was ready, by one committee, over models that go on', async () => {
    const world = await asynchronous();
    // Three fill a buffer; the fourth is too late for it and is in the next one, with what it had.
    const first = await playSum(world, flushAt(1), { abstains: [4] });
    expect(names(first)).toHaveLength(3);
    const early = [0, 1, 2, 3].filter((index) => names(first).includes(world.parties[index]!.name));
    expect(first.result?.sum).toEqual(plainSum(world, early));
    const [late = -1] = [0, 1, 2, 3].filter((index) => !early.includes(index));
    expect(first.results.get(late)).toMatchObject({ contributed: false });

    const second = await playSum(world, flushAt(2), { abstains: early.slice(0, 2) });
    expect(names(second)).toContain(world.parties[late]!.name);
    expect(second.result?.contributors).toHaveLength(3);
    const inIt = world.parties.flatMap(({ name }, i) => (names(second).includes(name) ? [i] : []));
    expect(second.result?.sum).toEqual(plainSum(world, inIt));
    // It was asked for nothing new: what it sent for the first buffer is what is in the second.
    const was = first.results.get(late)?.own;
    expect(
      second.result?.contributors.find(({ memberId }) => memberId === world.parties[late]!.name)?.contribution,
    ).toEqual(was);
  });

  it('take contributions from older models, and none that are too old', async () => {
    const world = await asynchronous();
    await playSum(world, flushAt(1), { abstains: [3, 4] });
    const stale = await playSum(world, flushAt(2), {
      versionOf: (index) => (index === 0 ? 0 : undefined),
      abstains: [3, 4],
    });
    expect(names(stale)).toEqual(['silo-01', 'silo-02', 'silo-03']);
    for (const round of [3, 4, 5]) await playSum(world, flushAt(round), { abstains: [3, 4] });
    const old = await playSum(world, flushAt(6), { versionOf: (index) => (index === 0 ? 0 : undefined), absent: [4] });
    expect(old.refused).toContainEqual(expect.objectContaining({ by: 'coordinator', code: 'E_CTX' }));
    expect(names(old)).toEqual(['silo-02', 'silo-03', 'silo-04']);
  });

  it('survive a crash at every step', async () => {
    const world = await asynchronous();
    for (const round of [1, 2]) {
      const played = await playSum(world, flushAt(round), { crash: 'everybody', abstains: [3, 4] });
      expect(played.result?.sum).toEqual(plainSum(world, [0, 1, 2]));
    }
  });

  it('are not for who was not there when the committee was founded', async () => {
    const world = await asynchronous();
    await playSum(world, flushAt(1), { absent: [4] });
    const played = await playSum(world, flushAt(2), { abstains: [3] });
    expect(played.refused).toContainEqual(expect.objectContaining({ by: 'silo-05', code: 'E_EPOCH' }));
    expect(played.result?.sum).toEqual(plainSum(world, [0, 1, 2]));
    // The next committee has it.
    const anew = await playSum(world, pointAt(3), { abstains: [0, 1] });
    expect(anew.result?.sum).toEqual(plainSum(world, [2, 3, 4]));
  });

  it('are entered once each', async () => {
    const world = await asynchronous();
    await playSum(world, flushAt(1), { abstains: [3, 4] });
    await playSum(world, flushAt(2), { abstains: [3, 4] });
    const again = await playSum(world, flushAt(2), { abstains: [3, 4] });
    expect(again.result).toBeUndefined();
    expect(again.refused.filter(({ code }) => code === 'E_REPLAY')).toHaveLength(5);
  });
});

describe('a key', () => {
  const ofThree = { ...THRESHOLD, members: 3, threshold: 2, corruptMembers: 0 };

  it('is founded once, logged, and opens sums of all and of some', async () => {
    const world = await sumWorld({ protection: ofThree, members: 3, minimum: 3, parameters: 20 });
    const first = await playSum(world, pointAt(1));
    expect(first.result?.sum).toEqual(plainSum(world, [0, 1, 2]));
    expect(first.results.size).toBe(3);
    for (const own of first.results.values()) expect(own).toMatchObject({ sum: first.result?.sum, contributed: true });
    // Three entries of the founding; a sum adds none.
    expect(world.standing.book.leaves).toHaveLength(3);
    const second = await playSum(world, pointAt(2, { epoch: 1 }), { crash: 'everybody' });
    expect(second.result?.sum).toEqual(plainSum(world, [0, 1, 2]));
    expect(world.standing.book.leaves).toHaveLength(3);
    const again = await playSum(world, pointAt(2, { epoch: 1 }));
    expect(again.refused.filter(({ code }) => code === 'E_REPLAY')).toHaveLength(3);
    // Somebody is missing: too few contributions for a sum, and for a key.
    const fewer = await playSum(world, pointAt(3, { epoch: 1 }), { absent: [2] });
    expect(fewer).toMatchObject({ result: undefined, aborted: 'E_TOO_FEW' });
  });

  it('is founded through a crash at every step, and words of other values are refused', async () => {
    const world = await sumWorld({ protection: ofThree, members: 3, minimum: 3, parameters: 20 });
    const played = await playSum(world, pointAt(1), {
      crash: 'everybody',
      words: (index) => {
        const words = wordsOf(world, index);
        if (index === 1) words[0] = 2 ** 24;
        return words;
      },
    });
    expect(played.refused).toContainEqual(expect.objectContaining({ by: 'silo-02', code: 'E_PARAMETER' }));
    expect(played.aborted).toBe('E_TOO_FEW');
    const next = await playSum(world, pointAt(2, { epoch: 1 }));
    expect(next.result?.sum).toEqual(plainSum(world, [0, 1, 2]));
  });

  it('opens without a member that left before it contributed; one that left while opening costs the sum, and the key', async () => {
    const ofFour = { ...THRESHOLD, members: 4, threshold: 3, corruptMembers: 0 };
    const world = await sumWorld({ protection: ofFour, members: 4, minimum: 3, parameters: 20 });
    // Without the key, because it left when that was in the log; the others go on.
    const leaves = new Map([[3, 'contributing' as const]]);
    const first = await playSum(world, pointAt(1), { leaves });
    expect(first.result?.sum).toEqual(plainSum(world, [0, 1, 2]));
    expect(first.results.size).toBe(3);
    const second = await playSum(world, pointAt(2, { epoch: 1 }), { leaves: new Map([[1, 'opening' as const]]) });
    expect(second).toMatchObject({ result: undefined, aborted: 'E_QUORUM' });
    expect(second.refused).toContainEqual(expect.objectContaining({ by: 'silo-04', code: 'E_EPOCH' }));
    const third = await playSum(world, pointAt(3));
    expect(third.result?.sum).toEqual(plainSum(world, [0, 1, 2, 3]));
  });
});
