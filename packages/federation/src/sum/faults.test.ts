// Mail in any order, some of it twice, a tenth of it never, crashes among it: every sum ends right or not at all, and nobody fails in a way that
// has no name. A seed that fails is run alone by writing it into `seeds`.

import { describe, expect, it } from 'vitest';
import type { Plan, Protection } from '../plan/plan.ts';
import {
  CLEAR,
  COMMITTEE,
  MASK,
  ONE_SHOT,
  plainSum,
  playSum,
  pointAt,
  sumWorld,
  THRESHOLD,
} from './sum-world.contract.ts';

const all =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
const seeds = Array.from({ length: all ? 40 : 2 }, (_, i) => i + 2);

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ofThree: Protection = { ...THRESHOLD, members: 3, threshold: 2, corruptMembers: 0 };

describe.each<readonly [string, Protection, readonly number[], Plan['openedTo']]>([
  ['none', CLEAR, seeds, 'everyone'],
  ['mask', MASK, seeds, 'everyone'],
  ['one-shot', ONE_SHOT, seeds, 'everyone'],
  ['one-shot, opened to participants', ONE_SHOT, all ? seeds : seeds.slice(-1), 'participants'],
  ['threshold', ofThree, seeds.slice(0, Math.ceil(seeds.length / 4)), 'everyone'],
])('under %s', (_, protection, own, openedTo) => {
  it.each(own)('with seed %i the sum is right, or there is none', async (seed) => {
    const members = protection.kind === 'threshold' ? 3 : 5;
    const world = await sumWorld({
      protection,
      seed,
      members,
      change: (plan) => ({ ...plan, openedTo }),
      ...(protection.kind === 'one-shot' ? { committee: COMMITTEE } : {}),
    });
    const random = randomFrom(seed);
    const crash = ([undefined, 'participants', 'coordinator', 'everybody'] as const)[seed % 4];
    const faults = { random, lost: 0.1, doubled: 0.2 };
    const played = await playSum(world, pointAt(1), { faults, ...(crash === undefined ? {} : { crash }) });
    const { result, aborted, results } = played;
    expect(result === undefined).toBe(aborted !== undefined);
    if (result === undefined) return;
    const inIt = world.parties.flatMap(({ name }, i) =>
      result.contributors.some(({ memberId }) => memberId === name) ? [i] : [],
    );
    expect(inIt.length).toBeGreaterThanOrEqual(3);
    const sum = plainSum(world, inIt);
    expect(result.sum).toEqual(openedTo === 'everyone' ? sum : undefined);
    for (const [index, own] of results) {
      expect(own.sum).toEqual(openedTo === 'everyone' || own.contributed ? sum : undefined);
      expect(own.contributed).toBe(inIt.includes(index));
    }
    // What is lost is said again: nobody is left out for good.
    expect(results.size).toBe(members);
  });
});
