// The plan of a linear model on scattering features that is trained by DP-SGD over participants: one clipped step a round on Poisson batches
// of each participant's own, with as little discrete Gaussian noise as the promised ε allows.

import { architectureData } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, type Plan, planTemplate, withLeastNoise } from '@sumus/federation/plan';
import { type Architecture, architecture, parameterCount } from '@sumus/learning/model';

export interface PrivateLinear {
  readonly epsilon: number;
  readonly participants: number;
  readonly corrupt: number;
  readonly featureCount: number;
  /** Of each participant: public, and what batches are sized by. */
  readonly records: number;
  /** Of all participants together, on average. */
  readonly batch: number;
  readonly rounds: number;
  readonly clippingNorm: number;
  readonly learningRate: number;
}

export const linear = (featureCount: number): Architecture =>
  architecture({ input: [featureCount], layers: [{ kind: 'dense', units: 10 }] });

export function privateLinearPlan(wanted: PrivateLinear): CheckedPlan {
  const check = checkPlan(withLeastNoise(unfinished(wanted)));
  if (check.kind === 'invalid') throw new Error(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
  return check.plan;
}

function unfinished(wanted: PrivateLinear): Plan {
  const { epsilon, participants, corrupt, featureCount, records, batch, rounds, clippingNorm, learningRate } = wanted;
  const model = linear(featureCount);
  const rate = batch / (records * participants);
  const base = planTemplate({
    name: 'private-linear',
    purpose: 'A bench.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'a bench on published digits',
    minimumContributors: participants,
    maximumContributors: participants,
    rounds,
    epsilon,
    delta: 1e-5,
    unit: 'record',
    uploadFraction: 1,
    batchSize: rate * records,
    learningRate,
    minimumUnits: 100,
    authority: null,
    endsAtMs: 1_800_000_000_000,
  });
  const { privacy } = base;
  if (privacy.kind !== 'central') throw new Error('no central privacy');
  return {
    ...base,
    batching: { ...base.batching, sampling: { kind: 'poisson', rate, divisor: rate * records } },
    // A whole batch in one direction, and twice of it: a larger draw is cut, which costs accuracy once in never.
    encoding: { clippingNorm: 2 * clippingNorm * learningRate, valueBits: 22, rotation: 'hadamard' },
    privacy: { ...privacy, clippingNorm, corruptContributors: corrupt },
  };
}
