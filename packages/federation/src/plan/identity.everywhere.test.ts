// A plan has one name wherever it is read: the same canonical text, the same hash, the same ε in Node and in a browser.
import { loadWebPrimitives } from '@sumus/platform/web';
import { expect, it } from 'vitest';
import { canonicalPlan, planId } from './identity.ts';
import { epsilonAfter } from './price.ts';
import { checkedPlan, samplePlan } from './sample-plans.contract.ts';

it('has the known identity', async () => {
  const primitives = await loadWebPrimitives();
  expect(planId(primitives, checkedPlan())).toBe('0a23d7e8c91762e6e0464fa46754ac2043938fd4e0da7c972e2cc378c9e64f15');
  expect(canonicalPlan(checkedPlan())).toMatch(/^\{"batching":\{"countedIn":"rows",/);
});

it('costs the same', () => {
  const answer = epsilonAfter(checkedPlan(samplePlan({ epsilon: 3 })), 20);
  expect(answer).toMatchObject({ kind: 'bound', accountant: 'Rényi', epsilon: expect.closeTo(3.014534, 5) });
});
