// Noise that nobody adds alone. Each of n participants adds a share so that what the survivors' sum carries has at
// least the promised variance, whichever n − t of them survive: the share is σ²/(n − t), never σ²/n. t counts whoever
// may drop out and whoever may subtract his own share afterwards (colluders): both are missing from the noise that
// hides a victim.
//
// Skellam shares sum to a Skellam exactly. Discrete Gaussian shares do not sum to a discrete Gaussian; the distance is
// `distributedGaussianGap`.

import { ParameterError } from '../errors.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import type { IntegerSampler } from './integer-sampler.ts';
import type { RandomSource } from './random-source.ts';
import { skellam } from './skellam.ts';

export interface Survivorship {
  readonly participantCount: number;
  /** How many shares may be missing: dropouts plus colluders. */
  readonly missingCount: number;
}

export interface DistributedNoise {
  readonly law: 'skellam' | 'discrete-gaussian';
  /** Standard deviation of the sum that is promised and accounted for, with exactly n − t honest survivors. */
  readonly promisedStddev: number;
  /** Standard deviation of one participant's share. */
  readonly shareStddev: number;
  readonly honestSurvivors: number;
  /** With everybody present: utility, not privacy, pays for the tolerance. */
  readonly fullStddev: number;
}

export function distributedNoise(
  law: DistributedNoise['law'],
  promisedStddev: number,
  { participantCount, missingCount }: Survivorship,
): DistributedNoise {
  if (!(Number.isFinite(promisedStddev) && promisedStddev > 0)) {
    throw new ParameterError(`a promised standard deviation is positive, not ${promisedStddev}`);
  }
  if (!Number.isSafeInteger(participantCount) || participantCount < 1) {
    throw new ParameterError(`noise is shared by at least one participant, not ${participantCount}`);
  }
  if (!Number.isSafeInteger(missingCount) || missingCount < 0 || missingCount >= participantCount) {
    throw new ParameterError(`of ${participantCount} shares ${missingCount} cannot be missing`);
  }
  const honestSurvivors = participantCount - missingCount;
  // Rounded up: the sum of n − t squares must not fall below the promise.
  const shareStddev = (promisedStddev / Math.sqrt(honestSurvivors)) * (1 + 2 ** -50);
  return Object.freeze({
    law,
    promisedStddev,
    shareStddev,
    honestSurvivors,
    fullStddev: shareStddev * Math.sqrt(participantCount),
  });
}

/** One participant's sampler. */
export function noiseShare({ law, shareStddev }: DistributedNoise, source: RandomSource): IntegerSampler {
  switch (law) {
    case 'skellam':
      return skellam(shareStddev * shareStddev, source);
    case 'discrete-gaussian':
      return discreteGaussian(shareStddev, source);
    default:
      return law satisfies never;
  }
}

/**
 * τ of Kairouz, Liu, Steinke 2021 (arXiv 2102.06387): a sum of `count` discrete Gaussians N_Z(0, σ²) against
 * N_Z(0, count·σ²) differs in every log-probability by at most about τ = 10 Σ_{k<n} e^(−2π²σ² k/(k+1)). Rounded up. It
 * enters the Rényi bound, not δ.
 */
export function distributedGaussianGap({ count, stddev }: { readonly count: number; readonly stddev: number }): number {
  if (!Number.isSafeInteger(count) || count < 1) throw new ParameterError(`a sum has at least one term, not ${count}`);
  if (!(stddev > 0)) throw new ParameterError(`a standard deviation is positive, not ${stddev}`);
  let sum = 0;
  // The terms fall from e^(−π²σ²) to their limit e^(−2π²σ²); beyond a thousand they are bounded by the thousandth.
  const listed = Math.min(count - 1, 1000);
  const term = (k: number): number => Math.exp((-2 * Math.PI ** 2 * stddev ** 2 * k) / (k + 1));
  for (let k = 1; k <= listed; k++) sum += term(k);
  sum += (count - 1 - listed) * term(listed);
  return 10 * sum * (1 + 1e-12);
}
