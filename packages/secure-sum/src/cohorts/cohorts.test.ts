import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { normally, runsWhole, seededWords } from '../engine/seeded-words.contract.ts';
import { ParameterError } from '../errors.ts';
import { wholeContextAt } from '../support/seeded-contexts.contract.ts';
import {
  type CohortMean,
  type Cohorts,
  type Combination,
  combine,
  drawCohorts,
  turnoverOf,
  withinNorm,
} from './index.ts';

const primitives = nodePrimitives();
const next = seededWords(1);
const vector = (length: number, scale = 1): Float32Array => Float32Array.from({ length }, () => scale * normally(next));
const cohort = (mean: Float32Array, contributors = 100): CohortMean => ({ mean, contributors });
const normOf = (values: Iterable<number>): number =>
  Math.sqrt([...values].reduce((sum, value) => sum + value * value, 0));
const apart = (a: Float32Array, b: Float32Array): number => normOf(a.map((value, i) => value - b[i]));

function drawn(memberCount: number, size: number, minimumSize: number, round = 1): Cohorts {
  const cohorts = drawCohorts(primitives, wholeContextAt(primitives, round), memberCount, { size, minimumSize });
  if (cohorts.kind === 'aborted') throw new Error(cohorts.reason);
  return cohorts;
}

describe('cohorts from the beacon', () => {
  it('have every member once, sizes that differ by one at most, and never fewer than the minimum', () => {
    for (const [count, size, minimum] of [
      [1000, 100, 64],
      [1049, 100, 64],
      [130, 100, 64],
      [127, 100, 64],
      [64, 100, 64],
      [7, 3, 3],
    ]) {
      const { members } = drawn(count, size, minimum);
      expect([...members.flatMap((indices) => [...indices])].sort((a, b) => a - b)).toEqual(
        Array.from({ length: count }, (_, i) => i),
      );
      const sizes = members.map((indices) => indices.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(minimum);
      for (const indices of members) expect([...indices]).toEqual([...indices].sort((a, b) => a - b));
    }
  });

  it('follow from the context, and are other ones in another round', () => {
    expect(drawn(300, 100, 64)).toEqual(drawn(300, 100, 64));
    expect(drawn(300, 100, 64, 2)).not.toEqual(drawn(300, 100, 64, 1));
  });

  it('put each two members together as often as chance does', () => {
    let together = 0;
    const rounds = 2000;
    for (let round = 0; round < rounds; round++) {
      const { members } = drawn(12, 4, 3, round);
      if (members.some((indices) => indices.includes(0) && indices.includes(1))) together++;
    }
    // 3/11 of 2000 rounds; five standard deviations are 100.
    expect(Math.abs(together - (rounds * 3) / 11)).toBeLessThan(100);
  });

  it('are none when there are too few members, and rules that are none are refused', () => {
    const context = wholeContextAt(primitives, 1);
    expect(drawCohorts(primitives, context, 63, { size: 100, minimumSize: 64 })).toMatchObject({
      kind: 'aborted',
      code: 'E_TOO_FEW',
    });
    for (const rule of [
      { size: 100, minimumSize: 2 },
      { size: 10, minimumSize: 64 },
      { size: 10.5, minimumSize: 3 },
    ]) {
      expect(() => drawCohorts(primitives, context, 1000, rule)).toThrow(ParameterError);
    }
  });
});

describe('the mean of cohorts', () => {
  it('is the mean over all members, and over all weights where there are some', () => {
    const cohorts = [cohort(Float32Array.of(1, 2), 10), cohort(Float32Array.of(4, -1), 30)];
    expect([...combine(cohorts, { kind: 'mean' })]).toEqual([3.25, -0.25]);
    const weighted = cohorts.map((one, i) => ({ ...one, totalWeight: [3, 1][i] }));
    expect([...combine(weighted, { kind: 'mean' })]).toEqual([1.75, 1.25]);
  });
});

describe('robust means', () => {
  it('are their definitions, coordinate by coordinate', () => {
    for (const count of [5, 6, 11, 70]) {
      const cohorts = Array.from({ length: count }, () => cohort(vector(40)));
      const columns = Array.from({ length: 40 }, (_, i) => cohorts.map(({ mean }) => mean[i]).sort((a, b) => a - b));
      const average = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
      const median = columns.map((sorted) => average(sorted.slice((count - 1) >> 1, (count >> 1) + 1)));
      const trimmed = columns.map((sorted) => average(sorted.slice(2, -2)));
      expect(combine(cohorts, { kind: 'median' })).toEqual(Float32Array.from(median));
      expect(combine(cohorts, { kind: 'trimmed-mean', trim: 2 })).toEqual(Float32Array.from(trimmed));
    }
  });

  it('the geometric median has the least sum of distances', () => {
    const cohorts = Array.from({ length: 9 }, () => cohort(vector(8)));
    const cost = (centre: Float32Array): number => cohorts.reduce((sum, { mean }) => sum + apart(mean, centre), 0);
    const found = combine(cohorts, { kind: 'geometric-median' });
    for (let trial = 0; trial < 200; trial++) {
      const other = found.map((value) => value + (trial % 2 ? 0.1 : 0.003) * normally(next));
      expect(cost(other)).toBeGreaterThanOrEqual(cost(found) * (1 - 1e-7));
    }
    const same = Array.from({ length: 5 }, () => cohort(Float32Array.of(1, 2, 3)));
    expect([...combine(same, { kind: 'geometric-median' })]).toEqual([1, 2, 3]);
  });

  const robust: Combination[] = [{ kind: 'median' }, { kind: 'trimmed-mean', trim: 3 }, { kind: 'geometric-median' }];
  it.each(robust)(
    '$kind stays near the honest mean when three of eleven cohorts are poisoned; the mean does not',
    (combination) => {
      const truth = vector(200);
      const honest = Array.from({ length: 8 }, () => cohort(truth.map((value) => value + 0.1 * normally(next))));
      const poisoned = Array.from({ length: 3 }, () => cohort(truth.map((value) => -100 * value)));
      const result = combine([...honest, ...poisoned], combination);
      expect(apart(result, truth)).toBeLessThan(0.2 * normOf(truth));
      expect(apart(combine([...honest, ...poisoned], { kind: 'mean' }), truth)).toBeGreaterThan(10 * normOf(truth));
    },
  );

  it('are refused for few cohorts, and for cohorts that do not belong together', () => {
    const four = Array.from({ length: 4 }, () => cohort(vector(3)));
    expect(() => combine(four, { kind: 'median' })).toThrow(ParameterError);
    expect(() => combine([], { kind: 'mean' })).toThrow(ParameterError);
    const five = [...four, cohort(vector(3))];
    expect(() => combine(five, { kind: 'trimmed-mean', trim: 3 })).toThrow(ParameterError);
    for (const odd of [
      cohort(vector(4)),
      cohort(vector(3), 0),
      { ...cohort(vector(3)), totalWeight: 5 },
      cohort(Float32Array.of(1, Number.NaN, 1)),
      cohort(Float32Array.of(1, Number.POSITIVE_INFINITY, 1)),
    ]) {
      expect(() => combine([...five, odd], { kind: 'median' })).toThrow(ParameterError);
    }
  });

  it('of a million coordinates take seconds, not minutes', () => {
    const length = runsWhole() ? 1_000_000 : 20_000;
    const cohorts = Array.from({ length: 10 }, () => cohort(vector(length)));
    for (const combination of robust) expect(combine(cohorts, combination)).toHaveLength(length);
  });
});

describe('the norm filter', () => {
  it('leaves out what is far longer than the others, and says which', () => {
    const cohorts = [1, 1.1, 0.9, 50, 1, 2.9].map((norm) => cohort(Float32Array.of(norm, 0)));
    const { kept, rejected } = withinNorm(cohorts, 3);
    expect(rejected).toEqual([3]);
    expect(kept).toEqual(cohorts.filter((_, at) => at !== 3));
    expect(() => withinNorm(cohorts, 0.5)).toThrow(ParameterError);
    expect(withinNorm([cohort(Float32Array.of(0)), cohort(Float32Array.of(0))], 3).rejected).toEqual([]);
  });
});

describe('turnover', () => {
  const ids = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `m${from + i}`);

  it('is small exactly where the sets overlap and differ by fewer than the least', () => {
    const expectations: [string[], string, number][] = [
      [ids(0, 10), 'fresh', 0],
      [ids(0, 9), 'small', 1],
      [ids(0, 11), 'small', 1],
      [ids(1, 11), 'small', 2],
      [ids(2, 12), 'fresh', 4],
      [ids(10, 12), 'fresh', 12],
    ];
    for (const [earlier, kind, exposed] of expectations) {
      const turnover = turnoverOf(ids(0, 10), [earlier], 4);
      expect(turnover.kind).toBe(kind);
      if (turnover.kind === 'small') expect(turnover.exposed).toHaveLength(exposed);
    }
  });

  it('is that of the worst earlier sum', () => {
    const turnover = turnoverOf(ids(0, 10), [ids(0, 12), ids(0, 9), ids(50, 60)], 4);
    expect(turnover).toEqual({ kind: 'small', earlier: 1, exposed: ['m9'] });
    expect(() => turnoverOf(['a', 'a'], [], 4)).toThrow(ParameterError);
    expect(() => turnoverOf(['a'], [], 1)).toThrow(ParameterError);
  });
});
