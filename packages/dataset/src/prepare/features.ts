// From a table to what a network takes: one array, row by row. Whatever is no number, or missing, is refused by name.
import { MalformedData, ParameterError } from '../errors.ts';
import { columnNames, columnOf, type Table } from '../table/index.ts';

export interface Features {
  readonly rows: number;
  readonly names: readonly string[];
  /** rows × names values. */
  readonly values: Float32Array;
}

export function featuresOf(table: Table, names: readonly string[] = columnNames(table)): Features {
  const values = new Float32Array(table.rowCount * names.length);
  for (const [at, name] of names.entries()) {
    const column = columnOf(table, name);
    if (column.type !== 'integer' && column.type !== 'number') {
      throw new ParameterError(`column ${name} holds ${column.type}s; encode or drop it first`);
    }
    for (let row = 0; row < table.rowCount; row += 1) {
      const value = column.values[row];
      if (Number.isNaN(value))
        throw new MalformedData('a missing value; impute it first', { line: row + 1, column: name });
      values[row * names.length + at] = value;
    }
  }
  return { rows: table.rowCount, names: [...names], values };
}
