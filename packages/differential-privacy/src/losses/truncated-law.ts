// The loss laws of Poisson batches cut down to a limit at random. The price of the limit is that a record may push out another.
//
// Claim. Let N other records be sampled at rate q into a set of size k, and let x be sampled by itself at rate q; where more than B are
// sampled, a uniformly random B of them are kept. With p = P(k ≥ B) and c = P(x is kept | k ≥ B), the mechanism is dominated by the
// law that draws, in the open, from the Poisson pair of rate q and shift 1 with probability 1 - p, and from the Poisson pair of rate c
// and shift 2 with probability p.
//
// Proof. Tell whether k ≥ B: that depends on the others alone, so it has the same probability with and without x, and telling it can
// only raise a divergence. Where k < B, nobody is pushed out and x joins at rate q: the Poisson pair. Where k ≥ B, the batch without x
// is a uniformly random B-subset of the others, as they are exchangeable under the condition. With x there are two cases. If x is not
// kept (probability 1 - c), the batch is by the same exchangeability a uniformly random B-subset of the others. If it is (c), the others
// in the batch are a uniformly random (B - 1)-subset S. Draw S and then y from the others outside of S: S ∪ {y} is a uniformly random
// B-subset. So with N(·) the noisy sum, the two outputs are
//     E_(S,y)[(1 - c) N(S ∪ y) + c N(S ∪ x)]   and   E_(S,y)[N(S ∪ y)],
// where for each (S, y) the sums differ by at most twice the norm; divergences are jointly convex, and a pair of rate c and a smaller
// shift is dominated by the one of shift 2. Both directions are alike. ∎
//
// c: for k ≥ B it is q·B/(k + 1), and Σ_(k ≥ B) P(Bin(N, q) = k)·q·B/(k + 1) = B·P(Bin(N + 1, q) > B)/(N + 1), as
// C(N, k)/(k + 1) = C(N + 1, k + 1)/(N + 1). It is that sum over p. (The same mechanism as in arXiv 2508.15089.)
import { binomialTails, tailError } from '../numerics/binomial-tails.ts';
import { gaussianLaw } from './base-laws.ts';
import { eitherLaw, poissonSampledLaw } from './derived-laws.ts';
import type { LossLaw } from './loss-law.ts';

export interface TruncatedBatch {
  readonly noiseMultiplier: number;
  readonly samplingRate: number;
  readonly populationSize: number;
  readonly batchLimit: number;
}

/** The probability that a batch is full without the record, and the rates at which it joins or displaces. */
export interface TruncatedRates {
  readonly full: number;
  readonly joining: number;
  readonly displacing: number;
}

/** Beyond this variance of the batch the sums below would be long; the bound that knows nothing about the limit serves. */
const longest = 1e11;

/**
 * A data set of n records has neighbours of n - 1 and of n + 1: the others are n - 1 or n, and the law must cover both. Hockey sticks of
 * rate c are convex in c and, but for what both sides share, zero at c = 0: a rate (1 + η)c weighs at least 1 + η times as much. So
 * the larger of the two masses p·c over the smaller p covers both, as 1 - p is larger there too; and raising both rates by the error
 * of the tails covers that.
 */
export function truncatedRates({ samplingRate: q, populationSize: n, batchLimit }: TruncatedBatch): TruncatedRates {
  const margin = 1 + 3 * tailError;
  if (n * q * (1 - q) > longest) return { full: 1, joining: 1, displacing: q };
  const displaced = (others: number): number =>
    (batchLimit * binomialTails(others + 1, q, batchLimit + 1).atLeast) / (others + 1);
  const fewer = binomialTails(n - 1, q, batchLimit);
  const mass = Math.max(displaced(n - 1), displaced(n)) * margin;
  const joining = Math.min(1, q * margin);
  if (mass === 0) return { full: 0, joining, displacing: 0 };
  if (mass <= fewer.atLeast) return { full: fewer.atLeast, joining, displacing: mass / fewer.atLeast };
  // So few records that one more decides whether a batch can be full at all.
  const more = binomialTails(n, q, batchLimit);
  const full = Math.min(1, more.atLeast * margin);
  const scaled = full < 1 ? (q * margin * fewer.below) / (1 - full) : 2;
  if (scaled > 1) return { full: 1, joining: 1, displacing: 1 };
  // Never less than the rate q·B/(B + 1) that any full batch displaces at most with.
  return { full, joining: scaled, displacing: Math.min(1, (margin * q * batchLimit) / (batchLimit + 1)) };
}

/** The probability that the record is in the batch, rounded down, where it is one of the n. */
export function keptRate({ samplingRate: q, populationSize: n, batchLimit }: TruncatedBatch): number {
  if (n * q * (1 - q) > longest) return 0;
  const displaced = (batchLimit * binomialTails(n, q, batchLimit + 1).atLeast) / n;
  return (q * binomialTails(n - 1, q, batchLimit).below + displaced) * (1 - 3 * tailError);
}

export function truncatedLaw(batch: TruncatedBatch, direction: 'remove' | 'add'): LossLaw {
  const { full, joining, displacing } = truncatedRates(batch);
  const at = (sigma: number, rate: number): LossLaw =>
    rate === 1 ? gaussianLaw(sigma) : poissonSampledLaw(gaussianLaw(sigma), rate, direction);
  if (full === 0) return at(batch.noiseMultiplier, joining);
  const pushed = at(batch.noiseMultiplier / 2, displacing);
  return full === 1 ? pushed : eitherLaw(at(batch.noiseMultiplier, joining), pushed, full);
}
