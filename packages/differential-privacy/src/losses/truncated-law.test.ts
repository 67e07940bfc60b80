// The law of truncated Poisson batches against all outcomes of small mechanisms: no hockey stick is above it, and at heavy truncation
// the worst data come close.
import { describe, expect, it } from 'vitest';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import { logBinomial } from '../numerics/logarithms.ts';
import { type LossLaw, measureOf } from './loss-law.ts';
import { keptRate, type TruncatedBatch, truncatedLaw, truncatedRates } from './truncated-law.ts';

/** Weights of the sums that a batch of these records (each +1 or -1) can have, over all samples and all subsets of B of them. */
function sumsOf(records: readonly number[], q: number, limit: number): Map<number, number> {
  const weights = new Map<number, number>();
  const n = records.length;
  for (let sample = 0; sample < 2 ** n; sample += 1) {
    const size = records.filter((_, at) => (sample >> at) & 1).length;
    const kept = Math.min(size, limit);
    const each = (q ** size * (1 - q) ** (n - size)) / Math.exp(logBinomial(size, kept));
    for (let batch = 0; batch < 2 ** n; batch += 1) {
      if ((batch & sample) !== batch) continue;
      const chosen = records.filter((_, at) => (batch >> at) & 1);
      if (chosen.length !== kept) continue;
      const sum = chosen.reduce((total, one) => total + one, 0);
      weights.set(sum, (weights.get(sum) ?? 0) + each);
    }
  }
  return weights;
}

/** ∫ (P - e^ε Q)₊ of two mixtures of Gaussians. */
function naiveStick(p: Map<number, number>, q: Map<number, number>, sigma: number, epsilon: number): number {
  const density = (weights: Map<number, number>, x: number): number => {
    let total = 0;
    for (const [centre, weight] of weights) total += weight * Math.exp(-0.5 * ((x - centre) / sigma) ** 2);
    return total / (sigma * Math.sqrt(2 * Math.PI));
  };
  const step = sigma / 100;
  let sum = 0;
  for (let x = -7 - 9 * sigma; x < 7 + 9 * sigma; x += step) {
    sum += Math.max(0, density(p, x) - Math.exp(epsilon) * density(q, x)) * step;
  }
  return sum;
}

/** Splits the kink: nodes on a cell are spread evenly over its losses, so that the sum is smooth in ε to about 1e-4. */
function stick(law: LossLaw, epsilon: number): number {
  const dense = { ...law, branches: law.branches.map((branch) => ({ ...branch, scale: branch.scale / 40 })) };
  const { losses, logMasses } = measureOf(dense);
  let sum = 0;
  for (let at = 0; at < losses.length; at += 1) {
    if (losses[at]! > epsilon) sum += Math.exp(logMasses[at]!) * -Math.expm1(epsilon - losses[at]!);
  }
  return sum;
}

const cases: readonly TruncatedBatch[] = [
  { noiseMultiplier: 0.5, samplingRate: 0.5, populationSize: 5, batchLimit: 2 },
  { noiseMultiplier: 1, samplingRate: 0.3, populationSize: 5, batchLimit: 1 },
  { noiseMultiplier: 0.4, samplingRate: 0.8, populationSize: 4, batchLimit: 3 },
  { noiseMultiplier: 0.6, samplingRate: 0.9, populationSize: 3, batchLimit: 3 },
  { noiseMultiplier: 0.7, samplingRate: 0.97, populationSize: 5, batchLimit: 2 },
];

describe('the law of a truncated batch', () => {
  it.each(cases)('is above every small mechanism, whichever neighbour has the more records: %j', (batch) => {
    const { samplingRate, batchLimit, noiseMultiplier, populationSize } = batch;
    const laws = { remove: truncatedLaw(batch, 'remove'), add: truncatedLaw(batch, 'add') };
    for (const epsilon of [0.02, 0.2, 1, 2.5]) {
      const bound = { remove: stick(laws.remove, epsilon), add: stick(laws.add, epsilon) };
      for (const others of [populationSize - 1, populationSize]) {
        for (let ups = 0; ups <= others; ups += 1) {
          const rest = Array.from({ length: others }, (_, at) => (at < ups ? 1 : -1));
          const without = sumsOf(rest, samplingRate, batchLimit);
          const joined = sumsOf([...rest, 1], samplingRate, batchLimit);
          expect(naiveStick(joined, without, noiseMultiplier, epsilon)).toBeLessThanOrEqual(bound.remove + 2e-5);
          expect(naiveStick(without, joined, noiseMultiplier, epsilon)).toBeLessThanOrEqual(bound.add + 2e-5);
        }
      }
    }
  });

  it('is reached within a tenth by data that all pull one way when nearly every batch is full', () => {
    const batch = { noiseMultiplier: 0.5, samplingRate: 0.97, populationSize: 5, batchLimit: 2 };
    const rest = Array.from({ length: 5 }, () => -1);
    const without = sumsOf(rest, 0.97, 2);
    const joined = sumsOf([...rest, 1], 0.97, 2);
    for (const epsilon of [0.5, 2]) {
      const bound = stick(truncatedLaw({ ...batch, populationSize: 6 }, 'remove'), epsilon);
      expect(naiveStick(joined, without, 0.5, epsilon) / bound).toBeGreaterThan(0.9);
    }
  });

  it('has the average rate of displacement, and covers one record fewer and one more', () => {
    for (const batch of [...cases, { noiseMultiplier: 1, samplingRate: 0.01, populationSize: 1000, batchLimit: 12 }]) {
      const { samplingRate: q, populationSize, batchLimit } = batch;
      const { full, joining, displacing } = truncatedRates(batch);
      for (const others of [populationSize - 1, populationSize]) {
        let [p, mass] = [0, 0];
        for (let k = batchLimit; k <= others; k += 1) {
          const one = Math.exp(logBinomial(others, k) + k * Math.log(q) + (others - k) * Math.log1p(-q));
          p += one;
          mass += (one * q * batchLimit) / (k + 1);
        }
        expect(full === 1 || (1 - full) * joining >= (1 - p) * q).toBe(true);
        expect(full * displacing >= mass).toBe(true);
        expect(p === 0 || displacing >= mass / p).toBe(true);
        // Larger weights of the displaced pair are covered by its rate, smaller ones of the other by its own.
        expect(full === 1 || joining >= q).toBe(true);
      }
    }
    const many = truncatedRates({ noiseMultiplier: 1, samplingRate: 0.01, populationSize: 10_000, batchLimit: 50 });
    // Half of a full sample of about 100 is kept.
    expect(many.displacing).toBeCloseTo(0.01 * 0.5, 3);
  });
});

describe('what data with zeros beside the record show', () => {
  it('is below the law of the truncated batch, and exactly how often the record is kept', () => {
    for (const batch of cases) {
      const { samplingRate: q, populationSize: n, batchLimit } = batch;
      let kept = 0;
      for (let k = 0; k < n; k += 1) {
        const one = Math.exp(logBinomial(n - 1, k) + k * Math.log(q) + (n - 1 - k) * Math.log1p(-q));
        kept += one * q * Math.min(1, batchLimit / (k + 1));
      }
      expect(keptRate(batch) / kept).toBeCloseTo(1, 7);
      expect(keptRate(batch)).toBeLessThanOrEqual(kept);
    }
  });

  it('is a bound from below for batches of fixed size and truncated ones, closer the less is displaced', () => {
    const m = under({ adjacency: 'add-remove', unit: 'record' });
    const r = under({ adjacency: 'replace-one', unit: 'record' });
    const truncated = (batchLimit: number): Mechanism =>
      m.truncatedPoissonSampled({ noiseMultiplier: 1, samplingRate: 0.01, populationSize: 10_000, batchLimit });
    const fixed = r.fixedSizeSampled({ noiseMultiplier: 2, populationSize: 1000, batchSize: 10 });
    const gap = (inner: Mechanism): number => {
      const answer = tightestEpsilon([under(inner).repetition({ inner, count: 100 })], 1e-6);
      if (answer.kind === 'refused' || answer.lower === null) throw new Error('no interval');
      return answer.epsilon / answer.lower;
    };
    expect(gap(truncated(200))).toBeLessThan(1 + 1e-5);
    expect(gap(truncated(120))).toBeGreaterThan(1.001);
    expect(gap(fixed)).toBeGreaterThan(1);
    expect(gap(fixed)).toBeLessThan(3);
  });
});
