import { describe, expect, it } from 'vitest';
import type { Asynchronous } from '../plan/plan.ts';
import { samplePlan } from '../plan/sample-plans.contract.ts';
import { exampleWeight, staleWeight, weighted } from './weights.ts';

const asynchronous = (weight: Asynchronous['staleness']['weight']): Asynchronous => {
  const { exchange } = samplePlan({ schedule: 'asynchronous', protection: 'one-shot' });
  if (exchange.schedule !== 'asynchronous') throw new Error('not asynchronous');
  return { ...exchange, staleness: { atMost: 4, weight } };
};

describe('what a contribution weighs', () => {
  it('are its examples, at most the maximum, where the plan has weights', () => {
    const combine = { kind: 'weighted-mean', maximumWeight: 1000 } as const;
    expect([1, 600, 1000, 5000].map((examples) => exampleWeight(combine, examples))).toEqual([1, 600, 1000, 1000]);
    expect(exampleWeight({ kind: 'mean' }, 600)).toBeUndefined();
    for (const examples of [0, -1, 1.5]) expect(() => exampleWeight(combine, examples)).toThrow(/examples/);
  });

  it('falls with the age of its model as (1 + versions)^(−1/2), and nothing beyond the bound is weighed', () => {
    const staleness = asynchronous('inverse-square-root');
    for (const age of [0, 1, 2, 3, 4]) expect(staleWeight(staleness, age)).toBeCloseTo((1 + age) ** -0.5, 15);
    expect([0, 4].map((age) => staleWeight(asynchronous('constant'), age))).toEqual([1, 1]);
    for (const age of [5, -1, 0.5]) expect(() => staleWeight(staleness, age)).toThrow(/versions old/);
  });

  it('is applied by the participant to its update', () => {
    expect([...weighted(Float32Array.of(1, -2), 0.5)]).toEqual([0.5, -1]);
  });
});
