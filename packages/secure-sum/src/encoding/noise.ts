// Discrete noise that each participant adds to its own words, so that the sum has noise which nobody can subtract. The sampler is
// handed in: this package knows how much, not how.
//
// Every participant adds σ_tot² / h, where h is how many honest contributions the protocol guarantees besides the target's own
// (t − c for mask, minimum contributors − c for one-shot and threshold): with the most dropouts the noise is still σ_tot². That is
// conservative by one participant, on purpose: the target's own noise is not relied on (the specification's point 30).
//
// Noise keeps to the strict rule of widths: the range of a word is divided between signal and noise, and a noisy word that would
// leave it stops at its end and is counted. The headroom t makes that improbable for every noise whose moments are those of a
// Poisson difference (Skellam) or smaller (a discrete Gaussian): P[|N| > t] ≤ 2 exp(−t² / 2(σ² + t/3))   (Bernstein).

import { ParameterError } from '../errors.ts';
import { bitsOf } from './windows.ts';

/** What draws the noise; differential-privacy's samplers are such. */
export interface NoiseSampler {
  /** Of one draw, in steps of the quantiser. */
  readonly stddev: number;
  /** Overwrites `out` with independent draws: any 32-bit integers. */
  sampleInto(out: Int32Array): void;
}

export interface Noise {
  /** How the sampler is called in the round's configuration: a name such as skellam. */
  readonly name: string;
  /** σ² of one participant's noise in one word, in steps of the quantiser. */
  readonly variance: number;
}

/** log2 of the inverse of the probability that some word of some participant's vector leaves the range. */
const FAILURE_BITS = 40;

/** t: P[some |N_i| > t, i < words] ≤ 2^-40. Whole, rounded up. */
export function noiseHeadroom({ name, variance }: Noise, words: number): number {
  if (!(variance > 0 && variance <= 2 ** 50)) {
    throw new ParameterError(`the variance of ${name} noise is ${variance}, not positive and at most 2^50`);
  }
  const exponent = Math.LN2 * (FAILURE_BITS + 1 + bitsOf(words - 1));
  const third = exponent / 3;
  return Math.ceil(third + Math.sqrt(third * third + 2 * exponent * variance));
}

/** Less noise than the encoding declares would be a promise broken, much more would leave the range. */
export function requireDeclared({ name, variance }: Noise, { stddev }: NoiseSampler): void {
  const ratio = (stddev * stddev) / variance;
  if (!(ratio >= 1 - 1e-9 && ratio <= 1.1)) {
    throw new ParameterError(
      `the encoding declares ${name} noise of variance ${variance}, the sampler has ${stddev * stddev}`,
    );
  }
}

export interface GuaranteedHonest {
  /** Fewest contributions that a sum may have: t for mask, the minimum of contributors for one-shot and threshold. */
  readonly fewestContributors: number;
  /** c: how many of those may be corrupt. */
  readonly corrupt: number;
}

/** σ² for each participant, so that the honest contributions of the smallest sum have `totalVariance` together. Rounded up. */
export function participantNoiseVariance(
  totalVariance: number,
  { fewestContributors, corrupt }: GuaranteedHonest,
): number {
  const honest = fewestContributors - corrupt;
  if (!Number.isSafeInteger(honest) || corrupt < 0 || honest < 1) {
    throw new ParameterError(
      `${fewestContributors} contributions of which ${corrupt} may be corrupt guarantee no honest noise`,
    );
  }
  if (!(totalVariance > 0 && totalVariance < Number.POSITIVE_INFINITY)) {
    throw new ParameterError(`a total variance of ${totalVariance} is not positive`);
  }
  const share = totalVariance / honest;
  return share * honest >= totalVariance ? share : share * (1 + Number.EPSILON);
}
