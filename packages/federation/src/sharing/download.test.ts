import { describe, expect, it } from 'vitest';
import { countSum, countUpload, decayed, freshStatistics, mostUpdated } from './download.ts';
import { afterDownload } from './local-model.ts';

const half = { fraction: 0.5, decay: 0.9 };

describe('the most updated parameters', () => {
  it('are those with the most uploads in clear', () => {
    let statistics = freshStatistics(6);
    for (const indices of [[1, 4], [1, 5], [1, 4], [0]])
      statistics = countUpload(statistics, Uint32Array.from(indices));
    expect([...statistics.activity]).toEqual([1, 3, 0, 0, 2, 1]);
    expect([...(mostUpdated(statistics, { fraction: 1 / 3, decay: 1 }) ?? [])]).toEqual([1, 4]);
  });

  it('are, of sums, those that moved most: the statistic counts nobody’s choice', () => {
    const counted = countSum(freshStatistics(5), {
      indices: Uint32Array.of(0, 2, 4),
      mean: Float32Array.of(-3, 0.5, 1),
    });
    expect([...counted.activity]).toEqual([3, 0, 0.5, 0, 1]);
    expect([...(mostUpdated(counted, { fraction: 0.4, decay: 1 }) ?? [])]).toEqual([0, 4]);
  });

  it('forget: many old uploads weigh less than few new ones', () => {
    let statistics = freshStatistics(2);
    for (let i = 0; i < 3; i++) statistics = countUpload(statistics, Uint32Array.of(0));
    expect([...(mostUpdated(statistics, half) ?? [])]).toEqual([0]);
    for (let round = 0; round < 12; round++) statistics = decayed(statistics, 0.9);
    statistics = countUpload(statistics, Uint32Array.of(1));
    expect(statistics.activity[0]).toBeCloseTo(3 * 0.9 ** 12, 12);
    expect([...(mostUpdated(statistics, half) ?? [])]).toEqual([1]);
  });

  it('are all of them, without a list, for a fraction of 1', () => {
    expect(mostUpdated(freshStatistics(9), { fraction: 1, decay: 1 })).toBeUndefined();
  });

  it('go around where statistics are equal: every parameter has its round', () => {
    let statistics = freshStatistics(10);
    const seen = new Set<number>();
    for (let round = 0; round < 4; round++) {
      const taken = mostUpdated(statistics, { fraction: 0.3, decay: 1 }) ?? new Uint32Array(0);
      expect(taken).toHaveLength(3);
      for (const index of taken) seen.add(index);
      statistics = decayed(statistics, 1);
    }
    expect(seen.size).toBe(10);
  });

  it('are a function of what was published: counting in another order ranks alike', () => {
    const lists = [Uint32Array.of(0, 3), Uint32Array.of(3, 7), Uint32Array.of(2)];
    const one = lists.reduce(countUpload, freshStatistics(8));
    const other = lists.toReversed().reduce(countUpload, freshStatistics(8));
    expect(mostUpdated(other, half)).toEqual(mostUpdated(one, half));
  });

  it('are not counted for coordinates that are none', () => {
    expect(() => countUpload(freshStatistics(3), Uint32Array.of(3))).toThrow(/not below 3/);
    expect(() => countSum(freshStatistics(3), { indices: undefined, mean: Float32Array.of(1, Number.NaN, 0) })).toThrow(
      /mean of coordinate 1 is NaN/,
    );
  });
});

describe('a participant’s own model', () => {
  it('takes over what it downloads; the rest stays local', () => {
    const local = Float32Array.of(1, 2, 3, 4);
    const next = afterDownload(local, { weights: Float32Array.of(9, 8, 7, 6), indices: Uint32Array.of(1, 3) });
    expect([...next]).toEqual([1, 8, 3, 6]);
    expect([...local]).toEqual([1, 2, 3, 4]);
    expect([...afterDownload(local, { weights: Float32Array.of(9, 8, 7, 6), indices: undefined })]).toEqual([
      9, 8, 7, 6,
    ]);
  });

  it('takes over nothing of weights that are not finite, or of another length', () => {
    const local = Float32Array.of(1, 2);
    expect(() => afterDownload(local, { weights: Float32Array.of(1, Number.NaN), indices: undefined })).toThrow(/NaN/);
    expect(() => afterDownload(local, { weights: Float32Array.of(1), indices: undefined })).toThrow(/1 weights/);
  });
});
