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
      [SUITE, 'bb9dfd4f5f5162ac69c6b52874d5da48', 'e3aa6cf8590ce50fb2363ffa4fc6f39c'],
      [HYBRID_SUITE, '2068540da84aaa88bf16cac50dac2bee', '2795fea1fa61602b6704ffbf6e2592ba'],
    ] as const)('under %s has the same bytes everywhere', async (suite, epoch, messages) => {
      const literal = { members: 3, threshold: 2, corruptMembers: 0, vectorLength: 20 };
      const founded = await found(await worldOf(await platform(), literal, { suite }));
      const run = { round: 1, contributors: [0, 1, 2], activeSet: [1, 3] };
      const { result, seen } = await sumThrough(founded, founded.states, run);
      expect(result?.sum).toEqual(plainSum([0, 1, 2].map((index) => valuesOfSilo(founded, index))));
      const all = founded.primitives.sha256(...seen.map(({ bytes }) => bytes));
      expect([hexOf(founded.epoch.hash).slice(0, 32), hexOf(all).slice(0, 32)]).toEqual([epoch, messages]);
    });
  });
}
