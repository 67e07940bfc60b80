// Fitting a recipe: every statistic comes from the training rows that are handed in, and from nothing else. Where participants must
// share statistics, they come from sums (shared-statistics.ts), not from here.
import { Moments } from '../describe/index.ts';
import { ParameterError } from '../errors.ts';
import {
  type Column,
  categoricalColumnOf,
  columnOf,
  isMissing,
  type NumericColumn,
  type Table,
  withoutUnusedCategories,
} from '../table/index.ts';
import { applyStep } from './apply.ts';
import type { FittedStep, Recipe, Step } from './recipe.ts';

export function fitRecipe(steps: readonly Step[], train: Table): Recipe {
  const fitted: FittedStep[] = [];
  let table = train;
  for (const step of steps) {
    const one = fitStep(step, table);
    fitted.push(one);
    table = applyStep(one, table);
  }
  return { version: 1, steps: fitted };
}

function fitStep(step: Step, table: Table): FittedStep {
  switch (step.kind) {
    case 'drop':
    case 'recode':
    case 'days':
    case 'bound-norm':
      return step;
    case 'impute':
      return { kind: 'impute', column: step.column, value: replacementFor(columnOf(table, step.column), step.with) };
    case 'one-hot':
      return {
        kind: 'one-hot',
        column: step.column,
        unknown: step.unknown ?? 'refuse',
        categories: step.categories ?? categoriesIn(table, step.column),
      };
    case 'ordinal':
      return { kind: 'ordinal', column: step.column, categories: step.categories ?? categoriesIn(table, step.column) };
    case 'min-max': {
      const { minimum, maximum } = momentsOf(numbersOf(table, step.column));
      const [low, high] = step.bounds ?? [minimum, maximum];
      return { kind: 'min-max', column: step.column, clip: step.clip ?? false, minimum: low, maximum: high };
    }
    case 'standard': {
      const { mean, stddev } = momentsOf(numbersOf(table, step.column));
      return { kind: 'standard', column: step.column, mean, stddev: Number.isNaN(stddev) ? 0 : stddev };
    }
    default:
      return step satisfies never;
  }
}

/** In alphabetic order, so that the features' order does not depend on which row came first. */
const categoriesIn = (table: Table, name: string): readonly string[] =>
  [...withoutUnusedCategories(categoricalColumnOf(table, name)).dictionary].sort();

function numbersOf(table: Table, name: string): NumericColumn {
  const column = columnOf(table, name);
  if (column.type !== 'integer' && column.type !== 'number')
    throw new ParameterError(`column ${name} holds ${column.type}s, not numbers`);
  return column;
}

function momentsOf(column: NumericColumn): Moments {
  const moments = new Moments();
  moments.addAll(column.values);
  if (moments.count === 0) throw new ParameterError(`column ${column.name} has no value to fit on`);
  return moments;
}

function replacementFor(column: Column, how: Extract<Step, { kind: 'impute' }>['with']): string | number {
  if (typeof how === 'object') {
    const wanted = column.type === 'category' ? 'string' : 'number';
    if (typeof how.value !== wanted)
      throw new ParameterError(`column ${column.name}: ${how.value} is no ${column.type}`);
    return how.value;
  }
  if (column.type === 'date')
    throw new ParameterError(`column ${column.name}: dates are imputed by a given value only`);
  if (how === 'most frequent') return mostFrequent(column);
  if (column.type === 'category') throw new ParameterError(`column ${column.name}: categories have no ${how}`);
  if (how === 'mean') return momentsOf(column).mean;
  const sorted = Float64Array.from(column.values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (sorted.length === 0) throw new ParameterError(`column ${column.name} has no value to fit on`);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The most frequent value; among equals the least, so that the order of rows decides nothing. */
function mostFrequent(column: Column): string | number {
  const counts = new Map<string | number, number>();
  const rows = column.type === 'category' ? column.codes.length : column.values.length;
  for (let row = 0; row < rows; row += 1) {
    if (isMissing(column, row)) continue;
    const value = column.type === 'category' ? column.dictionary[column.codes[row]] : column.values[row];
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const [best] = [...counts].sort(([a, first], [b, second]) => second - first || (a < b ? -1 : 1));
  if (best === undefined) throw new ParameterError(`column ${column.name} has no value to fit on`);
  return best[0];
}
