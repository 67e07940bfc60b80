import { describe, expect, it } from 'vitest';
import { epsilon, time } from './figures.ts';

describe('figures', () => {
  it('have words for every moment that a log may name', () => {
    for (const atMs of [0, 1_790_000_000_000, 8.64e15, 8.64e15 + 1, Number.MAX_SAFE_INTEGER]) {
      expect(time(atMs).length).toBeGreaterThan(0);
    }
  });

  it('never say less ε than was computed', () => {
    for (let value = 1e-7; value < 1e7; value *= 1.37) expect(Number(epsilon(value))).toBeGreaterThanOrEqual(value);
  });
});
