import { describe, expect, it } from 'vitest';
import { recovered, recoveryRate } from './index.ts';

const candidates = (...rows: readonly (readonly [number, number])[]): Parameters<typeof recovered>[1] => ({
  count: rows.length,
  size: 2,
  values: Float64Array.from(rows.flat()),
  sources: Uint32Array.from(rows, (_, i) => 10 + i),
});

describe('recovered', () => {
  it('names the candidate within tolerance of each input, by the mean of absolute differences', () => {
    const inputs = Float32Array.of(0, 0, 1, 1, 0.5, 0.5);
    const found = recovered(inputs, candidates([1.25, 1], [0, 0.25], [7, 7]), { tolerance: 0.125 });
    expect([...found]).toEqual([11, 10, -1]);
    expect(recoveryRate(found)).toBeCloseTo(2 / 3, 12);
  });

  it('counts what lies on the tolerance and not what lies above it', () => {
    const input = Float32Array.of(0, 0);
    expect([...recovered(input, candidates([0.5, 0]), { tolerance: 0.25 })]).toEqual([10]);
    expect([...recovered(input, candidates([0.5, 2 ** -40]), { tolerance: 0.25 })]).toEqual([-1]);
  });

  it('takes what is no number for near nothing', () => {
    const found = recovered(Float32Array.of(0, 0), candidates([Number.NaN, 0], [0, Number.NaN]), { tolerance: 1 });
    expect([...found]).toEqual([-1]);
  });

  it('refuses half an input, and a tolerance that is negative or no number', () => {
    expect(() => recovered(new Float32Array(3), candidates([0, 0]), { tolerance: 1 })).toThrow(/no whole inputs/);
    expect(() => recovered(new Float32Array(2), candidates([0, 0]), { tolerance: -1 })).toThrow(/tolerance/);
    expect(() => recovered(new Float32Array(2), candidates([0, 0]), { tolerance: Number.NaN })).toThrow(/tolerance/);
  });
});
