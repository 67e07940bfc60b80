// The search against an oracle that tries every node on texts, groups by strings and asks the independent checker: same best score
// or none, for every measure and model, with and without suppression.
import { describe, expect, it } from 'vitest';
import { violationsOf } from '../check/check.ts';
import { type MeasureName, measureNames, measureOf } from '../information-loss/measures.ts';
import { classTestsOf, type SensitiveValues } from '../models/class-tests.ts';
import type { PrivacyModel } from '../models/model.ts';
import { groupRows } from './classes.ts';
import { type Quasi, quasiOf } from './dimensions.ts';
import { type RandomTable, randomModels, randomTable, seeded } from './random-tables.contract.ts';
import { optimalGeneralisation, type SearchResult } from './search.ts';

const full = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'];
const tables = full ? 1000 : 300;

interface Case {
  readonly table: RandomTable;
  readonly models: readonly PrivacyModel[];
  readonly measure: MeasureName;
  readonly suppressionLimit: number;
  readonly suppressionWeight: number;
}

function caseOf(seed: number): Case {
  const below = seeded(seed * 7919 + 1);
  return {
    table: randomTable(seed),
    models: randomModels(seed),
    measure: measureNames[below(measureNames.length)],
    suppressionLimit: [0, 0, 0.1, 0.3, 1][below(5)],
    suppressionWeight: [0.5, 0.5, 0.2, 0.8][below(4)],
  };
}

function sensitiveOf({ sensitive, sensitiveValues }: RandomTable): SensitiveValues[] {
  const codes = Uint32Array.from(sensitive, (text) => sensitiveValues.indexOf(text));
  return [{ name: 's', codes, labels: sensitiveValues, ordered: true }];
}

function quasiOfTable({ columns }: RandomTable): Quasi {
  return quasiOf(
    columns.map(({ name, hierarchy, texts }) => ({
      name,
      hierarchy,
      codes: Uint32Array.from(texts, (text) => hierarchy.labels[0].indexOf(text)),
    })),
  );
}

function search({ table, models, measure, suppressionLimit, suppressionWeight }: Case): SearchResult {
  const quasi = quasiOfTable(table);
  const sensitive = sensitiveOf(table);
  const valueCounts = sensitive.map(({ labels }) => labels.length);
  const grouped = groupRows(
    quasi,
    sensitive.map(({ name, codes }) => ({ name, codes, valueCount: valueCounts[0] })),
  );
  const options = { dimensions: quasi.dimensions, layout: grouped.layout, rowCount: quasi.rowCount, suppressionWeight };
  return optimalGeneralisation({
    quasi,
    grouped,
    valueCounts,
    tests: classTestsOf(models, sensitive, false),
    measure: measureOf(measure, options),
    suppressionLimit,
  });
}

interface Naive {
  readonly levels: readonly number[];
  readonly score: number;
  readonly suppressed: number;
}

function everyNode({ table, models, measure, suppressionLimit, suppressionWeight }: Case): Naive[] {
  const { columns, sensitive, sensitiveValues, rowCount } = table;
  let nodes: number[][] = [[]];
  for (const { hierarchy } of columns) {
    nodes = nodes.flatMap((levels) => Array.from({ length: hierarchy.height + 1 }, (_, level) => [...levels, level]));
  }
  const reference = new Map(
    sensitiveValues
      .map((value): [string, number] => [value, sensitive.filter((one) => one === value).length / rowCount])
      .filter(([, share]) => share > 0),
  );
  const names = columns.map(({ name }) => name);
  const found: Naive[] = [];
  for (const levels of nodes) {
    const rows = sensitive.map((value, row) => [
      ...columns.map(({ hierarchy, texts }, d) => {
        const base = hierarchy.labels[0].indexOf(texts[row]);
        return hierarchy.labels[levels[d]][hierarchy.codes[levels[d]][base]];
      }),
      value,
    ]);
    const violations = violationsOf({
      columns: [...names, 's'],
      rows,
      quasiIdentifiers: names,
      models,
      reference: { s: reference },
      orders: { s: sensitiveValues },
    });
    const bad = new Set(violations.map(({ classTexts }) => JSON.stringify(classTexts)));
    const suppressed = rows.map((row) => bad.has(JSON.stringify(row.slice(0, -1))));
    const count = suppressed.filter((one) => one).length;
    if (count > Math.floor(suppressionLimit * rowCount + 1e-9)) continue;
    const score = naiveScore(measure, table, levels, rows, suppressed, suppressionWeight);
    found.push({ levels, score, suppressed: count });
  }
  return found;
}

/** The best precision of all nodes under models of a population, or undefined. */
function bestAmong(
  { columns, rowCount }: RandomTable,
  people: readonly Uint32Array[],
  models: readonly PrivacyModel[],
  suppressionLimit: number,
): number | undefined {
  let nodes: number[][] = [[]];
  for (const { hierarchy } of columns) {
    nodes = nodes.flatMap((levels) => Array.from({ length: hierarchy.height + 1 }, (_, level) => [...levels, level]));
  }
  let best: number | undefined;
  for (const levels of nodes) {
    const texts = Array.from(people[0], (_, person) =>
      columns.map(({ hierarchy }, d) => hierarchy.labels[levels[d]][hierarchy.codes[levels[d]][people[d][person]]]),
    );
    const crowds = new Map<string, number>();
    for (const one of texts) crowds.set(JSON.stringify(one), (crowds.get(JSON.stringify(one)) ?? 0) + 1);
    const rows = texts.slice(0, rowCount);
    const names = columns.map(({ name }) => name);
    const bad = new Set(
      violationsOf({
        columns: names,
        rows,
        quasiIdentifiers: names,
        models,
        populationOf: (own) => crowds.get(JSON.stringify(own)) ?? 0,
      }).map(({ classTexts }) => JSON.stringify(classTexts)),
    );
    const suppressed = rows.filter((row) => bad.has(JSON.stringify(row))).length;
    if (suppressed > Math.floor(suppressionLimit * rowCount + 1e-9)) continue;
    // Somebody of a crowd of which nobody is there is known to be absent: nothing can be suppressed about that.
    const present = new Set(rows.map((row) => JSON.stringify(row)));
    const [model] = models;
    if (model.kind === 'delta-presence' && model.least > 0 && [...crowds.keys()].some((key) => !present.has(key)))
      continue;
    const height = columns.reduce((sum, { hierarchy }, d) => sum + levels[d] / hierarchy.height, 0) / columns.length;
    const score = ((rowCount - suppressed) * height + suppressed) / rowCount;
    if (best === undefined || score < best) best = score;
  }
  return best;
}

/** The definitions again, row by row. */
function naiveScore(
  measure: MeasureName,
  { columns, rowCount }: RandomTable,
  levels: readonly number[],
  rows: readonly (readonly string[])[],
  suppressed: readonly boolean[],
  weight: number,
): number {
  const generalisedFactor = weight <= 0.5 ? 1 : 2 - 2 * weight;
  const suppressedFactor = weight < 0.5 ? 2 * weight : 1;
  const share = (d: number, row: number): number => {
    const { hierarchy } = columns[d];
    const label = rows[row][d];
    const stands = hierarchy.labels[0].filter(
      (_, base) => hierarchy.labels[levels[d]][hierarchy.codes[levels[d]][base]] === label,
    );
    return stands.length / hierarchy.labels[0].length;
  };
  const all = rows.map((_, row) => row);
  const kept = all.filter((row) => !suppressed[row]);
  const gone = all.filter((row) => suppressed[row]);
  const sizes = new Map<string, number>();
  for (const row of kept) {
    const key = JSON.stringify(rows[row].slice(0, -1));
    sizes.set(key, (sizes.get(key) ?? 0) + 1);
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const bits = (texts: readonly string[]): number => {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    return sum([...counts.values()].map((count) => count * Math.log2(count)));
  };
  switch (measure) {
    case 'loss': {
      const parts = columns.map(({ hierarchy }, d) => {
        const domain = hierarchy.labels[0].length;
        const total =
          sum(kept.map((row) => generalisedFactor * share(d, row))) +
          sum(gone.map((row) => share(d, row) + suppressedFactor * (1 - share(d, row))));
        const least = (generalisedFactor * rowCount) / domain;
        return Math.max(0, (total - least) / (rowCount - least));
      });
      return parts.reduce((product, part) => product * (1 + part), 1) ** (1 / columns.length) === 0
        ? 0
        : parts.reduce((product, part) => product * (1 + part) ** (1 / columns.length), 1) - 1;
    }
    case 'average-class-size':
      return rowCount / (sizes.size * suppressedFactor + (gone.length > 0 ? generalisedFactor : 0));
    case 'discernibility':
      return sum([...sizes.values()].map((size) => size * size)) + gone.length * rowCount;
    case 'precision':
      return (
        sum(
          columns.map(({ hierarchy }, d) => {
            const part = levels[d] / hierarchy.height;
            return (kept.length * part * generalisedFactor + gone.length * suppressedFactor) / rowCount;
          }),
        ) / columns.length
      );
    case 'non-uniform-entropy':
      return sum(
        columns.map(({ texts }, d) => {
          const labels = rows.map((row) => row[d]);
          const first = bits(labels) - bits(texts);
          const second = gone.length * Math.log2(gone.length || 1) - bits(gone.map((row) => labels[row]));
          return first * generalisedFactor + second * suppressedFactor;
        }),
      );
    case 'ambiguity':
      return sum(
        all.map((row) =>
          columns.reduce(
            (product, { hierarchy }, d) => product * (suppressed[row] ? 1 : share(d, row)) * hierarchy.labels[0].length,
            1,
          ),
        ),
      );
    case 'height':
      return sum(levels);
    default:
      return measure satisfies never;
  }
}

describe('the optimal search', () => {
  it(`finds the best score of all nodes, or none where there is none, on ${tables} random tables`, () => {
    let [impossible, withSuppression] = [0, 0];
    const seen = new Set<string>();
    for (let seed = 1; seed <= tables; seed += 1) {
      const one = caseOf(seed);
      const { optimum, examined, nodes } = search(one);
      const found = everyNode(one);
      expect(examined).toBeLessThanOrEqual(nodes);
      if (found.length === 0) {
        expect(optimum, `seed ${seed}`).toBeUndefined();
        impossible += 1;
        continue;
      }
      const best = Math.min(...found.map(({ score }) => score));
      expect(optimum, `seed ${seed}`).toBeDefined();
      expect(Math.abs(optimum!.score - best), `seed ${seed}: ${optimum!.score}, best ${best}`).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(best)),
      );
      const same = found.find(({ levels }) => JSON.stringify(levels) === JSON.stringify(optimum!.levels));
      expect(same?.suppressed, `seed ${seed}`).toBe(optimum!.suppressedRows);
      expect(Math.abs(same!.score - optimum!.score)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(best)));
      if (optimum!.suppressedRows > 0) withSuppression += 1;
      for (const model of one.models) seen.add(model.kind);
      seen.add(one.measure);
    }
    // The tables must have been worth the trouble.
    expect(impossible).toBeGreaterThan(2);
    expect(withSuppression).toBeGreaterThan(tables / 10);
    expect(seen.size).toBe(measureNames.length + 6);
  });

  it('finds the best score where crowds are counted in a population', () => {
    let [found, impossible, suppressed] = [0, 0, 0];
    for (let seed = 1; seed <= tables; seed += 1) {
      const below = seeded(seed * 31 + 7);
      const table = randomTable(seed);
      const base = (own: RandomTable): Uint32Array[] =>
        own.columns.map(({ hierarchy, texts }) => Uint32Array.from(texts, (text) => hierarchy.labels[0].indexOf(text)));
      // The population: the rows, and others who are like them in part.
      const rows = base(table);
      const others = 1 + below(3 * table.rowCount);
      const people = rows.map((codes, d) => {
        const size = table.columns[d].hierarchy.labels[0].length;
        const more = Uint32Array.from({ length: others }, () =>
          below(3) === 0 ? below(size) : codes[below(codes.length)],
        );
        return Uint32Array.of(...codes, ...more);
      });
      const models: PrivacyModel[] = [
        below(2) === 0
          ? { kind: 'k-map', k: 2 + below(12) }
          : { kind: 'delta-presence', least: below(3) === 0 ? 0.05 : 0, most: (1 + below(9)) / 10 },
      ];
      const suppressionLimit = [0, 0.2, 1][below(3)];
      const columns = table.columns.map(({ name, hierarchy }, d) => ({ name, hierarchy, codes: rows[d] }));
      const quasi = quasiOf(columns, people);
      const grouped = groupRows(quasi, []);
      const parts = { dimensions: quasi.dimensions, layout: grouped.layout, rowCount: quasi.rowCount };
      const { optimum } = optimalGeneralisation({
        quasi,
        grouped,
        valueCounts: [],
        tests: classTestsOf(models, [], true),
        measure: measureOf('precision', { ...parts, suppressionWeight: 0.5 }),
        suppressionLimit,
      });
      const best = bestAmong(table, people, models, suppressionLimit);
      if (best === undefined) {
        expect(optimum, `seed ${seed}`).toBeUndefined();
        impossible += 1;
        continue;
      }
      expect(optimum?.score, `seed ${seed}`).toBeCloseTo(best, 12);
      found += 1;
      if (optimum!.suppressedRows > 0) suppressed += 1;
    }
    expect(Math.min(found, impossible, suppressed)).toBeGreaterThan(5);
  });

  it('looks at few nodes where monotonicity allows it, and finds the same', () => {
    let [looked, all] = [0, 0];
    for (let seed = 2000; seed < 2040; seed += 1) {
      const one: Case = {
        ...caseOf(seed),
        models: [{ kind: 'k-anonymity', k: 5 }],
        suppressionLimit: 0,
        measure: 'loss',
      };
      const { examined, nodes } = search(one);
      looked += examined;
      all += nodes;
    }
    expect(looked).toBeLessThan(all / 2);
  });

  it('keeps to the levels that a policy allows and refuses those that are not there', () => {
    const one = caseOf(3);
    const quasi = quasiOfTable(one.table);
    const grouped = groupRows(quasi, []);
    const measure = measureOf('loss', {
      dimensions: quasi.dimensions,
      layout: grouped.layout,
      rowCount: quasi.rowCount,
      suppressionWeight: 0.5,
    });
    const common = { quasi, grouped, valueCounts: [], tests: [], measure, suppressionLimit: 0 };
    const lowest = quasi.dimensions.map(() => 1);
    expect(optimalGeneralisation({ ...common, lowest }).optimum?.levels).toEqual(lowest);
    expect(() => optimalGeneralisation({ ...common, highest: quasi.dimensions.map(() => 9) })).toThrow(/levels up to/);
    expect(() => optimalGeneralisation({ ...common, suppressionLimit: 1.5 })).toThrow(/suppression limit/);
    expect(() => optimalGeneralisation({ ...common, nodeLimit: 1 })).toThrow(/lattice has/);
  });

  it('makes keys of more than 32 bits without mixing classes up', () => {
    // Nine columns of 40 values: 40^9 is beyond 2^47.
    const below = seeded(11);
    const rows = Array.from({ length: 300 }, () => Array.from({ length: 9 }, () => below(40)));
    const labels = Array.from({ length: 40 }, (_, at) => String(at));
    const codes = [Uint32Array.from(labels, (_, at) => at), new Uint32Array(40)];
    const hierarchy = {
      name: 'wide',
      origin: 'file' as const,
      height: 1,
      labels: [labels, ['*']],
      codes,
      shares: [new Float64Array(40).fill(1 / 40), Float64Array.of(1)],
    };
    const copies = [...rows, ...rows.slice(0, 100)];
    const quasi = quasiOf(
      rows[0].map((_, d) => ({ name: `w${d}`, hierarchy, codes: Uint32Array.from(copies, (row) => row[d]) })),
    );
    const grouped = groupRows(quasi, []);
    expect(grouped.layout.wordCount).toBe(2);
    const distinct = new Set(copies.map((row) => row.join())).size;
    expect(grouped.classes.classCount).toBe(distinct);
    expect([...grouped.classes.sizes].filter((size) => size === 2).length).toBe(100);
  });
});
