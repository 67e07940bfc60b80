// Plans for tests: a small network under each protection, and with each promise of privacy.
import { type Architecture, parameterCount, zoo } from '@sumus/learning/model';
import { architectureData } from '../model/index.ts';
import { type CheckedPlan, checkPlan } from './check.ts';
import type { Plan } from './plan.ts';
import { problemLines } from './plan-file.ts';
import type { TablePreparation } from './preparation.ts';
import { planTemplate, type TemplateOptions } from './template.ts';

const logistic: Architecture = zoo('logistic');

export const sampleOptions: TemplateOptions = {
  name: 'digits',
  purpose: 'Three hospitals learn to read digits.',
  architecture: architectureData(logistic),
  parameterCount: parameterCount(logistic),
  loss: 'crossEntropy',
  firstWeightsSeed: 7,
  schedule: 'synchronous',
  protection: 'mask',
  reason: 'the digits are published already',
  minimumContributors: 9,
  maximumContributors: 30,
  rounds: 20,
  epsilon: null,
  delta: 1e-6,
  unit: 'record',
  uploadFraction: 1,
  batchSize: 10,
  learningRate: 0.05,
  minimumUnits: 100,
  authority: 'ab'.repeat(32),
  endsAtMs: 1_800_000_000_000,
};

/** Unchecked: what a test bends. */
export const samplePlan = (options: Partial<TemplateOptions> = {}): Plan =>
  planTemplate({ ...sampleOptions, ...options });

export function checkedPlan(plan: unknown = samplePlan()): CheckedPlan {
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new Error(problemLines(check.problems).join('\n'));
  return check.plan;
}

export const oneRoundPlan = (): Plan => ({
  ...samplePlan({ epsilon: 3, rounds: 1 }),
  exchange: {
    schedule: 'one-round',
    statistics: 'ridge',
    features: 'scattering',
    featureCount: 60,
    classes: 10,
    radius: 1,
    ridge: 1e-3,
  },
  encoding: { clippingNorm: 1000, valueBits: 20, rotation: 'hadamard' },
  privacy: {
    kind: 'central',
    unit: 'record',
    adjacency: 'add-remove',
    delta: 1e-6,
    epsilonAtMost: 8,
    noise: 'discrete-gaussian',
    noiseMultiplier: 3,
    clippingNorm: 1.5,
    corruptContributors: 3,
    amplification: { by: 'nothing' },
  },
});

/** The sample's 784 inputs as columns of a table; the first one's mean and deviation are summed. */
export const withTable = (change: Partial<TablePreparation> = {}, plan: Plan = samplePlan()): Plan => ({
  ...plan,
  preparation: {
    kind: 'table',
    columns: Array.from({ length: 784 }, (_, i) => ({ name: `c${i}`, type: 'number' })),
    target: { column: 'ill', classes: ['yes', 'no'] },
    steps: [{ kind: 'standard', column: 'c0', bounds: [0, 1] }],
    rowsAtMost: 1000,
    ...change,
  },
});
