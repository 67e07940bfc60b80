// What leaves a participant, from the result of its local work to the words that a protection sums. Participants only. In this order, and
// the order is the guarantee:
//
//   error feedback → selection inside the shared support → γ → clip → weight of age → (weight of examples, in the encoding) →
//   rotation and rounding → discrete noise of the participant's own generator → counters of metrics
//
// Weights are applied here and never by who adds: who weighs ciphertexts can read one of them off a sum. Noise goes onto the words
// themselves. What the words leave out stays here (kept.ts).

import { type Encoding, encode, type Rotation } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { Support } from '@sumus/secure-sum/support';
import { ParameterError } from '../errors.ts';
import { exampleWeight, staleWeight, weighted } from '../exchange/weights.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { metricsInSum, unitsForMetrics } from '../plan/metrics.ts';
import { wordEncodingOf } from '../plan/sums.ts';
import { isOfColumns, type Published } from '../release/published.ts';
import type { LocalUpdate } from '../training/local-training.ts';
import type { RandomBytes } from '../training/own-randomness.ts';
import type { TooFew } from '../training/units.ts';
import { columnVector } from './columns.ts';
import { type KeptInTheClear, NOTHING_KEPT } from './kept.ts';
import { metricSteps } from './metrics.ts';
import { ownNoise } from './noise.ts';
import { shared } from './shared.ts';

/** A participant's sums: of sufficient statistics in a plan of one round (one-round/statistics.ts), or of its columns (columns.ts). */
export interface LocalStatistics {
  readonly kind: 'statistics';
  readonly values: Float32Array;
  /** Different people, or rows. */
  readonly units: number;
}

export interface ContributionTools {
  /** Of secure-sum. */
  readonly engine: Engine;
  readonly primitives: Pick<PublicPrimitives, 'chacha20'>;
  /** The participant's own cryptographically secure generator: for the choice, the rounding and the noise. */
  readonly randomBytes: RandomBytes;
}

export interface ToContribute {
  readonly work: LocalUpdate | LocalStatistics;
  /** Before this release. */
  readonly kept: KeptInTheClear;
  /** What the work started from. */
  readonly from: Published;
  readonly support: Support;
  /** Of the context under which the release is encoded; the same for everybody in the sum. */
  readonly rotation: Rotation;
  /** Releases between the model that the work started from and the newest; 0 but in asynchronous runs. */
  readonly versionsOld: number;
}

export interface Contribution {
  readonly kind: 'contribution';
  /** What a protection sums: wordEncodingOf(plan).words of them. Secret until then; the caller's to wipe. */
  readonly words: Int32Array;
  /** What to go on with once the release succeeded. */
  readonly kept: KeptInTheClear;
  /** Coordinates that could be other than zero: for the ledger. */
  readonly coordinates: number;
  /** The participant's own to know: more than one word in a million left its range. */
  readonly alarming: boolean;
}

/** Answers, as a value, that the work stands for too few. Refuses values that are not finite: nothing is put in their place. */
export function contribute(tools: ContributionTools, plan: CheckedPlan, given: ToContribute): Contribution | TooFew {
  const { minimumUnits, countedIn } = plan.batching;
  const needed = Math.max(minimumUnits, unitsForMetrics(plan));
  const found = given.work.units;
  if (!(found >= needed)) return Object.freeze({ kind: 'too few', found, needed, countedIn });
  if (isOfColumns(plan, given.from)) return ofColumns(tools, plan, given, given.work);
  return given.work.kind === 'statistics'
    ? ofStatistics(tools, plan, given, given.work)
    : ofUpdate(tools, plan, given, given.work);
}

/** Before the first round: in the first coordinates of what a round sums, with the noise that a round has. */
function ofColumns(
  tools: ContributionTools,
  plan: CheckedPlan,
  { kept, rotation }: ToContribute,
  work: ToContribute['work'],
): Contribution {
  if (work.kind !== 'statistics') throw new ParameterError('the columns are to be summed first');
  const { exchange } = plan;
  const encoding = wordEncodingOf(plan);
  const values = columnVector(plan, work.values, encoding.vectorLength);
  const isWeighted = exchange.schedule !== 'one-round' && exchange.combine.kind === 'weighted-mean';
  const { words, alarming } = encodeWith(tools, encoding, rotation, {
    values,
    // All weigh alike: of more rows, the sums are larger.
    weight: isWeighted ? encoding.maximumWeight : undefined,
    counts: Object.fromEntries(metricsInSum(plan).map(({ name }) => [name, 0])),
  });
  values.fill(0);
  return Object.freeze({ kind: 'contribution', words, kept, coordinates: work.values.length, alarming });
}

function ofStatistics(
  tools: ContributionTools,
  plan: CheckedPlan,
  { rotation }: ToContribute,
  { values }: LocalStatistics,
): Contribution {
  if (plan.exchange.schedule !== 'one-round') throw new ParameterError('this plan sums updates, not statistics');
  const encoded = encodeWith(tools, wordEncodingOf(plan), rotation, { values, weight: undefined, counts: {} });
  if (encoded.clipped) {
    encoded.words.fill(0);
    throw new ParameterError(
      `these statistics are longer than encoding.clippingNorm = ${plan.encoding.clippingNorm}: cut, they would be no statistics`,
    );
  }
  const { words, alarming } = encoded;
  return Object.freeze({ kind: 'contribution', words, kept: NOTHING_KEPT, coordinates: values.length, alarming });
}

function ofUpdate(
  tools: ContributionTools,
  plan: CheckedPlan,
  { kept, from, support, rotation, versionsOld }: ToContribute,
  work: LocalUpdate,
): Contribution {
  const { exchange } = plan;
  if (exchange.schedule === 'one-round') throw new ParameterError('a plan of one round sums statistics, not updates');
  const share = shared(tools, plan, { work, kept, from, support });
  const age = ageFactor(plan, versionsOld);
  const values = age === 1 ? share.values : weighted(share.values, age);
  const { words, alarming } = encodeWith(tools, wordEncodingOf(plan), rotation, {
    values,
    // An empty batch of a private draw is sent like any other: where all weigh the same, nobody asks how many were in it.
    weight: exchange.combine.kind === 'mean' ? undefined : exampleWeight(exchange.combine, work.examples),
    counts: metricSteps(plan, work),
  });
  const next = share.keptAfter(age);
  values.fill(0);
  share.values.fill(0);
  return Object.freeze({ kind: 'contribution', words, kept: next, coordinates: share.coordinates, alarming });
}

/** 1 where everybody starts from the newest model. */
function ageFactor({ exchange }: CheckedPlan, versionsOld: number): number {
  if (exchange.schedule === 'asynchronous') return staleWeight(exchange, versionsOld);
  if (versionsOld !== 0) {
    throw new ParameterError(`work on a model ${versionsOld} versions old, and the schedule is ${exchange.schedule}`);
  }
  return 1;
}

/** Where columns need more sums than a round has numbers, the rest of a round is zero. */
function paddedTo(length: number, values: Float32Array): Float32Array {
  if (values.length >= length) return values;
  const padded = new Float32Array(length);
  padded.set(values);
  return padded;
}

function encodeWith(
  { engine, primitives, randomBytes }: ContributionTools,
  encoding: Encoding,
  rotation: Rotation,
  {
    values,
    weight,
    counts,
  }: {
    readonly values: Float32Array;
    readonly weight: number | undefined;
    readonly counts: Readonly<Record<string, number>>;
  },
): ReturnType<typeof encode> {
  const own = {
    chacha20: primitives.chacha20,
    randomBytes: (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from(randomBytes(length)),
  };
  const padded = paddedTo(encoding.vectorLength, values);
  const noise = ownNoise(encoding, randomBytes);
  const encoded = encode(engine, own, encoding, rotation, { values: padded, weight, counts, noise });
  if (padded !== values) padded.fill(0);
  return encoded;
}
