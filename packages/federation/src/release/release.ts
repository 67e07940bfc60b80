// From an opened sum to what is published next. Pure, and of public numbers alone: the server runs it where sums are opened to everyone,
// every participant where they are opened to participants, and both come to the same bits.
//
//   decode (range and norm held against what contributors can have made) → robust mean over cohorts → server optimiser, SCAFFOLD's c,
//   download statistics, guide → metrics with their floor
//
// Refuses, as a value, what must not become a model: then everything published stays as it was, and the round has failed.

import { combine } from '@sumus/secure-sum/cohorts';
import { type DecodedSum, decode, type Encoding, type Rotation } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import { MalformedMessage } from '@sumus/secure-sum/errors';
import { type Support, updatedGuide } from '@sumus/secure-sum/support/public';
import { ParameterError } from '../errors.ts';
import { nextSharedControl, parted } from '../exchange/control-variates.ts';
import { serverStep } from '../exchange/server-optimiser.ts';
import { ridgeOf } from '../one-round/ridge.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { columnScale, columnSumsOf } from '../plan/column-sums.ts';
import type { Robustness } from '../plan/plan.ts';
import { contributionsInSum, vectorLengthOf, wordEncodingOf } from '../plan/sums.ts';
import { countSum, countUpload, type DownloadStatistics, decayed } from '../sharing/download.ts';
import { type PublishedMetric, publishedMetrics } from './metrics.ts';
import { isOfColumns, type Published, type PublishedModel } from './published.ts';

/** One sum as a protection opened it: of everybody in the release, or of one cohort. */
export interface OpenedSum {
  /** Σ of the contributors' words, as signed 32-bit numbers. */
  readonly words: Int32Array;
  readonly contributors: number;
  /** Of the context under which these contributors encoded. */
  readonly rotation: Rotation;
}

export interface SumsToRelease {
  /** What was published before. */
  readonly published: Published;
  /** The release's support, as everybody derives it (support.ts). */
  readonly support: Support;
  /** One; with robustness cohorts one a cohort, in the order of cohorts. */
  readonly sums: readonly OpenedSum[];
  /** N: all who take part in the run, whether or not in this release. SCAFFOLD's c moves by contributors / N. */
  readonly memberCount: number;
}

export type ReleaseResult = Released | RejectedSum;

export interface Released {
  readonly kind: 'released';
  readonly published: Published;
  readonly contributors: number;
  /** Those of the plan, where a floor of contributors is in them; none where every turn is released. */
  readonly metrics: readonly PublishedMetric[];
}

/** The round has failed; nothing of the sum is used. */
export interface RejectedSum {
  readonly kind: 'rejected';
  readonly code: 'too-few' | 'cohorts-missing' | 'out-of-range' | 'not-finite' | 'unusable-statistics';
  /** Names values of the published sum, never of a contribution. */
  readonly reason: string;
}

export function release(engine: Engine, plan: CheckedPlan, given: SumsToRelease): ReleaseResult {
  const { sums } = given;
  const refused = refusedNumbers(plan, sums);
  if (refused !== undefined) return refused;
  requireFitting(plan, given);
  const decoded = decodeAll(engine, wordEncodingOf(plan), sums);
  if (!Array.isArray(decoded)) return decoded;
  const contributors = sums.reduce((all, sum) => all + sum.contributors, 0);
  const next = nextPublished(plan, given, { mean: combine(decoded, combinationOf(plan.robustness)), contributors });
  if (next.kind === 'rejected') return next;
  // Of columns nobody counts anything beside.
  const metrics = isOfColumns(plan, given.published) ? [] : publishedMetrics(plan, decoded);
  return Object.freeze({ kind: 'released', published: next, contributors, metrics });
}

/** What the caller has to get right, so that what is thrown further down is the sum's fault. */
function requireFitting(plan: CheckedPlan, { published, support, sums, memberCount }: SumsToRelease): void {
  const { exchange } = plan;
  const isOneRound = exchange.schedule === 'one-round';
  if (published.kind !== (isOneRound ? 'statistics' : 'model')) {
    throw new ParameterError(`the schedule ${exchange.schedule} does not publish ${published.kind}`);
  }
  const halves = !isOneRound && exchange.localWork.correction.kind === 'control-variates' ? 2 : 1;
  if (halves * support.count !== vectorLengthOf(plan)) {
    throw new ParameterError(
      `a support of ${support.count} coordinates, the plan sums ${vectorLengthOf(plan) / halves}`,
    );
  }
  const contributors = sums.reduce((all, sum) => all + sum.contributors, 0);
  if (!Number.isSafeInteger(memberCount) || memberCount < contributors) {
    throw new ParameterError(`${contributors} contributors of ${memberCount} members`);
  }
}

const rejected = (code: RejectedSum['code'], reason: string): RejectedSum =>
  Object.freeze({ kind: 'rejected', code, reason });

function refusedNumbers(plan: CheckedPlan, sums: readonly OpenedSum[]): RejectedSum | undefined {
  const wanted = plan.robustness.kind === 'cohorts' ? plan.robustness.cohorts : 1;
  if (sums.length !== wanted) return rejected('cohorts-missing', `${sums.length} sums where the plan has ${wanted}`);
  const { fewest, most } = contributionsInSum(plan);
  for (const { contributors } of sums) {
    if (!(contributors >= fewest))
      return rejected('too-few', `a sum of ${contributors}, at least ${fewest} are needed`);
    if (!(contributors <= most))
      return rejected('out-of-range', `a sum of ${contributors}, the plan has at most ${most}`);
  }
  return undefined;
}

function decodeAll(engine: Engine, encoding: Encoding, sums: readonly OpenedSum[]): DecodedSum[] | RejectedSum {
  const decoded: DecodedSum[] = [];
  for (const { words, contributors, rotation } of sums) {
    try {
      decoded.push(decode(engine, encoding, rotation, { words, contributors }));
    } catch (error) {
      // What contributors cannot have made is a round that failed; anything else is the caller's.
      if (!(error instanceof MalformedMessage)) throw error;
      return rejected('out-of-range', error.message);
    }
  }
  return decoded;
}

function combinationOf(robustness: Robustness): Parameters<typeof combine>[1] {
  if (robustness.kind === 'none') return { kind: 'mean' };
  return robustness.rule === 'trimmed-mean'
    ? { kind: 'trimmed-mean', trim: robustness.trim }
    : { kind: robustness.rule };
}

/** A loop: a call a value costs tens of milliseconds where there are a million. */
function isFiniteThroughout(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

interface MeanOfSum {
  readonly mean: Float32Array;
  readonly contributors: number;
}

function nextPublished(plan: CheckedPlan, given: SumsToRelease, sum: MeanOfSum): Published | RejectedSum {
  const { published } = given;
  const { exchange } = plan;
  // A mean of finite words is finite but for the sizes that a float cannot hold.
  if (!isFiniteThroughout(sum.mean))
    return rejected('not-finite', 'the mean of the sum has a value that is not finite');
  if (isOfColumns(plan, published)) return withColumns(plan, published, sum);
  const ofRound = { ...sum, mean: sum.mean.subarray(0, vectorLengthOf(plan)) };
  if (exchange.schedule === 'one-round' || published.kind === 'statistics') {
    return classifierOf(plan, ofRound.mean, published);
  }
  try {
    return nextModel(plan, published, given, ofRound);
  } catch (error) {
    // serverStep and nextSharedControl refuse a weight that would not be finite.
    if (!(error instanceof ParameterError)) throw error;
    return rejected('not-finite', error.message);
  }
}

/** The sum before the first round, back in rows; the model stays what it is. */
function withColumns(plan: CheckedPlan, published: Published, { mean, contributors }: MeanOfSum): Published {
  const { preparation, encoding } = plan;
  if (preparation.kind !== 'table') throw new ParameterError('this plan sums no columns');
  const rows = contributors / columnScale(preparation, encoding);
  const columnSums = Float64Array.from(mean.subarray(0, columnSumsOf(plan)), (value) => value * rows);
  return Object.freeze({ ...published, version: published.version + 1, columnSums });
}

function classifierOf(
  { exchange }: CheckedPlan,
  mean: Float32Array,
  { version, columnSums }: Published,
): Published | RejectedSum {
  if (exchange.schedule !== 'one-round') throw new ParameterError('rounds make no classifier of statistics');
  try {
    const classifier = ridgeOf(mean, exchange);
    if (!classifier.weights.every(Number.isFinite))
      return rejected('not-finite', 'a weight of the ridge is not finite');
    return Object.freeze({ kind: 'statistics', version: version + 1, classifier, ...(columnSums && { columnSums }) });
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    return rejected('unusable-statistics', error.message);
  }
}

function nextModel(
  plan: CheckedPlan,
  published: PublishedModel,
  { support, memberCount }: SumsToRelease,
  { mean, contributors }: MeanOfSum,
): PublishedModel {
  const { exchange } = plan;
  if (exchange.schedule === 'one-round') throw new ParameterError('one round has no model');
  const { indices } = support;
  const { sharedControl, statistics, guide, server } = published;
  const { update, change } = sharedControl === undefined ? { update: mean, change: undefined } : parted(mean);
  return Object.freeze({
    kind: 'model',
    version: published.version + 1,
    server: serverStep(exchange.server, server, { indices, mean: update }),
    sharedControl:
      sharedControl !== undefined && change !== undefined
        ? nextSharedControl(sharedControl, { meanChange: change, indices, contributors, members: memberCount })
        : undefined,
    statistics:
      statistics && decayed(counted(plan, statistics, { indices, update, contributors }), plan.sharing.download.decay),
    guide: guide && updatedGuide(guide, support, update),
    ...(published.columnSums && { columnSums: published.columnSums }),
  });
}

/** An upload in clear counts its coordinates, as in the paper; a sum counts magnitudes, for who chose what is not known. */
function counted(
  { sharing, encoding }: CheckedPlan,
  statistics: DownloadStatistics,
  {
    indices,
    update,
    contributors,
  }: { readonly indices: Uint32Array | undefined; readonly update: Float32Array; readonly contributors: number },
): DownloadStatistics {
  if (sharing.support.kind !== 'own' || contributors !== 1 || encoding.rotation !== 'none') {
    return countSum(statistics, { indices, mean: update });
  }
  return countUpload(statistics, Uint32Array.from([...update.keys()].filter((at) => update[at] !== 0)));
}
