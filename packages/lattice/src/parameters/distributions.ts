// The distributions that secrets and errors are drawn from, as data. All samplers are constant-time in what they draw.

export type Distribution =
  | { readonly kind: 'ternary' }
  /** Sum of eta fair coin differences: σ = √(eta/2); eta = 21 gives 3.24. */
  | { readonly kind: 'centredBinomial'; readonly eta: number }
  /** Discrete Gaussian, σ in [1, 20]; precision and tail are stated in random/discrete-gaussian.ts. */
  | { readonly kind: 'discreteGaussian'; readonly stddev: number };

export const TERNARY: Distribution = Object.freeze({ kind: 'ternary' });
/** The default error: σ = √10.5 ≈ 3.240. */
export const CENTRED_BINOMIAL_21: Distribution = Object.freeze({ kind: 'centredBinomial', eta: 21 });

/** The standard deviation of one coefficient. */
export function stddevOf(distribution: Distribution): number {
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

/** Canonical ASCII text, part of parameter descriptions. */
export function describeDistribution(distribution: Distribution): string {
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
