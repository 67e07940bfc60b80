import { describe, expect, it } from 'vitest';
import { under } from '../mechanisms/constructors.ts';
import { priceOf } from './amplification.ts';
import type { SamplingPlan } from './sampling-plan.ts';

const added = under({ adjacency: 'add-remove', unit: 'record' });
const replaced = under({ adjacency: 'replace-one', unit: 'record' });
const noise = { noiseMultiplier: 1.3 };

const poisson: SamplingPlan = { kind: 'poisson', recordCount: 1000, rate: 0.01 };
const truncated: SamplingPlan = { ...poisson, kind: 'truncated-poisson', largestBatch: 30 };
const fixed: SamplingPlan = { kind: 'fixed-size', recordCount: 1000, batchSize: 10 };
const bins: SamplingPlan = { kind: 'balls-and-bins', recordCount: 1000, binCount: 100 };
const shuffled: SamplingPlan = { kind: 'shuffled', recordCount: 1000, batchSize: 10 };

describe('the price of a way of drawing', () => {
  it('is another mechanism for each', () => {
    expect(priceOf({ kind: 'full', recordCount: 1000 }, added.gaussian(noise))).toEqual(added.gaussian(noise));
    expect(priceOf(poisson, added.gaussian(noise))).toEqual(
      added.poissonSampled({ inner: added.gaussian(noise), samplingRate: 0.01 }),
    );
    expect(priceOf(truncated, added.gaussian(noise))).toEqual(
      added.truncatedPoissonSampled({ ...noise, samplingRate: 0.01, populationSize: 1000, batchLimit: 30 }),
    );
    expect(priceOf(fixed, replaced.gaussian(noise))).toEqual(
      replaced.fixedSizeSampled({ ...noise, populationSize: 1000, batchSize: 10 }),
    );
  });

  it('of disjoint batches is not amplified by anything that is claimed', () => {
    expect(priceOf(bins, added.gaussian(noise))).toEqual(
      added.shuffledBatches({ inner: added.gaussian(noise), epochs: 1 }),
    );
    expect(priceOf(shuffled, replaced.gaussian(noise))).toEqual(
      replaced.shuffledBatches({ inner: replaced.gaussian(noise), epochs: 1 }),
    );
  });

  it('is refused where there is no bound', () => {
    expect(() => priceOf(fixed, added.gaussian(noise))).toThrow('replace-one');
    expect(() => priceOf(truncated, replaced.gaussian(noise))).toThrow();
    expect(() => priceOf(fixed, replaced.laplace({ scaleMultiplier: 2 }))).toThrow('laplace');
    expect(() => priceOf(shuffled, added.gaussian(noise))).toThrow('add-remove');
  });
});
