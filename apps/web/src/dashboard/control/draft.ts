// A plan from what an owner wrote down, checked, with the least noise that keeps its ε, and explained. In a worker: noise is sought for seconds.
import { explain } from '@sumus/federation/explain';
import { architectureData } from '@sumus/federation/model';
import { checkPlan, planTemplate, problemLines, withLeastNoise } from '@sumus/federation/plan';
import { parameterCount, zoo } from '@sumus/learning/model';
import type { Draft, DraftOptions } from '../privacy/accountant-messages.ts';

export function draftOf({ model, ...rest }: DraftOptions): Draft {
  const architecture = zoo(model);
  const draft = planTemplate({
    ...rest,
    architecture: architectureData(architecture),
    parameterCount: parameterCount(architecture),
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    uploadFraction: 1,
  });
  const first = checkPlan(draft);
  if (first.kind === 'invalid') return { kind: 'problems', problems: problemLines(first.problems) };
  const check = checkPlan(withLeastNoise(draft));
  if (check.kind === 'invalid') return { kind: 'problems', problems: problemLines(check.problems) };
  return { kind: 'plan', plan: check.plan, explanation: explain(check.plan) };
}
