// The inverse questions return the safe side, and as near to the limit as they say.
import { describe, expect, it } from 'vitest';
import { gaussianApproximation } from '../accountants/gaussian-approximation.ts';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { noiseFor, samplingRateFor, stepsWithin } from './inverse.ts';

const m = under({ adjacency: 'add-remove', unit: 'record' });
const step = (noiseMultiplier: number, samplingRate: number): Mechanism<'add-remove', 'record'> =>
  m.poissonSampled({ inner: m.gaussian({ noiseMultiplier }), samplingRate });
const run = (noise: number, rate: number, count: number): Mechanism<'add-remove', 'record'>[] => [
  m.repetition({ inner: step(noise, rate), count }),
];

function epsilonOf(history: readonly Mechanism[], delta: number): number {
  const answer = tightestEpsilon(history, delta);
  return answer.kind === 'bound' ? answer.epsilon : Number.POSITIVE_INFINITY;
}

describe('the noise for an ε', () => {
  // True values by an independent root of the exact δ(σ).
  it.each([
    [256 / 60_000, 14_062, 1e-5, 1, 2.0248584110444114],
    [0.1, 512, 1e-6, 1, 9.661757281951472],
    [0.05, 200, 1e-5, 10, 0.7157324858234574],
    [1e-4, 1_000_000, 1e-9, 0.1, 5.0727123474145746],
    [1, 1, 1e-5, 0.1, 30.74956613196962],
  ])('q = %d, %d steps, δ = %d, ε = %d', (rate, count, delta, epsilon, truth) => {
    const found = noiseFor({ epsilon, delta }, (noise) => run(noise, rate, count));
    if (found.kind === 'none') throw new Error(found.reason);
    expect(found.value).toBeGreaterThanOrEqual(truth * (1 - 1e-8));
    expect(found.value).toBeLessThanOrEqual(truth * (1 + 1e-5));
    expect(epsilonOf(run(found.value, rate, count), delta)).toBeLessThanOrEqual(epsilon);
    expect(found.bound.epsilon).toBeLessThanOrEqual(epsilon);
  });

  it('has a name for what cannot be reached, and for what is no target', () => {
    const target = { epsilon: 1e-3, delta: 1e-5 };
    expect(noiseFor(target, (noise) => run(noise, 1, 1000), { low: 0.1, high: 10 })).toMatchObject({ kind: 'none' });
    expect(() => noiseFor({ epsilon: 0, delta: 1e-5 }, (noise) => run(noise, 1, 1))).toThrow(/ε/);
    expect(() => noiseFor({ epsilon: Number.NaN, delta: 1e-5 }, (noise) => run(noise, 1, 1))).toThrow(/ε/);
    expect(() => noiseFor({ epsilon: 1, delta: 0 }, (noise) => run(noise, 1, 1))).toThrow(/δ/);
  });

  it('takes nothing for an answer that only an approximation supports', () => {
    const found = noiseFor(
      { epsilon: 1, delta: 1e-5 },
      (noise) => run(noise, 0.01, 100),
      undefined,
      gaussianApproximation,
    );
    expect(found).toMatchObject({ kind: 'none' });
  });
});

describe('the steps within an ε', () => {
  it.each([
    [1, 0.01, 3, 1e-5],
    [4, 0.01, 1, 1e-6],
    [0.6, 0.001, 5, 1e-8],
  ])('at σ = %d, q = %d: one more would break ε = %d', (noise, rate, epsilon, delta) => {
    const found = stepsWithin({ epsilon, delta }, step(noise, rate));
    if (found.kind === 'none') throw new Error(found.reason);
    expect(epsilonOf(run(noise, rate, found.value), delta)).toBeLessThanOrEqual(epsilon);
    expect(epsilonOf(run(noise, rate, found.value + 1), delta)).toBeGreaterThan(epsilon);
  });

  it('count what was spent before', () => {
    const target = { epsilon: 2, delta: 1e-6 };
    const fresh = stepsWithin(target, step(2, 0.02));
    const after = stepsWithin(target, step(2, 0.02), [m.gaussian({ noiseMultiplier: 4 })]);
    if (fresh.kind === 'none' || after.kind === 'none') throw new Error('no steps');
    expect(after.value).toBeLessThan(fresh.value);
    expect(after.value).toBeGreaterThan(0);
  });

  it('are none where not one keeps it', () => {
    expect(stepsWithin({ epsilon: 0.1, delta: 1e-6 }, m.gaussian({ noiseMultiplier: 1 }))).toMatchObject({
      kind: 'none',
    });
    const spent = [m.gaussian({ noiseMultiplier: 10 })];
    expect(stepsWithin({ epsilon: 0.6, delta: 1e-6 }, m.gaussian({ noiseMultiplier: 1 }), spent)).toMatchObject({
      kind: 'found',
      value: 0,
    });
  });
});

describe('the sampling rate for an ε', () => {
  it('keeps it, and a little more would not', () => {
    const target = { epsilon: 2, delta: 1e-5 };
    const found = samplingRateFor(target, (rate) => run(1, rate, 2000));
    if (found.kind === 'none') throw new Error(found.reason);
    expect(epsilonOf(run(1, found.value, 2000), 1e-5)).toBeLessThanOrEqual(2);
    expect(epsilonOf(run(1, found.value * 1.0001, 2000), 1e-5)).toBeGreaterThan(2);
  });
});
