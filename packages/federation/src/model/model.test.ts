import { initialWeights, zoo } from '@sumus/learning/model';
import { describe, expect, it } from 'vitest';
import { checkedPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import { architectureOf, firstWeightsOf } from './index.ts';

const withModel = (changes: object) => checkedPlan({ ...samplePlan(), model: { ...samplePlan().model, ...changes } });

describe("a plan's network", () => {
  it('is the architecture that was written down, with first weights by the seed', () => {
    expect(architectureOf(checkedPlan())).toEqual(zoo('logistic'));
    expect(firstWeightsOf(checkedPlan())).toEqual(initialWeights(zoo('logistic'), 7));
    expect(firstWeightsOf(withModel({ firstWeightsSeed: 8 }))).not.toEqual(firstWeightsOf(checkedPlan()));
  });

  it('is refused where the count is not its own, naming the right one', () => {
    expect(() => architectureOf(withModel({ parameterCount: 7851 }))).toThrow('write 7850');
  });

  it('is refused where learning does not know a layer', () => {
    const plan = withModel({ architecture: { input: [784], layers: [{ kind: 'imprint', units: 10 }] } });
    expect(() => architectureOf(plan)).toThrow('imprint');
  });
});
