import { describe, expect, it } from 'vitest';
import { seeded } from '../generalisation/random-tables.contract.ts';
import { hierarchyOfRows } from '../hierarchies/hierarchy.ts';
import { classTestsOf, type SensitiveValues } from '../models/class-tests.ts';
import type { PrivacyModel } from '../models/model.ts';
import { microaggregate } from './microaggregation.ts';
import { type MondrianColumn, mondrian } from './mondrian.ts';

function numbers(name: string, values: readonly number[]): MondrianColumn {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  return {
    kind: 'ordered',
    name,
    codes: Uint32Array.from(values, (value) => distinct.indexOf(value)),
    labels: distinct.map(String),
    values: Float64Array.from(distinct),
  };
}

function cut(
  columns: readonly MondrianColumn[],
  models: readonly PrivacyModel[],
  mode: 'strict' | 'relaxed',
  sensitive: readonly SensitiveValues[] = [],
) {
  return mondrian({ columns, sensitive, tests: classTestsOf(models, sensitive, false), mode });
}

describe('Mondrian', () => {
  it('cuts a line of numbers into classes of k, and says from where to where', () => {
    const { release, penalty } = cut(
      [numbers('age', [1, 2, 3, 4, 5, 6, 7, 8])],
      [{ kind: 'k-anonymity', k: 2 }],
      'strict',
    )!;
    const [{ labels, codes }] = release.columns;
    expect([...codes].map((code) => labels[code])).toEqual([
      '1 to 2',
      '1 to 2',
      '3 to 4',
      '3 to 4',
      '5 to 6',
      '5 to 6',
      '7 to 8',
      '7 to 8',
    ]);
    expect(penalty).toBeCloseTo(1 / 7, 12);
  });

  it('keeps rows of one value together when strict, and deals them out when relaxed', () => {
    const values = [1, 5, 5, 5, 5, 5, 5, 5];
    const model = [{ kind: 'k-anonymity', k: 2 }] as const;
    const strict = cut([numbers('x', values)], model, 'strict')!;
    expect(new Set(strict.release.classOfRow).size).toBe(1);
    const relaxed = cut([numbers('x', values)], model, 'relaxed')!;
    expect(relaxed.penalty).toBeLessThan(strict.penalty);
    expect(Math.min(...relaxed.release.classSizes)).toBeGreaterThanOrEqual(2);
  });

  it('cuts along a hierarchy into the children of the lowest common ancestor', () => {
    const hierarchy = hierarchyOfRows('job', 'file', [
      ['baker', 'hands', '*'],
      ['smith', 'hands', '*'],
      ['judge', 'paper', '*'],
    ]);
    const codes = Uint32Array.of(0, 1, 0, 1, 2, 2, 2);
    const column: MondrianColumn = { kind: 'tree', name: 'job', codes, hierarchy };
    const labelsFor = (k: number) => {
      const { release } = cut([column], [{ kind: 'k-anonymity', k }], 'strict')!;
      const [{ labels, codes: own }] = release.columns;
      return [...own].map((code) => labels[code]);
    };
    expect(labelsFor(2)).toEqual(['baker', 'smith', 'baker', 'smith', 'judge', 'judge', 'judge']);
    expect(labelsFor(3)).toEqual(['hands', 'hands', 'hands', 'hands', 'judge', 'judge', 'judge']);
    expect(labelsFor(4)).toEqual(['*', '*', '*', '*', '*', '*', '*']);
  });

  it('stops where a cut would leave a half without variety', () => {
    const below = seeded(3);
    const ages = Array.from({ length: 200 }, () => below(60));
    const codes = Uint32Array.from(ages, (age) => (age < 30 ? 0 : below(3)));
    const sensitive = [{ name: 's', codes, labels: ['a', 'b', 'c'], ordered: false }];
    const models = [
      { kind: 'k-anonymity', k: 2 },
      { kind: 'distinct-l-diversity', attribute: 's', l: 3 },
    ] as const;
    const { release } = cut([numbers('age', ages)], models, 'strict', sensitive)!;
    for (const [at] of release.classSizes.entries()) {
      const values = new Set([...codes].filter((_, row) => release.classOfRow[row] === at));
      expect(values.size).toBe(3);
    }
  });

  it('answers with nothing where even one class breaks the models, and refuses what it cannot know', () => {
    expect(cut([numbers('x', [1, 2])], [{ kind: 'k-anonymity', k: 3 }], 'strict')).toBeUndefined();
    const population = classTestsOf([{ kind: 'k-map', k: 2 }], [], true);
    expect(() =>
      mondrian({ columns: [numbers('x', [1, 2])], sensitive: [], tests: population, mode: 'strict' }),
    ).toThrow(/population/);
  });

  it('does not depend on the order of the rows when strict', () => {
    const below = seeded(17);
    const rows = Array.from({ length: 300 }, () => [below(20), below(30)]);
    const classesOf = (own: readonly number[][]) => {
      const columns = [0, 1].map((d) =>
        numbers(
          `x${d}`,
          own.map((row) => row[d]),
        ),
      );
      const { release } = cut(columns, [{ kind: 'k-anonymity', k: 7 }], 'strict')!;
      return own.map((row, at) => `${row} → ${release.columns.map(({ labels, codes }) => labels[codes[at]])}`).sort();
    };
    expect(classesOf([...rows].reverse())).toEqual(classesOf(rows));
  });
});

describe('microaggregation', () => {
  const below = seeded(9);
  const columns = ['height', 'weight', 'age'].map((name) => ({
    name,
    values: Float64Array.from({ length: 400 }, () => below(1000) / 10),
  }));

  it('makes groups of k to 2k − 1, keeps every mean, and loses less variance with smaller groups', () => {
    let earlier = 0;
    for (const k of [2, 3, 7, 20]) {
      const { groupSizes, groupOfRow, means, lostVariance } = microaggregate(columns, k);
      expect(Math.min(...groupSizes)).toBeGreaterThanOrEqual(k);
      expect(Math.max(...groupSizes)).toBeLessThan(2 * k);
      for (const [d, { values }] of columns.entries()) {
        const before = values.reduce((sum, value) => sum + value, 0);
        const after = groupOfRow.reduce((sum, group) => sum + means[d][group], 0);
        expect(after).toBeCloseTo(before, 6);
      }
      expect(lostVariance).toBeGreaterThan(earlier);
      earlier = lostVariance;
    }
    expect(earlier).toBeLessThan(0.5);
  });

  it('joins what lies together: far better than groups in the order of the file', () => {
    const { groupOfRow, lostVariance } = microaggregate(columns, 5);
    const inOrder = Uint32Array.from(groupOfRow, (_, row) => Math.floor(row / 5));
    let [within, whole] = [0, 0];
    for (const { values } of columns) {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      for (let group = 0; group < 80; group += 1) {
        const own = values.filter((_, row) => inOrder[row] === group);
        const centre = own.reduce((sum, value) => sum + value, 0) / own.length;
        within += own.reduce((sum, value) => sum + (value - centre) ** 2, 0) / variance;
      }
      whole += 1;
    }
    expect(lostVariance).toBeLessThan((0.5 * within) / whole);
  });

  it('refuses missing cells and groups larger than the table', () => {
    expect(() => microaggregate([{ name: 'x', values: Float64Array.of(1, Number.NaN) }], 1)).toThrow(/missing/);
    expect(() => microaggregate([{ name: 'x', values: Float64Array.of(1, 2) }], 3)).toThrow(/no group/);
  });
});
