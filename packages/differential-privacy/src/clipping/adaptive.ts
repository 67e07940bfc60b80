// A clipping norm that follows a quantile of the update norms (Andrew, Thakkar, McMahan, Ramaswamy 2021,
// arXiv 1905.03871): whether a norm was below C is one more bit, summed with noise of its own, and that noise is paid for. C
// ← C · exp(−η (b̄ − γ)), post-processing of the noisy count.
//
// The count: bits as −1 or +1, an integer sum of sensitivity 1, rounded Gaussian noise of deviation 2σ_b (σ_b in the
// paper's units, for bits moved by one half). Sum and count in one round are one Gaussian of multiplier z when the
// sum's own is z_Δ = (z⁻² − (2σ_b)⁻²)^(−1/2). A sampler that is charged (sampling/charged-sampler.ts) takes a grid of
// multiplier z_Δ and `countStddev` σ_b, charges z, and releases both from one batch. The grid is fixed and C is not: so
// contributions go onto it in units of C, and sums are multiplied by C again.

import { ParameterError } from '../errors.ts';
import type { RandomSource } from '../noise/random-source.ts';
import { roundedGaussian } from '../noise/rounded-gaussian.ts';

export interface AdaptiveChoice {
  readonly norm: number;
  /** γ: the quantile aimed at, 0.5 for the median. */
  readonly quantile: number;
  /** η; 0.2 in the paper. */
  readonly learningRate: number;
  /** How many contributions are expected: public. */
  readonly expectedCount: number;
  /** z of the whole round: what is charged. */
  readonly noiseMultiplier: number;
  /** σ_b: deviation of the noise on the count of bits. expectedCount/20 is the paper's advice. */
  readonly countStddev: number;
}

/** A value: each update gives another. */
export class AdaptiveClipping {
  readonly choice: AdaptiveChoice;
  /** z_Δ: the multiplier of the noise on the sum itself, larger than what is charged. */
  readonly sumNoiseMultiplier: number;

  constructor(choice: AdaptiveChoice) {
    const { norm, quantile, learningRate, expectedCount, noiseMultiplier, countStddev } = choice;
    for (const [name, value] of Object.entries({ norm, learningRate, expectedCount, noiseMultiplier, countStddev })) {
      if (!(Number.isFinite(value) && value > 0)) throw new ParameterError(`${name} is positive, not ${value}`);
    }
    if (!(quantile > 0 && quantile < 1)) throw new ParameterError(`a quantile is in (0, 1), not ${quantile}`);
    if (!(2 * countStddev > noiseMultiplier)) {
      throw new ParameterError(
        `a count with deviation ${countStddev} costs all of a round at ${noiseMultiplier}: it needs more than half of that`,
      );
    }
    this.choice = Object.freeze({ ...choice });
    // Rounded up: more noise.
    this.sumNoiseMultiplier = (noiseMultiplier ** -2 - (2 * countStddev) ** -2) ** -0.5 * (1 + 1e-12);
  }

  get norm(): number {
    return this.choice.norm;
  }

  /** A contribution's bit. Secret: only the noisy sum of all leaves. */
  bit(length: number): 1 | -1 {
    return length <= this.choice.norm ? 1 : -1;
  }

  /** The sum of bits with its noise. */
  noisyCount(bitSum: number, source: RandomSource): number {
    if (!Number.isSafeInteger(bitSum)) throw new ParameterError('a sum of bits is an integer');
    const noise = new Int32Array(1);
    roundedGaussian(2 * this.choice.countStddev, source).sampleInto(noise);
    return bitSum + noise[0];
  }

  /** The clipping of the next round, from the noisy count alone. */
  next(noisyCount: number): AdaptiveClipping {
    const { norm, quantile, learningRate, expectedCount } = this.choice;
    const below = (noisyCount / expectedCount + 1) / 2;
    return new AdaptiveClipping({ ...this.choice, norm: norm * Math.exp(-learningRate * (below - quantile)) });
  }
}
