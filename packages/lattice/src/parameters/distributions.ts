// The distributions that secrets and errors are drawn from, as data. All samplers are constant-time in what they draw.
//
// Refused wherever a parameter set is built (stddevOf, describeDistribution): a kind there is no sampler for, a size beyond its
// sampler's tables.

import { ParameterError } from '../errors.ts';

export const LARGEST_ETA = 64;
export const SMALLEST_STDDEV: number = 1;
export const LARGEST_STDDEV: number = 20;

export type Distribution =
  | { readonly kind: 'ternary' }
  /** Sum of eta fair coin differences: σ = √(eta/2); eta = 21 gives 3.24. */
  | { readonly kind: 'centredBinomial'; readonly eta: number }
  /** Discrete Gaussian, σ in [1, 20]; precision and tail are stated in random/discrete-gaussian.ts. */
  | { readonly kind: 'discreteGaussian'; readonly stddev: number };

export const TERNARY: Distribution = Object.freeze({ kind: 'ternary' });
/** The default error: σ = √10.5 ≈ 3.240. */
export const CENTRED_BINOMIAL_21: Distribution = Object.freeze({ kind: 'centredBinomial', eta: 21 });

/** Refuses a kind that does not exist, an eta that is not an integer in [1, 64], a deviation outside [1, 20]. */
export function requireDistribution(distribution: Distribution): void {
  switch (distribution.kind) {
    case 'ternary':
      return;
    case 'centredBinomial': {
      const { eta } = distribution;
      if (Number.isInteger(eta) && eta >= 1 && eta <= LARGEST_ETA) return;
      throw new ParameterError(`a centred binomial has an integer eta in [1, ${LARGEST_ETA}], not ${eta}`);
    }
    case 'discreteGaussian': {
      const { stddev } = distribution;
      if (stddev >= SMALLEST_STDDEV && stddev <= LARGEST_STDDEV) return;
      throw new ParameterError(
        `a discrete Gaussian has a standard deviation in [${SMALLEST_STDDEV}, ${LARGEST_STDDEV}], not ${stddev}`,
      );
    }
    default:
      distribution satisfies never;
      throw new ParameterError(`there is no distribution ${JSON.stringify(distribution)}`);
  }
}

/** The standard deviation of one coefficient. Refuses what no sampler draws. */
export function stddevOf(distribution: Distribution): number {
  requireDistribution(distribution);
  switch (distribution.kind) {
    case 'ternary':
      return Math.sqrt(2 / 3);
    case 'centredBinomial':
      return Math.sqrt(distribution.eta / 2);
    case 'discreteGaussian':
      return distribution.stddev;
    default:
      return distribution satisfies never;
  }
}

/** Canonical ASCII text, part of parameter descriptions. Refuses what no sampler draws. */
export function describeDistribution(distribution: Distribution): string {
  requireDistribution(distribution);
  switch (distribution.kind) {
    case 'ternary':
      return 'ternary';
    case 'centredBinomial':
      return `centred binomial ${distribution.eta}`;
    case 'discreteGaussian':
      return `discrete Gaussian ${distribution.stddev}`;
    default:
      return distribution satisfies never;
  }
}
