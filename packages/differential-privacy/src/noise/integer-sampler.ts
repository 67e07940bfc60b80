// What every noise of this package is: a sampler of independent integers, exact, from a generator that is handed in.

/** Draws independent integers from one law. The law is public; the draws are secret until they are part of a sum. */
export interface IntegerSampler {
  readonly law: NoiseLaw;
  /** Standard deviation of a draw. */
  readonly stddev: number;
  /**
   * Statistical distance of one draw from the stated law; 0 for everything here. Charge draws × distance to δ where it
   * is not.
   */
  readonly distance: number;
  /** Overwrites `out` with independent draws. */
  sampleInto(out: Int32Array): void;
}

export type NoiseLaw =
  | { readonly name: 'discrete-gaussian'; readonly stddev: number }
  | { readonly name: 'rounded-gaussian'; readonly stddev: number }
  | { readonly name: 'discrete-laplace'; readonly scale: number }
  | { readonly name: 'skellam'; readonly variance: number };

/**
 * Adds fresh noise to each entry; mutates `sums`. Overflow is the caller's: sums and noise stay below 2^53 in
 * magnitude.
 */
export function addNoise(sampler: IntegerSampler, sums: Float64Array): void {
  const block = new Int32Array(Math.min(sums.length, 4096));
  for (let at = 0; at < sums.length; at += block.length) {
    const noise = block.subarray(0, Math.min(block.length, sums.length - at));
    sampler.sampleInto(noise);
    for (let i = 0; i < noise.length; i++) sums[at + i] += noise[i];
    noise.fill(0);
  }
}
