import { describe, expect, it } from 'vitest';
import { tightest } from '../budget/accounting.ts';
import { Budget } from '../budget/budget.ts';
import { History } from '../budget/history.ts';
import { Ledger } from '../budget/ledger.ts';
import { AdaptiveClipping } from '../clipping/adaptive.ts';
import { under } from '../mechanisms/constructors.ts';
import type { Adjacency, Mechanism } from '../mechanisms/mechanism.ts';
import { gaussianGrid } from '../noise/gaussian-grid.ts';
import { fits, fitsDeviation, normalised } from '../noise/goodness-of-fit.contract.ts';
import { RandomWords } from '../noise/random-source.ts';
import { scriptedSource, seededSource } from '../noise/seeded-source.contract.ts';
import { priceOf } from './amplification.ts';
import { ChargedEpochs, ChargedSampler, PaidBatch } from './charged-sampler.ts';
import { drawBatch, drawEpoch, exactCoin } from './draw.ts';
import * as door from './index.ts';
import { publicDivisor, type SamplingPlan, type StepPlan, samplingPlan } from './sampling-plan.ts';

const random = (seed: number): RandomWords => new RandomWords(seededSource(seed));

function binomialMasses(n: number, p: number): ReadonlyMap<number, number> {
  const log: number[] = [n * Math.log1p(-p)];
  for (let k = 1; k <= n; k++) log.push(log[k - 1]! + Math.log((n - k + 1) / k) + Math.log(p / (1 - p)));
  return normalised(0, n, (k) => Math.exp(log[k]!));
}

describe('Poisson batches', () => {
  const plan = samplingPlan({ kind: 'poisson', recordCount: 500, rate: 0.03 });
  const sizes = (seed: number, rate: number): number[] => {
    const words = random(seed);
    return Array.from({ length: 20_000 }, () => drawBatch({ ...plan, rate }, words).length);
  };

  it('have binomial sizes, and those of 1.2 times the rate do not', () => {
    expect(fits(sizes(1, 0.03), binomialMasses(500, 0.03))).toBe(true);
    expect(fits(sizes(2, 0.036), binomialMasses(500, 0.03))).toBe(false);
  });

  it('take records independently: pairs come together with the square of the rate', () => {
    const words = random(3);
    let together = 0;
    const trials = 40_000;
    for (let i = 0; i < trials; i++) {
      const batch = new Set(drawBatch({ kind: 'poisson', recordCount: 4, rate: 0.25 }, words));
      if (batch.has(0) && batch.has(3)) together += 1;
    }
    expect(Math.abs(together / trials - 1 / 16)).toBeLessThan(4.9 * Math.sqrt(1 / 16 / trials));
  });

  it('decide a tie with the leading bits of the rate by the bits that follow', () => {
    const rate = 0.1;
    const leading = Math.floor(rate * 2 ** 32);
    const rest = rate * 2 ** 32 - leading;
    const coin = exactCoin(rate);
    const throwAt = (words: number[]): boolean => coin(new RandomWords(scriptedSource(words, seededSource(4))));
    expect(throwAt([leading - 1, 2 ** 32 - 1])).toBe(true);
    expect(throwAt([leading + 1, 0])).toBe(false);
    expect(throwAt([leading, Math.floor(rest * 2 ** 32) - 1])).toBe(true);
    expect(throwAt([leading, Math.floor(rest * 2 ** 32) + 1])).toBe(false);
    expect(exactCoin(1)(random(1))).toBe(true);
    expect(exactCoin(0)(random(1))).toBe(false);
  });

  it('when truncated are cut to a uniform subset and never larger', () => {
    const words = random(5);
    const counts = new Float64Array(40);
    for (let i = 0; i < 10_000; i++) {
      const batch = drawBatch({ kind: 'truncated-poisson', recordCount: 40, rate: 0.5, largestBatch: 10 }, words);
      expect(batch.length).toBeLessThanOrEqual(10);
      for (const record of batch) counts[record]! += 1;
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / 40;
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(4.9 * Math.sqrt(mean));
  });
});

describe('batches of a fixed size', () => {
  it('have that size, no record twice, and every record as often', () => {
    const words = random(6);
    const records: number[] = [];
    for (let i = 0; i < 10_000; i++) {
      const batch = drawBatch({ kind: 'fixed-size', recordCount: 30, batchSize: 7 }, words);
      expect(new Set(batch).size).toBe(7);
      records.push(...batch);
    }
    expect(
      fits(
        records,
        normalised(0, 29, () => 1),
      ),
    ).toBe(true);
  });
});

describe.each([
  { kind: 'balls-and-bins', recordCount: 120, binCount: 6 },
  { kind: 'shuffled', recordCount: 120, batchSize: 20 },
] as const)('an epoch of $kind batches', (plan) => {
  it('has every record exactly once, in any batch alike', () => {
    const words = random(7);
    const places: number[] = [];
    for (let i = 0; i < 3000; i++) {
      const batches = drawEpoch(plan, words);
      expect(batches).toHaveLength(6);
      expect([...batches.flatMap((batch) => [...batch])].sort((a, b) => a - b)).toEqual([...Array(120).keys()]);
      places.push(batches.findIndex((batch) => batch.includes(17)));
    }
    expect(
      fits(
        places,
        normalised(0, 5, () => 1),
      ),
    ).toBe(true);
  });

  it('differs in whether sizes are fixed', () => {
    const sizes = new Set(drawEpoch(plan, random(8)).map((batch) => batch.length));
    expect(sizes.size === 1).toBe(plan.kind === 'shuffled');
  });
});

const budget = (epsilon: number, adjacency: Adjacency = 'add-remove'): Budget<Mechanism> =>
  Budget.over(
    History.begin<Mechanism>(
      { dataset: 'd', unit: 'record', adjacency, parameters: 'fixed-in-advance' },
      () => new Uint8Array(32),
    ),
    { epsilon, delta: 1e-6 },
    tightest,
  );
const grid = gaussianGrid({ norm: 1, dimension: 20_000, granularity: 2 ** -12, noiseMultiplier: 2 });

describe('the sampler that is charged', () => {
  const parts = {
    grid,
    adjacency: 'add-remove',
    unit: 'record',
    note: 'run 1',
    source: seededSource(10),
  } as const;

  it('draws only what it can pay for, and is charged for its own way of drawing and its own noise', () => {
    const plan: StepPlan = { kind: 'poisson', recordCount: 100, rate: 0.25 };
    const priced = under({ adjacency: 'add-remove', unit: 'record' });
    const mechanism = priced.poissonSampled({
      inner: priced.gaussian({ noiseMultiplier: 2 * (1 - 2 ** -50) }),
      samplingRate: 0.25,
    });
    const limit = tightest.epsilon([{ mechanism, count: 4 }], 1e-6)!;
    const sampler = new ChargedSampler({ ...parts, plan, ledger: new Ledger(budget(limit * 1.0001)) });
    const drawn = Array.from({ length: 6 }, () => sampler.next());
    expect(drawn.filter((one) => one instanceof PaidBatch)).toHaveLength(4);
    expect(drawn[4]).toMatchObject({ kind: 'budget-exhausted', spent: limit });
    expect(sampler.budget.history.charges).toEqual([{ mechanism, count: 4 }]);
  });

  it('draws what it reserved and no batch more', () => {
    const ledger = new Ledger(budget(6));
    const sampler = new ChargedSampler({ ...parts, plan: { kind: 'full', recordCount: 3 }, ledger });
    expect(sampler.reserve(1000)).toMatchObject({ kind: 'budget-exhausted', spent: 0 });
    expect(sampler.reserve(2)).toBeUndefined();
    const { epsilon } = sampler.budget.statement;
    expect([sampler.next(), sampler.next()].every((one) => one instanceof PaidBatch)).toBe(true);
    expect(sampler.budget.statement.epsilon).toBe(epsilon);
    sampler.next();
    expect(sampler.budget.statement.epsilon).toBeGreaterThan(epsilon);
    expect(sampler.budget.history.charges[0]!.count).toBe(3);
  });

  it('pays for a replaced record twice the sensitivity of an added one', () => {
    const plan: StepPlan = { kind: 'full', recordCount: 3 };
    const replacing = new ChargedSampler({
      ...parts,
      adjacency: 'replace-one',
      plan,
      ledger: new Ledger(budget(9, 'replace-one')),
    });
    expect(replacing.price).toMatchObject({ kind: 'gaussian', noiseMultiplier: 1 - 2 ** -50 });
    const wrong = new ChargedSampler({ ...parts, plan, ledger: new Ledger(budget(9, 'replace-one')) });
    expect(() => wrong.next()).toThrow('add-remove');
  });

  it('releases the mean of a batch once, with its noise', () => {
    const ledger = new Ledger(budget(100));
    const sampler = new ChargedSampler({ ...parts, plan: { kind: 'full', recordCount: 4 }, ledger });
    const batch = sampler.next();
    if (!(batch instanceof PaidBatch)) throw new Error('exhausted');
    expect([...batch.indices]).toEqual([0, 1, 2, 3]);
    expect(() => batch.release([0])).toThrow('a sum of 1');
    const released = batch.release(new Int32Array(20_000));
    expect(fitsDeviation(released, (2 * grid.inflation) / 4, 3)).toBe(true);
    expect(fitsDeviation(released, (2 * grid.inflation) / 3, 3)).toBe(false);
    expect(() => batch.release(new Int32Array(20_000))).toThrow('another charge');
    expect(() => JSON.stringify(batch)).toThrow('secret');
  });

  it('charges an epoch of disjoint batches once', () => {
    const epochs = new ChargedEpochs({
      ...parts,
      adjacency: 'zero-out',
      plan: { kind: 'shuffled', recordCount: 100, batchSize: 10 },
      ledger: new Ledger(budget(4, 'zero-out')),
    });
    expect(epochs.next()).toHaveLength(10);
    const { epsilon } = epochs.budget.statement;
    expect(epsilon).toBeGreaterThan(2);
    expect(epsilon).toBeLessThan(2.3);
    expect(epochs.next()).toHaveLength(10);
    expect(epochs.next()).toMatchObject({ kind: 'budget-exhausted' });
  });
});

describe('adaptive clipping through the sampler', () => {
  const clipping = new AdaptiveClipping({
    norm: 3,
    quantile: 0.5,
    learningRate: 0.2,
    expectedCount: 100,
    noiseMultiplier: 2,
    countStddev: 5,
  });
  const adaptive = gaussianGrid({ ...grid, noiseMultiplier: clipping.sumNoiseMultiplier });
  const made = (countStddev?: number): ChargedSampler =>
    new ChargedSampler({
      grid: adaptive,
      adjacency: 'add-remove',
      unit: 'record',
      note: '',
      source: seededSource(31),
      plan: { kind: 'full', recordCount: 100 },
      ledger: new Ledger(budget(100)),
      ...(countStddev === undefined ? {} : { countStddev }),
    });

  it('charges sum and count as one Gaussian of the multiplier of the round, and the sum alone as less', () => {
    const multiplier = ({ price }: ChargedSampler): number => (price.kind === 'gaussian' ? price.noiseMultiplier : 0);
    expect(multiplier(made(5))).toBeLessThanOrEqual(2 * (1 + 1e-11));
    expect(multiplier(made(5))).toBeCloseTo(2, 9);
    expect(multiplier(made())).toBeCloseTo(clipping.sumNoiseMultiplier, 9);
    expect(multiplier(made())).toBeGreaterThan(2.01);
  });

  it('releases both once, the count with twice σ_b, and no count that was not charged', () => {
    const sampler = made(5);
    const counts = Array.from({ length: 400 }, () => {
      const batch = sampler.next();
      if (batch.kind !== 'paid-batch') throw new Error('exhausted');
      const { count, mean } = batch.releaseWithCount(new Int32Array(20_000), 40);
      expect(mean).toHaveLength(20_000);
      expect(() => batch.release(new Int32Array(20_000))).toThrow('another charge');
      return count - 40;
    });
    expect(fitsDeviation(counts, 10, 3)).toBe(true);
    expect(fitsDeviation(counts, 5, 3)).toBe(false);
    const without = made().next();
    if (without.kind !== 'paid-batch') throw new Error('exhausted');
    expect(() => without.releaseWithCount(new Int32Array(20_000), 0)).toThrow('no count');
    const batch = made(5).next();
    if (batch.kind !== 'paid-batch') throw new Error('exhausted');
    expect(() => batch.releaseWithCount(new Int32Array(20_000), 0.5)).toThrow('integer');
  });
});

describe('what is charged and what is drawn cannot drift apart', () => {
  const full: StepPlan = { kind: 'full', recordCount: 2 };
  const parts = { grid, adjacency: 'add-remove', unit: 'record', note: '', source: seededSource(20) } as const;

  it('by a grid whose noise was made smaller by hand: it is derived again', () => {
    const forged = { ...grid, gridStddev: grid.gridStddev / 1000 };
    const batch = new ChargedSampler({ ...parts, grid: forged, plan: full, ledger: new Ledger(budget(9)) }).next();
    if (batch.kind !== 'paid-batch') throw new Error('exhausted');
    expect(fitsDeviation(batch.release(new Int32Array(20_000)), (2 * grid.inflation) / 2, 3)).toBe(true);
  });

  it('by changing plan or parts afterwards', () => {
    const plan = { kind: 'poisson' as const, recordCount: 1000, rate: 0.01 };
    const mine = { ...parts, plan, ledger: new Ledger(budget(9)) };
    const sampler = new ChargedSampler(mine);
    plan.rate = 1;
    mine.plan = { kind: 'poisson', recordCount: 1000, rate: 1 };
    const batch = sampler.next();
    expect(batch.kind === 'paid-batch' && batch.indices.length).toBeLessThan(100);
    expect(sampler.plan.kind === 'poisson' && sampler.plan.rate).toBe(0.01);
  });

  it('by a plan that says another rate each time it is asked', () => {
    let asked = 0;
    const plan = { kind: 'poisson', recordCount: 1000, rate: 0.01 } as const;
    Object.defineProperty(plan, 'rate', { enumerable: true, get: () => (asked++ === 0 ? 0.01 : 1) });
    const batch = new ChargedSampler({ ...parts, plan, ledger: new Ledger(budget(9)) }).next();
    expect(batch.kind === 'paid-batch' && batch.indices.length).toBeLessThan(100);
  });

  it('by drawing beside the sampler: nothing behind the door draws without a charge', () => {
    expect(Object.keys(door).sort()).toEqual([
      'ChargedEpochs',
      'ChargedSampler',
      'exactCoin',
      'priceOf',
      'publicDivisor',
      'samplingPlan',
    ]);
  });

  it('by two samplers that each spend the whole budget: they share one ledger, and there is no second', () => {
    const once = tightest.epsilon(
      [{ mechanism: new ChargedSampler({ ...parts, plan: full, ledger: new Ledger(budget(9)) }).price, count: 1 }],
      1e-6,
    )!;
    const shared = budget(once * 1.0001);
    const ledger = new Ledger(shared);
    const [one, other] = [1, 2].map(() => new ChargedSampler({ ...parts, plan: full, ledger }));
    expect(one!.next().kind).toBe('paid-batch');
    expect(other!.next().kind).toBe('budget-exhausted');
    expect(other!.budget.history.length).toBe(1);
    expect(() => new Ledger(shared)).toThrow('has a ledger already');
    expect(() => new Ledger(one!.budget)).toThrow('has a ledger already');
    expect(() => new Ledger(Budget.over(one!.budget.history, { epsilon: 50, delta: 1e-6 }, tightest))).toThrow(
      'ledger',
    );
  });
});

describe('the way of drawing', () => {
  it('decides the price: Poisson batches cost 1.95 where batches once an epoch cost 11.0', () => {
    const base = under({ adjacency: 'add-remove', unit: 'record' }).gaussian({ noiseMultiplier: 0.5 });
    const epsilonOf = (plan: SamplingPlan, count: number): number => {
      const after = budget(100).spend({ mechanism: priceOf(plan, base), count });
      return after.kind === 'budget' ? after.statement.epsilon : Number.NaN;
    };
    expect(epsilonOf({ kind: 'poisson', recordCount: 1e6, rate: 1e-4 }, 10_000)).toBeCloseTo(1.953, 2);
    expect(epsilonOf({ kind: 'balls-and-bins', recordCount: 1e6, binCount: 10_000 }, 1)).toBeCloseTo(10.997, 2);
  });
});

describe('a sampling plan', () => {
  it('divides by a public number, whatever came out', () => {
    expect(publicDivisor({ kind: 'poisson', recordCount: 1000, rate: 0.01 })).toBe(10);
    expect(publicDivisor({ kind: 'balls-and-bins', recordCount: 1000, binCount: 8 })).toBe(125);
  });

  it.each([
    { kind: 'poisson', recordCount: 10, rate: 1.5 },
    { kind: 'poisson', recordCount: 10, rate: 0 },
    { kind: 'poisson', recordCount: 10, rate: Number.NaN },
    { kind: 'poisson', recordCount: 0, rate: 0.5 },
    { kind: 'fixed-size', recordCount: 10, batchSize: 11 },
    { kind: 'shuffled', recordCount: 10, batchSize: 0 },
    { kind: 'balls-and-bins', recordCount: 10, binCount: 1.5 },
    { kind: 'truncated-poisson', recordCount: 10, rate: 0.5, largestBatch: 11 },
  ] as const)('is refused where it cannot be: %o', (plan) => {
    expect(() => samplingPlan(plan)).toThrow();
  });
});
