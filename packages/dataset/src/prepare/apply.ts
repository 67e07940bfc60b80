// Applying a recipe. It looks at the rows it is given and at the recipe, at no statistic of these rows: what comes out of one row is
// the same whatever rows stand beside it.
import { MalformedData, ParameterError } from '../errors.ts';
import {
  type CategoricalColumn,
  type Column,
  categoricalColumn,
  categoricalColumnOf,
  columnNames,
  columnOf,
  missingCode,
  type NumericColumn,
  numericColumn,
  parseDate,
  type Table,
  tableOf,
  withColumns,
  withoutColumns,
} from '../table/index.ts';
import type { FittedStep, Recipe } from './recipe.ts';

export function applyRecipe(recipe: Recipe, table: Table): Table {
  return recipe.steps.reduce((before, step) => applyStep(step, before), table);
}

export function applyStep(step: FittedStep, table: Table): Table {
  switch (step.kind) {
    case 'drop':
      return withoutColumns(table, step.columns);
    case 'recode':
      return withColumns(table, [recoded(categoricalColumnOf(table, step.column), step.replacements)]);
    case 'impute':
      return withColumns(table, [imputed(columnOf(table, step.column), step.value)]);
    case 'one-hot': {
      const column = categoricalColumnOf(table, step.column);
      const indicators = indicatorsOf(column, step.categories, step.unknown);
      return tableOf(table.columns.flatMap((one) => (one === column ? indicators : [one])));
    }
    case 'ordinal':
      return withColumns(table, [placesOf(categoricalColumnOf(table, step.column), step.categories)]);
    case 'days':
      return withColumns(table, [daysOf(columnOf(table, step.column))]);
    case 'min-max': {
      const { minimum, maximum, clip } = step;
      // A constant column says nothing: 0.
      const scale = maximum > minimum ? 1 / (maximum - minimum) : 0;
      return withColumns(table, [
        mapped(table, step.column, (value) => {
          const scaled = (value - minimum) * scale;
          return clip ? Math.min(1, Math.max(0, scaled)) : scaled;
        }),
      ]);
    }
    case 'standard': {
      const scale = step.stddev > 0 ? 1 / step.stddev : 0;
      return withColumns(table, [mapped(table, step.column, (value) => (value - step.mean) * scale)]);
    }
    case 'bound-norm':
      return withColumns(table, bounded(table, step.columns ?? columnNames(table), step.bound));
    default:
      return step satisfies never;
  }
}

function recoded(column: CategoricalColumn, replacements: Readonly<Record<string, string>>): CategoricalColumn {
  const lookUp = new Map(Object.entries(replacements));
  const codeOf = new Map<string, number>();
  const moved = column.dictionary.map((text) => {
    const replaced = lookUp.get(text) ?? text;
    const code = codeOf.get(replaced) ?? codeOf.size;
    codeOf.set(replaced, code);
    return code;
  });
  const codes = Int32Array.from(column.codes, (code) => (code === missingCode ? missingCode : moved[code]));
  return categoricalColumn(column.name, codes, [...codeOf.keys()]);
}

function imputed(column: Column, value: string | number): Column {
  if (column.type === 'category') {
    const text = String(value);
    const known = column.dictionary.indexOf(text);
    const dictionary = known === -1 ? [...column.dictionary, text] : column.dictionary;
    const replacement = known === -1 ? dictionary.length - 1 : known;
    const codes = Int32Array.from(column.codes, (code) => (code === missingCode ? replacement : code));
    return categoricalColumn(column.name, codes, dictionary);
  }
  const replacement = column.type === 'date' && typeof value === 'string' ? parseDate(value)?.milliseconds : value;
  if (typeof replacement !== 'number') throw new ParameterError(`column ${column.name}: ${value} is no ${column.type}`);
  const values = Float64Array.from(column.values, (one) => (Number.isNaN(one) ? replacement : one));
  if (column.type === 'date') return Object.freeze({ ...column, values });
  // The mean of integers is seldom one.
  const type = column.type === 'integer' && Number.isSafeInteger(replacement) ? 'integer' : 'number';
  return numericColumn(column.name, type, values);
}

function indicatorsOf(
  column: CategoricalColumn,
  categories: readonly string[],
  unknown: 'refuse' | 'zeros',
): NumericColumn[] {
  const places = placesIn(column, categories);
  if (unknown === 'refuse') refuseUnknown(column, places);
  return categories.map((category, place) => {
    const values = new Float64Array(column.codes.length);
    // What is missing is no category: all zeros.
    for (let row = 0; row < values.length; row += 1) {
      if (column.codes[row] >= 0 && places[column.codes[row]] === place) values[row] = 1;
    }
    return numericColumn(`${column.name}=${category}`, 'integer', values);
  });
}

function placesOf(column: CategoricalColumn, categories: readonly string[]): NumericColumn {
  const places = placesIn(column, categories);
  refuseUnknown(column, places);
  const values = Float64Array.from(column.codes, (code) => (code === missingCode ? Number.NaN : places[code]));
  return numericColumn(column.name, 'integer', values);
}

/** For each text of the dictionary its place among the categories, or −1. */
function placesIn(column: CategoricalColumn, categories: readonly string[]): number[] {
  const placeOf = new Map(categories.map((category, place) => [category, place]));
  return column.dictionary.map((text) => placeOf.get(text) ?? -1);
}

function refuseUnknown(column: CategoricalColumn, places: readonly number[]): void {
  for (let row = 0; row < column.codes.length; row += 1) {
    const code = column.codes[row];
    if (code !== missingCode && places[code] === -1) {
      throw new MalformedData(`${JSON.stringify(column.dictionary[code])} is none of the categories of the recipe`, {
        line: row + 1,
        column: column.name,
      });
    }
  }
}

function daysOf(column: Column): NumericColumn {
  if (column.type !== 'date') throw new ParameterError(`column ${column.name} holds ${column.type}s, not dates`);
  const days = Float64Array.from(column.values, (milliseconds) => milliseconds / 86_400_000);
  return numericColumn(column.name, column.resolution === 'day' ? 'integer' : 'number', days);
}

function mapped(table: Table, name: string, change: (value: number) => number): NumericColumn {
  const column = columnOf(table, name);
  if (column.type !== 'integer' && column.type !== 'number')
    throw new ParameterError(`column ${name} holds ${column.type}s, not numbers`);
  return numericColumn(name, 'number', Float64Array.from(column.values, change));
}

/** x · min(1, B / ‖x‖); the norm is taken of x divided by its largest part, so that squares neither overflow nor vanish. */
function bounded(table: Table, names: readonly string[], bound: number): NumericColumn[] {
  if (!(bound > 0)) throw new ParameterError(`a bound of ${bound} on the norm`);
  const columns = names.map((name) => mapped(table, name, (value) => value));
  const factors = new Float64Array(table.rowCount);
  for (let row = 0; row < factors.length; row += 1) {
    let largest = 0;
    for (const { values } of columns) largest = Math.max(largest, Math.abs(values[row]));
    let sum = 0;
    for (const { values } of columns) sum += largest === 0 ? 0 : (values[row] / largest) ** 2;
    const norm = largest * Math.sqrt(sum);
    // A little below the bound, so that rounding cannot carry a row above it.
    factors[row] = norm > bound ? (bound / norm) * (1 - 4e-16 * (columns.length + 4)) : 1;
  }
  return columns.map(({ name, values }) =>
    numericColumn(
      name,
      'number',
      Float64Array.from(values, (value, row) => value * factors[row]),
    ),
  );
}
