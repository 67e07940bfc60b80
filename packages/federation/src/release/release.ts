// From an opened sum to what is published next. Pure, and of public numbers alone: the server runs it where sums are opened to everyone,
// every participant where they are opened to participants, and both come to the same bits.
//
//   decode (range and norm held against what contributors can have made) → robust mean over cohorts → server optimiser, SCAFFOLD's c,
//   download statistics, guide → metrics with their floor
//
// Refuses, as a value, what must not become a model: then everything published stays as it was, and the round has failed.

import type { Rotation } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import type { Support } from '@sumus/secure-sum/support';
import type { CheckedPlan } from '../plan/check.ts';
import type { PublishedMetric } from './metrics.ts';
import type { Published } from './published.ts';

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
  /** Those of the plan that have a floor of contributors in them; none where every turn is released. */
  readonly metrics: readonly PublishedMetric[];
}

/** The round has failed; nothing of the sum is used. */
export interface RejectedSum {
  readonly kind: 'rejected';
  readonly code: 'too-few' | 'cohorts-missing' | 'out-of-range' | 'not-finite';
  /** Names values of the published sum, never of a contribution. */
  readonly reason: string;
}

export declare function release(engine: Engine, plan: CheckedPlan, given: SumsToRelease): ReleaseResult;
