// Rows for a training from a table of any format: a column of labels, the others features, scaled by a rule that is stated, and a constant 1.
//
// Scaling over the whole table ('minmax') looks at the data: for models without a privacy claim. With one, features are divided by public
// bounds beforehand and 'unit' brings every row to length 1, one row at a time.
import { type CheckedRows, checkRows, type RowsLiteral } from '@sumus/encrypted-learning/training';
import { UsageError } from '../command.ts';
import { openSource } from './data-source.ts';
import type { SourceOptions } from './data-source-options.ts';
import { asUsage } from './encrypted-offer.ts';

export interface TrainingRowsOptions extends SourceOptions {
  readonly data: string;
  /** A name, or a number from 1; default the last column. */
  readonly label?: string;
  readonly scale: 'minmax' | 'unit' | 'none';
  readonly normBound?: number;
  readonly binary: boolean;
}

interface Columns {
  readonly names: readonly string[];
  /** Column by column. */
  readonly values: readonly (readonly number[])[];
}

export interface TrainingRows {
  readonly rows: CheckedRows;
  /** Of the features, the constant last. */
  readonly names: readonly string[];
}

export async function readTrainingRows(options: TrainingRowsOptions): Promise<TrainingRows> {
  const { names, values } = await readColumns(options);
  const labelAt = labelPlace(names, options.label, options.data);
  const labels = values[labelAt] ?? [];
  const features = values.filter((_, at) => at !== labelAt);
  const columns = features.length + 1;
  const scaled = features.map((column) => (options.scale === 'minmax' ? minMax(column) : column));
  const flat = new Float64Array(labels.length * columns);
  for (let row = 0; row < labels.length; row += 1) {
    scaled.forEach((column, j) => {
      flat[row * columns + j] = column[row] ?? Number.NaN;
    });
    flat[row * columns + columns - 1] = 1;
    if (options.scale === 'unit') toUnit(flat.subarray(row * columns, (row + 1) * columns));
  }
  const literal: RowsLiteral = {
    features: flat,
    columns,
    labels: Float64Array.from(labels),
    ...boundsOf(options, columns),
    labelSet: options.binary ? 'binary' : largest(labels),
  };
  const rows = asUsage(() => checkRows(literal));
  return { rows, names: [...names.filter((_, at) => at !== labelAt), '1'] };
}

function boundsOf(
  { scale, normBound }: TrainingRowsOptions,
  columns: number,
): Pick<RowsLiteral, 'normBound' | 'featureBound'> {
  switch (scale) {
    case 'minmax':
      return { normBound: normBound ?? Math.sqrt(columns), featureBound: 1 };
    case 'unit':
      return { normBound: normBound ?? 1, featureBound: 1 };
    case 'none':
      if (normBound === undefined)
        throw new UsageError('--scale none needs --norm-bound: no row may be longer, the constant 1 included');
      return { normBound };
    default:
      return scale satisfies never;
  }
}

async function readColumns(options: TrainingRowsOptions): Promise<Columns> {
  const source = await openSource(options.data, options);
  let names: readonly string[] = [];
  let values: number[][] = [];
  for await (const table of source.batches()) {
    if (values.length === 0) {
      names = table.columns.map(({ name }) => name);
      values = names.map(() => []);
    }
    for (const [at, column] of table.columns.entries()) {
      const into = values[at];
      if (into === undefined || (column.type !== 'number' && column.type !== 'integer')) {
        throw new UsageError(`${options.data}: column ${column.name} holds no numbers`);
      }
      for (let row = 0; row < table.rowCount; row += 1) {
        const value = column.values[row] ?? Number.NaN;
        if (!Number.isFinite(value))
          throw new UsageError(`${options.data}: ${column.name} of row ${into.length + 1} is not a finite number`);
        into.push(value);
      }
    }
  }
  if ((values[0]?.length ?? 0) === 0) throw new UsageError(`${options.data} has no rows`);
  if (names.length < 2) throw new UsageError(`${options.data} has one column: a label and nothing to learn it from`);
  return { names, values };
}

function labelPlace(names: readonly string[], label: string | undefined, path: string): number {
  if (label === undefined) return names.length - 1;
  const byName = names.indexOf(label);
  const byNumber = /^\d+$/.test(label) ? Number(label) - 1 : -1;
  const at = byName === -1 ? byNumber : byName;
  if (at < 0 || at >= names.length) throw new UsageError(`${path} has no column ${label}`);
  return at;
}

function minMax(column: readonly number[]): readonly number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of column) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return column.map((value) => (high > low ? (value - low) / (high - low) : 0));
}

function toUnit(row: Float64Array): void {
  let square = 0;
  for (const value of row) square += value * value;
  const norm = Math.sqrt(square);
  row.forEach((value, j) => {
    row[j] = value / norm;
  });
}

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
