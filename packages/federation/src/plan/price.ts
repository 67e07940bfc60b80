// What a plan's round costs, as a mechanism of differential-privacy, and what the run costs at its end. Who draws noise draws what is
// priced here; the ledger charges the same value.
//
//   central   a sum of h honest shares of discrete noise on the quantiser's grid; the sensitivity is the unit's norm C (2C where one unit
//             is replaced) and √d steps of rounding (for a replaced one 2√d), added: no randomness of rounding is relied on
//   local     the same with one share, each participant's own
//   columns   the one sum before the first round: the same words and noise, moved by clip / rowsAtMost (preparation.ts)
//   own batches   Poisson of the plan's rate, drawn by the participant: nobody else sees them
//   cohort    no discount: the server sees who is in it (q = 1), and its price is what is charged. Those who do not see the cohort learn less;
//             no number is claimed for them, because cohorts are of fixed size and noise is discrete
//   sparse vector   pure: c uploads of epsilonPerUpload each, c = ⌈θ_u·P⌉

import { type Answer, tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { type Mechanism, under } from '@sumus/differential-privacy/mechanisms';
import type { Encoding as WordEncoding } from '@sumus/secure-sum/encoding';
import { ParameterError } from '../errors.ts';
import { columnSumsOf, sumsBeforeRounds } from './column-sums.ts';
import type { CentralPrivacy, LocalPrivacy, Plan, Promised } from './plan.ts';
import { statisticsNorm } from './privacy-rules.ts';
import { noiseOf, type PlannedNoise, unitNormOf, wordEncodingOf } from './sums.ts';

/** The cost of one round to one unit, against everybody who sees what is released; undefined where nothing is promised. */
export function priceOfRound(plan: Plan): Mechanism | undefined {
  const { privacy, batching } = plan;
  switch (privacy.kind) {
    case 'none':
      return undefined;
    case 'central': {
      const sum = noisySum(plan, privacy);
      if (privacy.amplification.by !== 'own-batches' || batching.sampling.kind !== 'poisson') return sum;
      return under(privacy).poissonSampled({ inner: sum, samplingRate: batching.sampling.rate });
    }
    case 'local':
      return noisySum(plan, privacy);
    case 'sparse-vector': {
      const epsilon = sparseVectorEpsilon(plan);
      // 8/9 of ε for threshold and queries in equal parts, 1/9 for the values: selective-sgd §3, as derived there.
      return under(privacy).sparseVector({
        thresholdEpsilon: (4 / 9) * epsilon,
        queriesEpsilon: (4 / 9) * epsilon,
        releaseEpsilon: (1 / 9) * epsilon,
      });
    }
    default:
      return privacy satisfies never;
  }
}

/** ε of one round's uploads under the sparse vector technique: of all c of them, not of one. */
export function sparseVectorEpsilon({ privacy, sharing, model }: Plan): number {
  if (privacy.kind !== 'sparse-vector') return 0;
  return privacy.epsilonPerUpload * Math.ceil(sharing.upload.fraction * model.parameterCount);
}

function noisySum(plan: Plan, privacy: CentralPrivacy | LocalPrivacy): Mechanism {
  const noise = noiseOf(plan);
  if (noise === undefined) throw new ParameterError('this plan has no noise to price');
  const law = privacy.kind === 'central' ? privacy.noise : 'discrete-gaussian';
  return priceOfSum(privacy, { noise, law, encoding: wordEncodingOf(plan), reach: reachOf(plan, privacy) });
}

export interface SumToPrice {
  readonly noise: PlannedNoise;
  readonly law: CentralPrivacy['noise'];
  readonly encoding: WordEncoding;
  /** How far one unit moves the vector under the adjacency, before rounding to whole words. */
  readonly reach: number;
}

/** One sum of whole words with the shares of noise that its encoding declares. */
export function priceOfSum(
  { adjacency, unit }: Pick<Promised, 'adjacency' | 'unit'>,
  { noise: { stddev: noiseStddev, shares }, law, encoding: { scale, windows }, reach }: SumToPrice,
): Mechanism {
  const dimension = windows.length;
  const step = 1 / scale;
  const rounding = step * Math.sqrt(dimension);
  // The mechanism adds √d steps by itself (roundingBias 0); where a unit is replaced there are two roundings.
  const l2Sensitivity = adjacency === 'replace-one' ? reach + rounding : reach;
  const mechanisms = under({ adjacency, unit });
  if (law === 'skellam') {
    return mechanisms.skellam({ l2Sensitivity, dimension, roundingBias: 0, gridScale: scale, noiseStddev });
  }
  return mechanisms.distributedDiscreteGaussian({
    l2Sensitivity,
    dimension,
    roundingBias: 0,
    gridStep: step,
    localStddev: noiseStddev / Math.sqrt(shares),
    participantCount: shares,
  });
}

/** Encoding computes in floats: two vectors of norm C come out at most so much of C further apart than they are. */
export const FLOAT_ALLOWANCE: number = 2 * 2 ** -18;

/** How far one unit moves a sum under its adjacency, before rounding to whole words. */
function reachOf(plan: Plan, { adjacency, unit }: Promised): number {
  const norm = unitNormOf(plan);
  const moved = plan.exchange.schedule === 'one-round' ? Math.max(norm, statisticsNorm(plan)) : norm;
  // A whole vector is within the clip as it is encoded; of a record only the difference is, and both vectors have their errors.
  const arithmetic = unit === 'record' ? plan.encoding.clippingNorm * FLOAT_ALLOWANCE : 0;
  return (adjacency === 'replace-one' ? 2 * moved : moved) + arithmetic;
}

/** What the sum of columns before the first round costs; undefined where there is none, or nothing is promised. */
export function priceOfColumns(plan: Plan): Mechanism | undefined {
  const { preparation, privacy, encoding } = plan;
  const noise = noiseOf(plan);
  if (preparation.kind !== 'table' || columnSumsOf(plan) === 0 || noise === undefined) return undefined;
  if (privacy.kind !== 'central' && privacy.kind !== 'local') return undefined;
  // All words of a participant are within the clip; a row is so many times less.
  const norm = privacy.unit === 'participant' ? encoding.clippingNorm : encoding.clippingNorm / preparation.rowsAtMost;
  const moved = privacy.adjacency === 'replace-one' ? 2 * norm : norm;
  const law = privacy.kind === 'central' ? privacy.noise : 'discrete-gaussian';
  const reach = moved + encoding.clippingNorm * FLOAT_ALLOWANCE;
  return priceOfSum(privacy, { noise, law, encoding: wordEncodingOf(plan), reach });
}

/**
 * ε after so many sums of the run by the tightest accountant, that of columns the first of them; undefined where nothing is promised. Of a whole
 * run: sumsInPlan(plan) of them.
 */
export function epsilonAfter(plan: Plan, sums: number): Answer | undefined {
  const { privacy } = plan;
  if (privacy.kind === 'none') return undefined;
  const price = priceOfRound(plan);
  if (price === undefined) return undefined;
  const columns = sums > 0 ? priceOfColumns(plan) : undefined;
  const rounds = sums - (columns === undefined ? 0 : 1);
  const before = columns === undefined ? [] : [columns];
  if (before.length > 0 && rounds === 0) return tightestEpsilon(before, privacy.delta);
  return tightestEpsilon([...before, under(privacy).repetition({ inner: price, count: rounds })], privacy.delta);
}

/** How many of the plan's rounds its own epsilonAtMost pays for. */
export function roundsWithinBudget(plan: Plan): number {
  const { privacy, stopping } = plan;
  if (privacy.kind === 'none') return stopping.rounds;
  const isPaid = (rounds: number): boolean => {
    const answer = epsilonAfter(plan, sumsBeforeRounds(plan) + rounds);
    return answer?.kind === 'bound' && answer.epsilon <= privacy.epsilonAtMost;
  };
  if (isPaid(stopping.rounds)) return stopping.rounds;
  let [paid, unpaid] = [0, stopping.rounds];
  while (unpaid - paid > 1) {
    const middle = Math.floor((paid + unpaid) / 2);
    if (isPaid(middle)) paid = middle;
    else unpaid = middle;
  }
  return paid;
}
