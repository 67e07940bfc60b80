// One sum through both halves, under every protection: the same whole numbers as plain addition, whoever drops out, whoever crashes.

import { describe, expect, it } from 'vitest';
import { CLEAR, MASK, plainSum, playSum, pointAt, sumWorld } from './sum-world.contract.ts';

const everybody = [0, 1, 2, 3, 4];

describe.each([
  ['none', CLEAR],
  ['mask', MASK],
] as const)('a sum under %s', (_, protection) => {
  it('is the plain sum of everybody, for everybody, twice in a row', async () => {
    const world = await sumWorld({ protection });
    for (const round of [1, 2]) {
      const { result, results, refused } = await playSum(world, pointAt(round));
      expect(refused).toEqual([]);
      expect(result?.sum).toEqual(plainSum(world, everybody));
      expect(results.size).toBe(5);
      for (const [index, own] of results) {
        expect(own.sum).toEqual(result?.sum);
        expect(own.contributed).toBe(true);
        expect(own.result).toEqual(result?.result);
        expect(own.contributors).toEqual(result?.contributors);
        expect(own.own).toEqual(result?.contributors[index]?.contribution);
      }
    }
  });
});
