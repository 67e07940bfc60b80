// Tables row by row: for small data, tests and whatever is written out. Hot paths read columns instead.
import { ParameterError } from '../errors.ts';
import { formatDate, parseDate } from './calendar.ts';
import {
  type Column,
  categoricalColumn,
  categoriesOf,
  dateColumn,
  isMissing,
  missingCode,
  numericColumn,
} from './column.ts';
import type { ColumnSchema, Schema } from './schema.ts';
import { type Table, tableOf } from './table.ts';

/** One cell as a value: a number, a text (dates as ISO 8601), or null where it is missing. */
export type Cell = string | number | null;

/** Builds a table from rows in the schema's order of columns. Texts are taken as they are; only null (or NaN) is missing. */
export function tableFromRows(schema: Schema, rows: readonly (readonly Cell[])[]): Table {
  for (const [row, cells] of rows.entries()) {
    if (cells.length !== schema.columns.length) {
      throw new ParameterError(`row ${row} has ${cells.length} cells, the schema ${schema.columns.length}`);
    }
  }
  return tableOf(
    schema.columns.map((column, at) =>
      columnFromCells(
        column,
        rows.map((cells) => cells[at]),
      ),
    ),
  );
}

/** Builds one column from cells. */
export function columnFromCells(schema: ColumnSchema, cells: readonly Cell[]): Column {
  const { name, type } = schema;
  const refuse = (row: number): never => {
    throw new ParameterError(`column ${name}: row ${row} holds no ${type}`);
  };
  switch (type) {
    case 'integer':
    case 'number': {
      const values = Float64Array.from(cells, (cell, row) => {
        if (typeof cell === 'string') return refuse(row);
        return cell ?? Number.NaN;
      });
      return numericColumn(name, type, values);
    }
    case 'date': {
      let resolution: 'day' | 'millisecond' = 'day';
      const values = Float64Array.from(cells, (cell, row) => {
        if (typeof cell === 'number') return refuse(row);
        if (cell === null) return Number.NaN;
        const date = parseDate(cell, schema.dateFormat) ?? refuse(row);
        if (date.resolution === 'millisecond') resolution = 'millisecond';
        return date.milliseconds;
      });
      return dateColumn(name, values, resolution);
    }
    case 'category': {
      const texts = cells.map((cell) => (cell === null || Number.isNaN(cell) ? null : String(cell)));
      if (schema.categories === undefined) return categoriesOf(name, texts);
      const codeOf = new Map(schema.categories.map((text, code) => [text, code]));
      const codes = Int32Array.from(texts, (text, row) =>
        text === null ? missingCode : (codeOf.get(text) ?? refuse(row)),
      );
      return categoricalColumn(name, codes, schema.categories);
    }
    default:
      return type satisfies never;
  }
}

export function cellOf(column: Column, row: number): Cell {
  if (isMissing(column, row)) return null;
  if (column.type === 'category') return column.dictionary[column.codes[row]];
  const value = column.values[row];
  return column.type === 'date' ? formatDate(value, column.resolution) : value;
}

/** The cell as it is written into a file; what is missing is the empty text. */
export function textOf(column: Column, row: number): string {
  const cell = cellOf(column, row);
  return cell === null ? '' : String(cell);
}

export const rowOf = (table: Table, row: number): Cell[] => table.columns.map((column) => cellOf(column, row));

export const rowsOf = (table: Table): Cell[][] => Array.from({ length: table.rowCount }, (_, row) => rowOf(table, row));
