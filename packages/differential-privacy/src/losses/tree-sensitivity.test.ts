// How far a unit moves the sums of a tree, against all choices of leaves where they can be counted.
import { describe, expect, it } from 'vitest';
import { nodesOver, treeHeight, treeSensitivitySquared } from './tree-sensitivity.ts';

describe('the tree', () => {
  it('has the height of its leaves', () => {
    expect([1, 2, 3, 4, 7, 8, 1023, 1024].map(treeHeight)).toEqual([1, 2, 2, 3, 3, 4, 10, 11]);
  });

  it('is moved by no choice of leaves more than the search says', () => {
    for (let leaves = 1; leaves <= 19; leaves += 1) {
      for (const separation of [1, 2, 3, 5]) {
        for (const participations of [1, 2, 3, 4]) {
          let brute = 0;
          const choose = (from: number, chosen: readonly number[]): void => {
            let value = 0;
            for (const a of chosen) for (const b of chosen) value += nodesOver(leaves, a, b);
            brute = Math.max(brute, value);
            if (chosen.length === participations) return;
            for (let leaf = from; leaf < leaves; leaf += 1) choose(leaf + separation, [...chosen, leaf]);
          };
          choose(0, []);
          expect({
            leaves,
            separation,
            participations,
            value: treeSensitivitySquared(leaves, participations, separation),
          }).toEqual({
            leaves,
            separation,
            participations,
            value: brute,
          });
        }
      }
    }
  });

  it('beyond the search has a bound that is not below it', () => {
    for (const participations of [2, 3, 4]) {
      const [exact, bounded] = [
        treeSensitivitySquared(1000, participations, 200),
        treeSensitivitySquared(1000, 12, 80),
      ];
      expect(exact).toBeGreaterThan(0);
      expect(bounded).toBeGreaterThan(exact);
    }
    expect(treeSensitivitySquared(1000, 4, 250)).toBe(47);
  });
});
