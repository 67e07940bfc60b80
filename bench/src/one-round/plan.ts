// The plan of a one-round run on MNIST with a promised ε, noise as little as it allows, and the ridge that fits that noise.

import { architectureData } from '@sumus/federation/model';
import {
  type CheckedPlan,
  checkPlan,
  noiseOf,
  type Plan,
  planTemplate,
  statisticsNorm,
  withLeastNoise,
} from '@sumus/federation/plan';
import { parameterCount, zoo } from '@sumus/learning/model';

export interface OneRoundVariant {
  readonly epsilon: number;
  readonly participants: number;
  readonly corrupt: number;
  readonly featureCount: number;
  /** Of all participants together: only the ridge stands on it. */
  readonly records: number;
}

export function oneRoundPlan(variant: OneRoundVariant): CheckedPlan {
  const noisy = withLeastNoise(unfinished(variant));
  const { exchange } = noisy;
  if (exchange.schedule !== 'one-round') throw new Error('rounds');
  // The noise of XᵀX is a symmetric Gaussian matrix of deviation σ/√2 off its diagonal: its largest eigenvalue is √2·σ·√d.
  const { featureCount, records } = variant;
  const ridge = (0.3 * Math.SQRT2 * (noiseOf(noisy)?.stddev ?? 0) * Math.sqrt(featureCount)) / records;
  const check = checkPlan({ ...noisy, exchange: { ...exchange, ridge: Number(ridge.toPrecision(3)) } });
  if (check.kind === 'invalid') throw new Error(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
  return check.plan;
}

function unfinished({ epsilon, participants, corrupt, featureCount, records }: OneRoundVariant): Plan {
  const architecture = zoo('logistic');
  const base = planTemplate({
    name: 'one-round',
    purpose: 'A bench.',
    architecture: architectureData(architecture),
    parameterCount: parameterCount(architecture),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'a bench on published digits',
    minimumContributors: participants,
    maximumContributors: participants,
    rounds: 1,
    epsilon: null,
    delta: 1e-5,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 10,
    learningRate: 0.05,
    minimumUnits: 10,
    authority: null,
    endsAtMs: 1_800_000_000_000,
  });
  const plan: Plan = {
    ...base,
    exchange: {
      schedule: 'one-round',
      statistics: 'ridge',
      features: 'scattering',
      featureCount,
      classes: 10,
      radius: 1,
      ridge: 1e-3,
    },
    batching: { ...base.batching, sampling: { kind: 'full' } },
    metrics: [],
    // A participant's records, all alike, are the longest vector there is.
    encoding: { clippingNorm: Math.ceil((1.4 * records) / participants), valueBits: 20, rotation: 'hadamard' },
    privacy: {
      kind: 'central',
      unit: 'record',
      adjacency: 'add-remove',
      delta: 1e-5,
      epsilonAtMost: epsilon,
      noise: 'discrete-gaussian',
      noiseMultiplier: 1,
      clippingNorm: 2,
      corruptContributors: corrupt,
      amplification: { by: 'nothing' },
    },
  };
  const { privacy } = plan;
  if (privacy.kind !== 'central') throw new Error('no central privacy');
  return { ...plan, privacy: { ...privacy, clippingNorm: statisticsNorm(plan) } };
}
