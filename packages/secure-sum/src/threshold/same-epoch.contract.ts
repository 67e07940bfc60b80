// The same epoch, the same messages and the same sum from one seed, whatever the platform.

import type { Primitives } from '@sumus/platform/primitives';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { HYBRID_SUITE, SUITE } from '../context/index.ts';
import { sumThrough } from './sum-through.contract.ts';
import { found, plainSum, valuesOfSilo, worldOf } from './threshold-world.contract.ts';

export function sameEpochSuite(name: string, platform: () => Primitives | Promise<Primitives>): void {
  describe(`a threshold sum from one seed, on ${name}`, () => {
    it.each([
      [SUITE, '0f804f65f93913fe75e27b267c944831', '08e4b34dae06618d63b28584dfa1830a'],
      [HYBRID_SUITE, 'd69d2bbffa39f2cf6e8f3dab7f204ffd', '20ab4066c5aa326a3be08483ccfa7779'],
    ] as const)('under %s has the same bytes everywhere', async (suite, epoch, messages) => {
      const literal = { members: 3, threshold: 2, corruptMembers: 1, vectorLength: 20 };
      const founded = await found(await worldOf(await platform(), literal, { suite }));
      const run = { round: 1, contributors: [0, 1, 2], activeSet: [1, 3] };
      const { result, seen } = await sumThrough(founded, founded.states, run);
      expect(result?.sum).toEqual(plainSum([0, 1, 2].map((index) => valuesOfSilo(founded, index))));
      const all = founded.primitives.sha256(...seen.map(({ bytes }) => bytes));
      expect([hexOf(founded.epoch.hash).slice(0, 32), hexOf(all).slice(0, 32)]).toEqual([epoch, messages]);
    });
  });
}
