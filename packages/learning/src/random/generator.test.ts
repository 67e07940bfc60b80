import { describe, expect, it } from 'vitest';
import { seededGenerator, shuffledOrder } from './generator.ts';

describe('the seeded generator', () => {
  it('repeats itself for a seed and a stream, and for no other', () => {
    const words = (seed: number, stream?: number): number[] => {
      const generator = seededGenerator(seed, stream);
      return Array.from({ length: 8 }, () => generator.next());
    };
    expect(words(7)).toEqual(words(7));
    expect(new Set([words(7), words(8), words(7, 1), words(7, 2)].map(String)).size).toBe(4);
  });

  it('is uniform below a bound: every value within 5 deviations, and a biased one is caught', () => {
    const draws = 100_000;
    const deviation = Math.sqrt((draws / 10) * 0.9);
    const worstOf = (draw: () => number): number => {
      const counts = new Array<number>(10).fill(0);
      for (let i = 0; i < draws; i++) counts[draw()] += 1;
      return Math.max(...counts.map((n) => Math.abs(n - draws / 10))) / deviation;
    };
    const generator = seededGenerator(11);
    expect(worstOf(() => generator.below(10))).toBeLessThan(5);
    expect(worstOf(() => generator.below(11) % 10)).toBeGreaterThan(5);
  });

  it('shuffles: a permutation, every element everywhere equally often', () => {
    const generator = seededGenerator(12);
    const counts = new Float64Array(25);
    const rounds = 20_000;
    for (let round = 0; round < rounds; round++) {
      const order = shuffledOrder(5, generator);
      expect(Array.from(order).sort()).toEqual([0, 1, 2, 3, 4]);
      order.forEach((element, place) => {
        counts[element * 5 + place] += 1;
      });
    }
    const deviation = Math.sqrt(rounds * 0.2 * 0.8);
    for (const n of counts) expect(Math.abs(n - rounds / 5)).toBeLessThan(5.5 * deviation);
  });
});
