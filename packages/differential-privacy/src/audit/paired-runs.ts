// A lower bound on ε from many runs with and without a record: a test that tells them apart with true-positive rate t
// and false-positive rate f shows ε ≥ ln((t − δ)/f) (Jagielski, Ullman, Oprea 2020, arXiv 2006.07709), with t and f
// replaced by their Clopper-Pearson bounds, each at half the significance.

import { lowerBound, requireDelta, requireLevel, upperBound } from './binomial.ts';

export interface PairedCounts {
  /** Runs with the record that the test said had it. */
  readonly truePositives: number;
  readonly inCount: number;
  /** Runs without it that the test said had it. */
  readonly falsePositives: number;
  readonly outCount: number;
}

export interface PairedAudit {
  /** ε is at least this, with confidence 1 − significance. */
  readonly epsilon: number;
  readonly truePositiveRate: number;
  readonly falsePositiveRate: number;
}

export function auditPairedRuns(
  { truePositives, inCount, falsePositives, outCount }: PairedCounts,
  { delta, significance }: { readonly delta: number; readonly significance: number },
): PairedAudit {
  requireDelta(delta);
  requireLevel('a significance', significance);
  const truePositiveRate = lowerBound(truePositives, inCount, significance / 2);
  const falsePositiveRate = upperBound(falsePositives, outCount, significance / 2);
  const epsilon = truePositiveRate > delta ? Math.max(0, Math.log((truePositiveRate - delta) / falsePositiveRate)) : 0;
  return { epsilon, truePositiveRate, falsePositiveRate };
}
