// On a sparse graph of mask several partial sums can be opened. Noise that is scaled to more contributors than one of them has is too little, and
// the ε that a plan promises would be false: refused by the plan's rules, and by every participant when it sees the roster.

import { expect, it } from 'vitest';
import { checkPlan } from '../plan/check.ts';
import type { Plan } from '../plan/plan.ts';
import { samplePlan } from '../plan/sample-plans.contract.ts';
import { noiseOf, partialSumOf } from '../plan/sums.ts';
import { requireWholeNoise } from './noise-of-sum.ts';

const many = (corruptContributors: number, graph: 'sparse' | 'complete' = 'sparse'): Plan => {
  const plan = samplePlan({ epsilon: 8, minimumContributors: 150, maximumContributors: 200 });
  if (plan.privacy.kind !== 'central') throw new Error('a plan without noise');
  return {
    ...plan,
    privacy: { ...plan.privacy, corruptContributors, noiseMultiplier: 5 },
    protection: { kind: 'mask', graph, corruptFraction: 0.1, dropoutFraction: 0.1 },
  };
};

const problems = (plan: Plan): readonly string[] => {
  const check = checkPlan(plan);
  return check.kind === 'invalid' ? check.problems.map(({ path, what }) => `${path} ${what}`) : [];
};

it('a plan whose noise is not all in each partial sum of a sparse graph is refused', () => {
  const plan = many(20);
  expect(noiseOf(plan)?.shares).toBe(130);
  expect(partialSumOf(plan, 200)).toBe(21);
  expect(problems(plan).join()).toMatch(/is sparse, where a sum of \d+ honest contributors can be opened/);
  expect(problems(many(20, 'complete')).join()).not.toMatch(/is sparse/);
  expect(problems(many(135)).join()).not.toMatch(/is sparse/);
});

it('a participant that sees a roster on whose graph the noise would be short does not share', () => {
  expect(() => requireWholeNoise(many(20), 200)).toThrow(/the noise is made by 130/);
  // So few that the graph is complete, or as much noise by as few as a partial sum has.
  expect(() => requireWholeNoise(many(20), 12)).not.toThrow();
  expect(() => requireWholeNoise(many(135), 200)).not.toThrow();
  expect(() => requireWholeNoise(many(20, 'complete'), 200)).not.toThrow();
});

it('a template with an ε takes the complete graph', () => {
  expect(samplePlan({ epsilon: 8 }).protection).toMatchObject({ graph: 'complete' });
  expect(samplePlan({ epsilon: null }).protection).toMatchObject({ graph: 'sparse' });
});
