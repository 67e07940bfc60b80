// Examples for a prediction, from a file of any format: columns of numbers in the order in which the model takes them. Pixels of an IDX file
// become numbers from 0 to 1.
import type { NumericColumn, Table } from '@sumus/dataset/table';
import { UsageError } from '../command.ts';
import { openSource } from './data-source.ts';
import type { SourceOptions } from './data-source-options.ts';

export interface ExampleRows {
  readonly count: number;
  /** One example after another. */
  readonly values: Float64Array;
}

/** `leaveOut`: a column that is no input, such as the label. */
export async function readExampleRows(
  path: string,
  options: SourceOptions & { readonly leaveOut?: string },
  width: number,
): Promise<ExampleRows> {
  const source = await openSource(path, options);
  const factor = source.format === 'idx' ? 1 / 255 : 1;
  const pieces: Float64Array[] = [];
  let count = 0;
  for await (const table of source.batches()) {
    pieces.push(rowsOf(path, table, options.leaveOut, width, factor, count));
    count += table.rowCount;
  }
  if (count === 0) throw new UsageError(`${path} has no rows`);
  const values = new Float64Array(count * width);
  let at = 0;
  for (const piece of pieces) {
    values.set(piece, at);
    at += piece.length;
  }
  return { count, values };
}

function rowsOf(
  path: string,
  { columns, rowCount }: Table,
  leaveOut: string | undefined,
  width: number,
  factor: number,
  before: number,
): Float64Array {
  const used = columns.filter(({ name }) => name !== leaveOut);
  if (leaveOut !== undefined && used.length === columns.length)
    throw new UsageError(`${path} has no column ${leaveOut}`);
  const numeric = used.map((column): NumericColumn => {
    if (column.type === 'number' || column.type === 'integer') return column;
    throw new UsageError(`${path}: column ${column.name} holds no numbers (--leave-out, if it is no input)`);
  });
  if (numeric.length !== width) {
    throw new UsageError(`${path} has ${numeric.length} columns, the model takes ${width} numbers (--leave-out)`);
  }
  const values = new Float64Array(rowCount * width);
  numeric.forEach(({ name, values: column }, place) => {
    for (let row = 0; row < rowCount; row += 1) {
      const value = column[row] ?? Number.NaN;
      if (!Number.isFinite(value)) throw new UsageError(`${path}: ${name} of row ${before + row + 1} is missing`);
      values[row * width + place] = value * factor;
    }
  });
  return values;
}
