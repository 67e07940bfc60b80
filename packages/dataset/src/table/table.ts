// A table: columns of one length, each with a name of its own. It never changes; every function here answers with a new one
// that shares what stayed the same.
import { ParameterError } from '../errors.ts';
import {
  type CategoricalColumn,
  type Column,
  categoricalColumn,
  lengthOf,
  missingCode,
  type ReadonlyNumbers,
  renamed,
  selectFromColumn,
} from './column.ts';

export interface Table {
  readonly rowCount: number;
  readonly columns: readonly Column[];
}

export function tableOf(columns: readonly Column[]): Table {
  const rowCount = columns.length === 0 ? 0 : lengthOf(columns[0]);
  const names = new Set<string>();
  for (const column of columns) {
    if (names.has(column.name)) throw new ParameterError(`two columns are called ${column.name}`);
    names.add(column.name);
    if (lengthOf(column) !== rowCount) {
      throw new ParameterError(`column ${column.name} has ${lengthOf(column)} rows, the first column ${rowCount}`);
    }
  }
  return Object.freeze({ rowCount, columns: Object.freeze([...columns]) });
}

export const columnNames = (table: Table): string[] => table.columns.map((column) => column.name);

/** Throws where there is none of that name. */
export function columnOf(table: Table, name: string): Column {
  const found = table.columns.find((column) => column.name === name);
  if (found === undefined) {
    throw new ParameterError(`there is no column ${name}; the table has ${columnNames(table).join(', ')}`);
  }
  return found;
}

/** Throws where it is not categorical. */
export function categoricalColumnOf(table: Table, name: string): CategoricalColumn {
  const column = columnOf(table, name);
  if (column.type !== 'category') throw new ParameterError(`column ${name} holds ${column.type}s, not categories`);
  return column;
}

/** The rows at `rows`, in that order; a row may be taken more than once. */
export function selectRows(table: Table, rows: ReadonlyNumbers): Table {
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at];
    if (!(Number.isInteger(row) && row >= 0 && row < table.rowCount)) {
      throw new ParameterError(`there is no row ${row}; the table has ${table.rowCount}`);
    }
  }
  const columns = table.columns.map((column) => selectFromColumn(column, rows));
  return Object.freeze({ rowCount: rows.length, columns: Object.freeze(columns) });
}

/** The rows for which `keep` says so, in their order. */
export function filterRows(table: Table, keep: (row: number) => boolean): Table {
  const rows = new Uint32Array(table.rowCount);
  let count = 0;
  for (let row = 0; row < table.rowCount; row += 1) if (keep(row)) rows[count++] = row;
  return selectRows(table, rows.subarray(0, count));
}

export const selectColumns = (table: Table, names: readonly string[]): Table => {
  const columns = names.map((name) => columnOf(table, name));
  return columns.length === 0 ? Object.freeze({ rowCount: table.rowCount, columns: [] }) : tableOf(columns);
};

export const withoutColumns = (table: Table, names: readonly string[]): Table => {
  for (const name of names) columnOf(table, name);
  return selectColumns(
    table,
    columnNames(table).filter((name) => !names.includes(name)),
  );
};

/** Columns of a name that exists take its place; the others are appended. */
export function withColumns(table: Table, columns: readonly Column[]): Table {
  const given = new Map(columns.map((column) => [column.name, column]));
  if (given.size !== columns.length) throw new ParameterError('two of the new columns have one name');
  const kept = table.columns.map((column) => given.get(column.name) ?? column);
  const fresh = columns.filter((column) => table.columns.every((one) => one.name !== column.name));
  return tableOf([...kept, ...fresh]);
}

export function renameColumn(table: Table, from: string, to: string): Table {
  columnOf(table, from);
  return tableOf(table.columns.map((column) => (column.name === from ? renamed(column, to) : column)));
}

/** One below the other. Columns and their types must agree; dictionaries are joined, the first one's codes stay. */
export function appendRows(first: Table, second: Table): Table {
  const names = columnNames(first);
  if (columnNames(second).join('\0') !== names.join('\0')) throw new ParameterError('the tables have other columns');
  return tableOf(first.columns.map((column, at) => appended(column, second.columns[at])));
}

function appended(first: Column, second: Column): Column {
  if (first.type === 'category' && second.type === 'category') {
    const codeOf = new Map(first.dictionary.map((text, code) => [text, code]));
    const moved = second.dictionary.map((text) => {
      const code = codeOf.get(text) ?? codeOf.size;
      codeOf.set(text, code);
      return code;
    });
    const codes = new Int32Array(first.codes.length + second.codes.length);
    codes.set(first.codes);
    for (let row = 0; row < second.codes.length; row += 1) {
      const code = second.codes[row];
      codes[first.codes.length + row] = code === missingCode ? missingCode : moved[code];
    }
    return categoricalColumn(first.name, codes, [...codeOf.keys()]);
  }
  if (first.type === 'category' || second.type === 'category' || (first.type === 'date') !== (second.type === 'date')) {
    throw new ParameterError(`column ${first.name} holds ${first.type}s in one table, ${second.type}s in the other`);
  }
  const values = new Float64Array(first.values.length + second.values.length);
  values.set(first.values);
  values.set(second.values, first.values.length);
  if (first.type === 'date' && second.type === 'date') {
    const resolution = first.resolution === second.resolution ? first.resolution : 'millisecond';
    return Object.freeze({ name: first.name, type: 'date', values, resolution });
  }
  const type = first.type === 'integer' && second.type === 'integer' ? 'integer' : 'number';
  return Object.freeze({ name: first.name, type, values });
}
