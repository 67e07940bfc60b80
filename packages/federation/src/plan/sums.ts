// What follows from a plan for one sum: how long the vector is, how many are in it, how floats become its words, and what a contribution
// weighs in bytes by secure-sum's own formulas. A coordinator may enter: nothing here knows a secret, an architecture or data.
//
//   coordinates   P, or ⌈f·P⌉ of a shared support of fraction f; twice with control variates; d(d+1)/2 + d·K statistics of one round
//   noise         σ = noiseMultiplier · clip in all, by the fewest honest contributors h: σ²/h each, in steps of the quantiser

import { LARGEST_STDDEV, LARGEST_VARIANCE } from '@sumus/differential-privacy/noise';
import { defineEncoding, participantNoiseVariance, type Encoding as WordEncoding } from '@sumus/secure-sum/encoding';
import { type MaskParameters, parametersFor, sparseParameters } from '@sumus/secure-sum/mask/coordinator';
import {
  contributionBytesAtMost,
  type OneShotLiteral,
  type OneShotParameters,
  oneShotParameters,
  usefulPackings,
} from '@sumus/secure-sum/one-shot/coordinator';
import { ParameterError } from '../errors.ts';
import { columnSumsOf } from './column-sums.ts';
import { metricCounters } from './metrics.ts';
import type { Plan } from './plan.ts';

/** Numbers of the vector that a participant shares in a round. */
export function vectorLengthOf({ exchange, model, sharing }: Plan): number {
  if (exchange.schedule === 'one-round') {
    const { featureCount: d, classes } = exchange;
    return (d * (d + 1)) / 2 + d * classes;
  }
  const { support } = sharing;
  const coordinates =
    support.kind === 'random' || support.kind === 'guided'
      ? Math.max(1, Math.ceil(support.fraction * model.parameterCount))
      : model.parameterCount;
  return exchange.localWork.correction.kind === 'control-variates' ? 2 * coordinates : coordinates;
}

/** Fewest and most contributions that one published sum has. */
export function contributionsInSum({ exchange, contributors, robustness }: Plan): {
  readonly fewest: number;
  readonly most: number;
} {
  const { minimum, maximum } = contributors;
  switch (exchange.schedule) {
    case 'synchronous': {
      const most = exchange.cohort.kind === 'sampled' ? Math.min(exchange.cohort.size, maximum) : maximum;
      if (robustness.kind === 'none') return { fewest: Math.min(minimum, most), most };
      return {
        fewest: Math.floor(Math.min(minimum, most) / robustness.cohorts),
        most: Math.ceil(most / robustness.cohorts),
      };
    }
    case 'round-robin':
    case 'random-order':
      return exchange.release.after === 'turn' ? { fewest: 1, most: 1 } : { fewest: minimum, most: maximum };
    case 'asynchronous':
      if (exchange.release.after === 'turn') return { fewest: 1, most: 1 };
      return { fewest: exchange.buffer, most: Math.max(exchange.buffer, 1) };
    case 'one-round':
      return { fewest: minimum, most: maximum };
    default:
      return exchange satisfies never;
  }
}

/** The smallest w with n · (2^b − 1) < 2^w. */
export const wordBitsFor = (contributions: number, valueBits: number): number =>
  (BigInt(contributions) * (2n ** BigInt(valueBits) - 1n)).toString(2).length;

/** The discrete noise that contributors add: what its sum deviates by, in the vector's units, and how many surely make it. */
export interface PlannedNoise {
  readonly stddev: number;
  readonly shares: number;
}

/** Central: the fewest honest contributors make it together. Local: each makes all of it. Undefined where none is added to words. */
export function noiseOf(plan: Plan): PlannedNoise | undefined {
  const { privacy } = plan;
  if (privacy.kind !== 'central' && privacy.kind !== 'local') return undefined;
  const stddev = privacy.noiseMultiplier * unitNormOf(plan);
  return {
    stddev,
    shares: privacy.kind === 'local' ? 1 : contributionsInSum(plan).fewest - privacy.corruptContributors,
  };
}

/**
 * How many other honest contributors are in anything that can be opened of a round of mask with so many members: t − c on a sparse graph, where
 * several partial sums may be opened (protocol §6.3). Undefined where one sum is opened, of all contributors.
 */
export function partialSumOf({ protection }: Pick<Plan, 'protection'>, members: number): number | undefined {
  if (protection.kind !== 'mask' || protection.graph !== 'sparse') return undefined;
  const parameters = sparseParameters(members, protection);
  return parameters && parameters.threshold - parameters.corrupt;
}

/**
 * What one unit moves a participant's vector by, at most, in the vector's own units. A participant: its clipping norm. A record: its
 * clipped gradient C, divided by the public divisor and multiplied by the learning rate of the one step that is shared.
 */
export function unitNormOf({ privacy, exchange, batching }: Pick<Plan, 'privacy' | 'exchange' | 'batching'>): number {
  if (privacy.kind === 'none' || privacy.kind === 'sparse-vector') return 0;
  const { clippingNorm } = privacy;
  if (privacy.unit === 'participant' || exchange.schedule === 'one-round') return clippingNorm;
  return (clippingNorm * exchange.localWork.optimiser.learningRate) / divisorOf(batching);
}

/** What a sum of gradients is divided by: public, whoever takes part. A full batch is shared as a sum. */
export function divisorOf({ sampling }: Plan['batching']): number {
  switch (sampling.kind) {
    case 'poisson':
      return sampling.divisor;
    case 'shuffled':
      return sampling.batchSize;
    case 'full':
      return 1;
    default:
      return sampling satisfies never;
  }
}

/** How floats become words: the same for everybody, with and without protection. Refuses what leaves no room for the noise. */
export function wordEncodingOf(plan: Plan): WordEncoding {
  const { encoding, exchange } = plan;
  const { most } = contributionsInSum(plan);
  const weights =
    exchange.schedule !== 'one-round' && exchange.combine.kind === 'weighted-mean'
      ? { maximumWeight: exchange.combine.maximumWeight }
      : {};
  const withNoise = (variance: number | undefined): WordEncoding =>
    defineEncoding({
      // All sums of a run are of one length: what a round does not need of it is zero.
      vectorLength: Math.max(vectorLengthOf(plan), columnSumsOf(plan)),
      clippingNorm: encoding.clippingNorm,
      valueBits: encoding.valueBits,
      wordBits: packedWordBitsOf(plan),
      maximumContributors: most,
      rotation: encoding.rotation,
      counters: metricCounters(plan),
      ...weights,
      ...(variance === undefined ? {} : { noise: { name: noiseName(plan), variance } }),
    });
  const noise = noiseOf(plan);
  return noise === undefined ? withNoise(undefined) : roomForNoise(withNoise, noise);
}

/** The encoding that declares as much noise as its own scale asks for. Refuses what leaves no room for it, and what no sampler draws. */
export function roomForNoise(
  withNoise: (variance: number | undefined) => WordEncoding,
  { stddev, shares }: PlannedNoise,
): WordEncoding {
  // The more noise is declared, the smaller the steps' scale and the less of it is needed: one crossing, sought from the safe side.
  const needed = (scale: number): number =>
    participantNoiseVariance((stddev * scale) ** 2, { fewestContributors: shares, corrupt: 0 });
  const quiet = withNoise(undefined);
  let [low, high] = [0, needed(quiet.scale)];
  let best: WordEncoding | undefined;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    let tried: WordEncoding | undefined;
    try {
      tried = withNoise(middle);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ParameterError')) throw error;
    }
    if (tried === undefined || needed(tried.scale) <= middle) {
      if (tried !== undefined) best = tried;
      high = middle;
    } else low = middle;
  }
  if (best === undefined) {
    throw new ParameterError(
      `${quiet.valueBits} bits a value leave no room beside noise of deviation ${stddev}: more valueBits, or less noise`,
    );
  }
  requireSampler(best);
  return best;
}

/** Noise on so fine a grid that no sampler draws it would be found out in the first round only. */
function requireSampler({ noise, valueBits }: WordEncoding): void {
  if (noise === undefined) return;
  const most = noise.name === 'skellam' ? LARGEST_VARIANCE : (LARGEST_STDDEV * (1 - 1e-6)) ** 2;
  if (noise.variance * (1 + 1e-6) <= most) return;
  throw new ParameterError(
    `with ${valueBits} bits a value, ${noise.name} noise deviates by ${Math.sqrt(noise.variance)} steps, more than ${Math.sqrt(most)} that can be drawn: fewer valueBits`,
  );
}

const noiseName = ({ privacy }: Plan): string => (privacy.kind === 'central' ? privacy.noise : 'discrete-gaussian');

/** w: as few bits as the strict rule allows, or what the packing of one-shot gives for nothing. */
export function packedWordBitsOf(plan: Plan): number {
  const { most } = contributionsInSum(plan);
  const { valueBits } = plan.encoding;
  if (plan.protection.kind !== 'one-shot') return wordBitsFor(most, valueBits);
  return packingOf(plan).wordBits;
}

/** The packing of the fewest bytes that holds values of so many bits. */
function packingOf(plan: Plan): { readonly wordsPerCoefficient: number; readonly wordBits: number } {
  const { most } = contributionsInSum(plan);
  const packing = usefulPackings(most).findLast(({ valueBits }) => valueBits >= plan.encoding.valueBits);
  if (packing === undefined) {
    throw new ParameterError(`no packing of one-shot holds ${most} values of ${plan.encoding.valueBits} bits`);
  }
  return packing;
}

/** The literal that a round of one-shot is made from: parameters, flush and versions. */
export function oneShotLiteralOf(plan: Plan): OneShotLiteral {
  const { protection, exchange, openedTo, encoding } = plan;
  if (protection.kind !== 'one-shot') throw new ParameterError(`the protection of this plan is ${protection.kind}`);
  const { fewest, most } = contributionsInSum(plan);
  const { wordsPerCoefficient, wordBits } = packingOf(plan);
  return {
    vectorLength: wordEncodingOf(plan).words,
    maximumContributors: most,
    minimumContributors: fewest,
    wordBits,
    wordsPerCoefficient,
    valueBits: encoding.valueBits,
    committee: protection.committee,
    openedTo,
    ...(exchange.schedule === 'asynchronous'
      ? {
          flushes: {
            contributions: exchange.buffer,
            versionsOld: exchange.staleness.atMost,
            contributionsEach: 65_536,
          },
        }
      : {}),
  };
}

export const oneShotOf = (plan: Plan): OneShotParameters => oneShotParameters(oneShotLiteralOf(plan));

/** Graph and thresholds of a round of mask with so many members. */
export function maskParametersOf(plan: Plan, members: number): MaskParameters {
  const { protection, encoding } = plan;
  if (protection.kind !== 'mask') throw new ParameterError(`the protection of this plan is ${protection.kind}`);
  const { graph, corruptFraction, dropoutFraction } = protection;
  const words = wordEncodingOf(plan);
  // Only protocol, own and wordBits are looked at.
  return parametersFor(
    {
      protocol: 'mask',
      vectorLength: words.words,
      wordBits: words.wordBits,
      valueBits: encoding.valueBits,
      clippingNorm: encoding.clippingNorm,
      quantiserScale: words.scale,
      rotation: encoding.rotation,
      supportHash: new Uint8Array(32),
      minimumContributors: contributionsInSum(plan).fewest,
      phaseTimeoutsMs: [plan.deadline.roundSeconds * 1000],
      noise: 'none',
      own: { graph, corruptFraction, dropoutFraction },
    },
    members,
  );
}

/** Bytes of one contribution of one-shot: all of it, certificate and boxes too; at most. */
export const oneShotBytesOf = (plan: Plan): number => contributionBytesAtMost(oneShotOf(plan));
