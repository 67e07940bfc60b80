import { describe, expect, it } from 'vitest';
import type { Plan } from '../plan/plan.ts';
import { samplePlan } from '../plan/sample-plans.contract.ts';
import { addClearUpload, CLEAR_WARNING, clearUpload } from './clear-upload.ts';

const withSupport = (plan: Plan, kind: 'own' | 'all'): Plan => ({
  ...plan,
  sharing: { ...plan.sharing, support: { kind } },
});
const inClear = withSupport(samplePlan({ protection: 'none' }), 'own');
const chosen = Float32Array.of(0, 2, 0, -3, 0);

describe('a list of chosen coordinates in clear', () => {
  it('has what was chosen and says what it shows', () => {
    const upload = clearUpload(inClear, chosen);
    expect([...upload.indices]).toEqual([1, 3]);
    expect([...upload.values]).toEqual([2, -3]);
    expect(upload.warning).toBe(CLEAR_WARNING);
  });

  it.each(['mask', 'one-shot', 'threshold'] as const)('does not exist under %s', (protection) => {
    expect(() => clearUpload(withSupport(samplePlan({ protection }), 'own'), chosen)).toThrow(/only protection none/);
  });

  it('does not exist where all share a support', () => {
    expect(() => clearUpload(withSupport(inClear, 'all'), chosen)).toThrow(/not own/);
  });

  it('is added where it belongs', () => {
    const weights = new Float32Array(5).fill(1);
    addClearUpload(weights, clearUpload(inClear, chosen));
    expect([...weights]).toEqual([1, 3, 1, -2, 1]);
  });

  it('is refused as a whole: out of order, twice, outside, not finite', () => {
    const upload = clearUpload(inClear, chosen);
    for (const broken of [
      { ...upload, indices: Uint32Array.of(3, 1) },
      { ...upload, indices: Uint32Array.of(1, 1) },
      { ...upload, indices: Uint32Array.of(1, 5) },
      { ...upload, indices: Uint32Array.of(1) },
      { ...upload, values: Float32Array.of(2, Number.POSITIVE_INFINITY) },
    ]) {
      const weights = new Float32Array(5);
      expect(() => addClearUpload(weights, broken)).toThrow();
      expect(weights).toEqual(new Float32Array(5));
    }
  });
});
