// What the demonstration trains: plans with everything on that a careful owner would have on. `ridge` is learned from one sum: statistics of
// scattering features (one-round), with noise of which no more is made than the promised ε needs. `lenet` is a network, by clipped steps.
import { architectureData } from '@sumus/federation/model';
import {
  type CheckedPlan,
  checkPlan,
  type Plan,
  planTemplate,
  problemLines,
  type TemplateOptions,
  withLeastNoise,
} from '@sumus/federation/plan';
import { parameterCount, zoo } from '@sumus/learning/model';

export const demoModels = ['ridge', 'lenet'] as const;
export type DemoModel = (typeof demoModels)[number];

export interface DemoPlanOptions {
  readonly model: DemoModel;
  readonly participants: number;
  /** Of each participant. */
  readonly records: number;
  readonly epsilon: number;
  readonly delta: number;
  /** The key that vouches for participants, hexadecimal. */
  readonly authority: string;
  readonly endsAtMs: number;
}

/** Who may tell others its noise: the rest makes all of it. One of five. */
const corruptOf = (participants: number): number => Math.floor(participants / 5);

export function demoPlan(options: DemoPlanOptions): CheckedPlan {
  const plan = options.model === 'ridge' ? ridgePlan(options) : networkPlan(options);
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
  return check.plan;
}

const templateOf = ({ participants, authority, endsAtMs, epsilon, delta }: DemoPlanOptions): TemplateOptions => ({
  name: 'digits',
  purpose: 'To show a private training on one machine.',
  architecture: architectureData(zoo('logistic')),
  parameterCount: parameterCount(zoo('logistic')),
  loss: 'crossEntropy',
  firstWeightsSeed: 1,
  schedule: 'synchronous',
  protection: 'one-shot',
  reason: 'a demonstration on published digits',
  // All of them: the noise of a sum is made by who is in it.
  minimumContributors: participants,
  maximumContributors: participants,
  rounds: 1,
  epsilon,
  delta,
  unit: 'record',
  uploadFraction: 1,
  batchSize: 64,
  learningRate: 0.1,
  minimumUnits: 100,
  authority,
  endsAtMs,
});

const FEATURES = 256;

const ridgePlan = (options: DemoPlanOptions): Plan =>
  planTemplate({
    ...templateOf(options),
    schedule: 'one-round',
    features: { kind: 'scattering', count: FEATURES },
    recordsEach: options.records,
  });

const NETWORK = { rounds: 40, rate: 0.1, learningRate: 2, clippingNorm: 0.5 } as const;

function networkPlan(options: DemoPlanOptions): Plan {
  const { participants, records } = options;
  const { rounds, rate, learningRate, clippingNorm } = NETWORK;
  const network = zoo('lenet');
  const base = planTemplate({
    ...templateOf(options),
    architecture: architectureData(network),
    parameterCount: parameterCount(network),
    // Over forty rounds of a million and a half words masks take about half the time.
    protection: 'mask',
    rounds,
    learningRate,
    batchSize: rate * records,
  });
  const { privacy } = base;
  if (privacy.kind !== 'central') throw new RangeError('the template promises another privacy');
  return withLeastNoise({
    ...base,
    batching: { ...base.batching, sampling: { kind: 'poisson', rate, divisor: rate * records } },
    // A whole batch in one direction, and half of it more for a larger draw.
    encoding: { clippingNorm: 1.5 * clippingNorm * learningRate, valueBits: 20, rotation: 'hadamard' },
    privacy: { ...privacy, clippingNorm, corruptContributors: corruptOf(participants) },
  });
}
