// The plans of the bench: a small one that is over in seconds, LeNet on digits, and one upload of a million parameters.

import { architectureData } from '@sumus/federation/model';
import {
  type CheckedPlan,
  checkPlan,
  type Plan,
  type Protection,
  planTemplate,
  problemLines,
} from '@sumus/federation/plan';
import { architecture, parameterCount, zoo } from '@sumus/learning/model';
import type { OwnerKeys } from './owner.ts';

export interface BenchPlan {
  readonly name: string;
  readonly protection: Protection['kind'];
  readonly participants: number;
  readonly rounds: number;
  readonly model: 'lenet' | { readonly inputs: number; readonly width: number };
  readonly batchSize: number;
  readonly roundSeconds: number;
}

export function planFor(
  { name, protection, participants, rounds, model, batchSize, roundSeconds }: BenchPlan,
  { authority }: OwnerKeys,
): CheckedPlan {
  const network =
    model === 'lenet'
      ? zoo('lenet')
      : architecture({ input: [model.inputs], layers: [{ kind: 'dense', units: model.width }] });
  const template = planTemplate({
    name,
    purpose: 'To see what a server costs.',
    architecture: architectureData(network),
    parameterCount: parameterCount(network),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection,
    reason: 'numbers that belong to nobody',
    minimumContributors: Math.max(3, Math.ceil(0.8 * participants)),
    maximumContributors: participants,
    rounds,
    epsilon: null,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize,
    learningRate: 0.05,
    minimumUnits: batchSize,
    authority: Buffer.from(authority.publicKey).toString('hex'),
    endsAtMs: Date.now() + 86_400_000,
  });
  const plan: Plan = { ...template, metrics: [], deadline: { ...template.deadline, roundSeconds } };
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
  return check.plan;
}
