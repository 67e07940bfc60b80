// A plan has one name wherever it is read: the same canonical text, the same hash, the same ε in Node and in a browser.
import { loadWebPrimitives } from '@sumus/platform/web';
import { expect, it } from 'vitest';
import { canonicalPlan, planId } from './identity.ts';
import { epsilonAfter } from './price.ts';
import { checkedPlan, samplePlan } from './sample-plans.contract.ts';

it('has the known identity', async () => {
  const primitives = await loadWebPrimitives();
  expect(planId(primitives, checkedPlan())).toBe('faf3e15d0ccf89c7f2c64ad6de3bbd745454fd0d4cd838a7c7af4ecef2ab3120');
  expect(canonicalPlan(checkedPlan())).toMatch(/^\{"batching":\{"countedIn":"rows",/);
});

it('costs the same', () => {
  const answer = epsilonAfter(checkedPlan(samplePlan({ epsilon: 3 })), 20);
  expect(answer).toMatchObject({ kind: 'bound', accountant: 'Rényi', epsilon: expect.closeTo(3.014534, 5) });
});
