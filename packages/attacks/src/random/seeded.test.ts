import { describe, expect, it } from 'vitest';
import { normalFrom, seededUniform, shuffledFrom } from './seeded.ts';

const COUNT = 100_000;

describe('numbers from a seed', () => {
  it('are the same again, and others for another seed or stream', () => {
    const first = (seed: number, stream?: number): number[] => {
      const uniform = seededUniform(seed, stream);
      return Array.from({ length: 5 }, () => uniform());
    };
    expect(first(7)).toEqual(first(7));
    const starts = [first(7), first(8), first(7, 1), first(7 + 2 ** 40)].map(([one]) => one);
    expect(new Set(starts).size).toBe(4);
    expect(() => seededUniform(-1)).toThrow(/not -1/);
    expect(() => seededUniform(0.5)).toThrow(/not 0.5/);
  });

  it('are uniform in [0, 1): sixteen bins, χ² below its 1 − 10⁻⁶ quantile', () => {
    const uniform = seededUniform(3);
    const bins = new Float64Array(16);
    for (let i = 0; i < COUNT; i++) bins[Math.floor(16 * uniform())]! += 1;
    const expected = COUNT / 16;
    // 15 degrees of freedom.
    expect(bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)).toBeLessThan(57.4);
  });

  it('give normal ones of deviation 1, which would not pass for 1.2', () => {
    const normal = normalFrom(seededUniform(5));
    const variance = Array.from({ length: COUNT }, normal).reduce((sum, x) => sum + x * x, 0) / COUNT;
    // The variance of a mean of squares is 2/n; five deviations.
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / COUNT));
    expect(Math.abs(variance / 1.44 - 1)).toBeGreaterThan(5 * Math.sqrt(2 / COUNT));
  });

  it('shuffle: every place once, the first anywhere', () => {
    const uniform = seededUniform(6);
    expect([...shuffledFrom(50, uniform)].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const firsts = Array.from({ length: 4000 }, () => shuffledFrom(4, uniform)[0]!);
    for (const place of [0, 1, 2, 3]) expect(firsts.filter((one) => one === place).length).toBeGreaterThan(850);
  });
});
