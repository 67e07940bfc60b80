// Mail in any order, some of it twice, a tenth of it never, crashes among it: every sum ends right or not at all, and nobody fails in a way that
// has no name. A seed that fails is run alone by writing it into `seeds`.

import { describe, expect, it } from 'vitest';
import type { Protection } from '../plan/plan.ts';
import { CLEAR, COMMITTEE, MASK, ONE_SHOT, plainSum, playSum, pointAt, sumWorld } from './sum-world.contract.ts';

const all =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
const seeds = Array.from({ length: all ? 40 : 3 }, (_, i) => i + 1);

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

describe.each<readonly [string, Protection]>([
  ['none', CLEAR],
  ['mask', MASK],
  ['one-shot', ONE_SHOT],
])('under %s', (_, protection) => {
  it.each(seeds)('with seed %i the sum is right, or there is none', async (seed) => {
    const world = await sumWorld({
      protection,
      seed,
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
    expect(result.sum).toEqual(plainSum(world, inIt));
    for (const [index, own] of results) {
      expect(own.sum).toEqual(result.sum);
      expect(own.contributed).toBe(inIt.includes(index));
    }
    // What is lost is said again: nobody is left out for good.
    expect(results.size).toBe(5);
  });
});
