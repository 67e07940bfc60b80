// The part of a template that is of one round: statistics instead of gradients, noise as little as the ε allows, and a ridge that fits that
// noise. See template.ts, which fills in the rest.

import { centredOneHotNorm } from '@sumus/differential-privacy/sensitivity';
import { ParameterError } from '../errors.ts';
import { withLeastNoise } from './calibration.ts';
import type { Plan } from './plan.ts';
import { statisticsNorm } from './privacy-rules.ts';
import { noiseOf } from './sums.ts';

export interface FeaturesWanted {
  /** The data as they are, or their wavelet scattering (images of 28 × 28). */
  readonly kind: 'scattering' | 'inputs';
  /** How many; fewer than there are come out of a public random projection. */
  readonly count: number;
}

export interface OneRoundWanted {
  readonly features: FeaturesWanted;
  readonly recordsEach: number;
}

/** Where nothing blurs the statistics: small against what 512 features of some thousand records leave. */
const RIDGE_WITHOUT_NOISE = 1e-4;
/** Of the largest eigenvalue that noise alone has; tried on digits from 1,600 to 60,000 records, where half and twice of it lose 1 %. */
const SHARE_OF_NOISE = 0.3;
/** A participant of more records than this many times `recordsEach` is clipped: it weighs less. */
const ROOM = 2;

/** The same plan with an exchange of one round. Its noise is the least that keeps the ε. */
export function asOneRound(base: Plan, { features, recordsEach }: OneRoundWanted): Plan {
  const classes = classesIn(base);
  const plan: Plan = {
    ...base,
    exchange: {
      schedule: 'one-round',
      statistics: 'ridge',
      features: features.kind,
      featureCount: features.count,
      classes,
      radius: 1,
      ridge: RIDGE_WITHOUT_NOISE,
    },
    preparation: { kind: 'as-given' },
    batching: { ...base.batching, sampling: { kind: 'full' } },
    metrics: [],
    stopping: { rounds: 1, patienceRounds: null },
    // Records that are all alike are the longest vector there is: (XᵀX, XᵀY) of one of length 1 has norm √(1 + ‖y‖²).
    encoding: {
      ...base.encoding,
      clippingNorm: Math.ceil(ROOM * recordsEach * Math.hypot(1, centredOneHotNorm(classes))),
    },
  };
  if (plan.privacy.kind !== 'central') return plan;
  const bounded: Plan = {
    ...plan,
    privacy: { ...plan.privacy, clippingNorm: statisticsNorm(plan), amplification: { by: 'nothing' } },
  };
  return bounded.privacy.kind === 'central' && bounded.privacy.unit === 'record'
    ? withFittingRidge(withLeastNoise(bounded), plan.contributors.minimum * recordsEach)
    : bounded;
}

/**
 * Noise of deviation σ in XᵀX is a symmetric matrix of deviation σ/√2 off its diagonal, whose largest eigenvalue is √2·σ·√d (Wigner): what the
 * ridge has to hold down. λ is on the mean of squares, so it is divided by the records of the fewest contributors.
 */
function withFittingRidge(plan: Plan, records: number): Plan {
  const { exchange } = plan;
  if (exchange.schedule !== 'one-round') return plan;
  const largest = Math.SQRT2 * (noiseOf(plan)?.stddev ?? 0) * Math.sqrt(exchange.featureCount);
  const ridge = Number(((SHARE_OF_NOISE * largest) / records).toPrecision(3));
  return { ...plan, exchange: { ...exchange, ridge: Math.max(ridge, RIDGE_WITHOUT_NOISE) } };
}

function classesIn({ model: { architecture } }: Plan): number {
  const units = architecture.layers.at(-1)?.['units'];
  if (typeof units !== 'number') throw new ParameterError('a model that ends in no dense layer tells no classes apart');
  return units;
}
