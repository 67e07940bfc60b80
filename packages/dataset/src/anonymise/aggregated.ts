// Microaggregation as a release: each group's means in place of its numbers.
import { ParameterError } from '../errors.ts';
import { groupRows } from '../generalisation/classes.ts';
import { violatingRows } from '../generalisation/search.ts';
import { distinctCells } from '../hierarchies/columns.ts';
import type { ClassTest, SensitiveValues } from '../models/class-tests.ts';
import { type Column, columnOf, numericColumn } from '../table/index.ts';
import { microaggregate } from './microaggregation.ts';
import type { Prepared } from './prepare.ts';
import { classesOfLabels, type RecodedColumn, type Release } from './release.ts';

export interface Aggregated {
  readonly release: Release;
  readonly lostVariance: number;
  readonly columns: ReadonlyMap<string, Column>;
  satisfies(tests: readonly ClassTest[], sensitive: readonly SensitiveValues[]): boolean;
}

export function aggregated({ table, quasiNames }: Prepared, k: number): Aggregated {
  const columns = quasiNames.map((name) => {
    const column = columnOf(table, name);
    if (column.type === 'category' || column.type === 'date') {
      throw new ParameterError(`column ${name} holds no numbers: microaggregation takes means`);
    }
    return column;
  });
  const numbers = columns.map(({ name, values }) => ({ name, values: Float64Array.from(values) }));
  const { groupOfRow, means, lostVariance } = microaggregate(numbers, k);
  const recoded = columns.map((column, d): RecodedColumn => {
    const { codes: originals, texts } = distinctCells(column);
    // A label stands for the span of its group: who sees the mean knows the original lay there.
    const least = new Uint32Array(means[d].length).fill(0xffffffff);
    const most = new Uint32Array(means[d].length);
    for (const [row, code] of originals.entries()) {
      least[groupOfRow[row]] = Math.min(least[groupOfRow[row]], code);
      most[groupOfRow[row]] = Math.max(most[groupOfRow[row]], code);
    }
    const labels = [...new Set([...means[d]].map(String))];
    const place = new Map(labels.map((text, at) => [text, at]));
    const codeOf = Uint32Array.from(means[d], (mean) => place.get(String(mean))!);
    const spans = new Float64Array(labels.length);
    for (const [group, code] of codeOf.entries()) spans[code] = Math.max(spans[code], most[group] - least[group]);
    return {
      name: column.name,
      codes: groupOfRow.map((group) => codeOf[group]),
      labels,
      shares: spans.map((span) => (span + 1) / texts.length),
      heights: spans.map((span) => (texts.length > 1 ? span / (texts.length - 1) : 0)),
      originals,
      originalCount: texts.length,
      domainSize: texts.length,
    };
  });
  const rowCount = table.rowCount;
  const { classOfRow, classSizes } = classesOfLabels(recoded, rowCount);
  const release: Release = {
    rowCount,
    columns: recoded,
    suppressed: new Uint8Array(rowCount),
    suppressedRows: 0,
    classOfRow,
    classSizes,
    populationSizes: undefined,
  };
  const outputs = new Map<string, Column>();
  for (const [d, { name }] of columns.entries()) {
    const values = Float64Array.from(groupOfRow, (group) => means[d][group]);
    outputs.set(name, numericColumn(name, 'number', values));
  }
  return {
    release,
    lostVariance,
    columns: outputs,
    satisfies: (tests, sensitive) => {
      const flat = { name: 'class', height: 0, sizes: [classSizes.length], steps: [], shares: [], counts: [] };
      const dimension = { ...flat, hierarchyCodes: [], domainSize: classSizes.length };
      const quasi = { rowCount, dimensions: [dimension], codes: [classOfRow] };
      const histograms = sensitive.map(({ name, codes, labels }) => ({ name, codes, valueCount: labels.length }));
      return violatingRows(groupRows(quasi, histograms).classes, tests, undefined, 0) !== undefined;
    },
  };
}
