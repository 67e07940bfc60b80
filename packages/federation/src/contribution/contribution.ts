// What leaves a participant, from the result of its local work to the words that a protection sums. Participants only. In this order, and
// the order is the guarantee:
//
//   error feedback → selection inside the shared support → γ → clip → weight of age → (weight of examples, in the encoding) →
//   rotation and rounding → discrete noise of the participant's own generator → counters of metrics
//
// Weights are applied here and never by who adds: who weighs ciphertexts can read one of them off a sum. Noise goes onto the words
// themselves. What the words leave out stays here (kept.ts).

import type { Rotation } from '@sumus/secure-sum/encoding';
import type { Engine } from '@sumus/secure-sum/engine';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { Support } from '@sumus/secure-sum/support';
import type { CheckedPlan } from '../plan/check.ts';
import type { Published } from '../release/published.ts';
import type { LocalUpdate } from '../training/local-training.ts';
import type { RandomBytes } from '../training/own-randomness.ts';
import type { TooFew } from '../training/units.ts';
import type { KeptInTheClear } from './kept.ts';

/** Of one round: a participant's sums of sufficient statistics (one-round/statistics.ts). */
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

/** Answers, as a value, that the work stands for too few. */
export declare function contribute(
  tools: ContributionTools,
  plan: CheckedPlan,
  given: ToContribute,
): Contribution | TooFew;
