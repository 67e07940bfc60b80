// One column of a table: a name, a type and a typed array. What is missing is marked in the array itself (NaN in numbers and
// dates, −1 in codes), so that no second array can disagree with the first.
import { ParameterError } from '../errors.ts';

/** A typed array that is only read. */
export interface ReadonlyNumbers extends ArrayLike<number>, Iterable<number> {
  slice(start?: number, end?: number): ReadonlyNumbers;
}

export type ColumnType = 'integer' | 'number' | 'date' | 'category';

/** Numbers; those of an `integer` column are safe integers (beyond 2^53 digits would be lost: such a column is a category). */
export interface NumericColumn {
  readonly name: string;
  readonly type: 'integer' | 'number';
  /** NaN: missing. No infinities. */
  readonly values: ReadonlyNumbers;
}

/** Days or instants. */
export interface DateColumn {
  readonly name: string;
  readonly type: 'date';
  /** Milliseconds since 1970-01-01T00:00Z, in UTC; NaN: missing. */
  readonly values: ReadonlyNumbers;
  /** Whether the column says days or times of day, which is how it is written out. */
  readonly resolution: 'day' | 'millisecond';
}

/** Texts of any number: each row holds the place of its text in the dictionary. */
export interface CategoricalColumn {
  readonly name: string;
  readonly type: 'category';
  /** In [0, dictionary.length), or −1: missing. */
  readonly codes: ReadonlyNumbers;
  /** Distinct texts. Their order is that of first appearance unless a schema declares one; some may occur in no row. */
  readonly dictionary: readonly string[];
}

export type Column = NumericColumn | DateColumn | CategoricalColumn;

export const missingCode = -1;

/** Takes over `values`: the caller must not write to it afterwards. */
export function numericColumn(name: string, type: 'integer' | 'number', values: Float64Array): NumericColumn {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row];
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      throw new ParameterError(`column ${name}: row ${row} is infinite`);
    }
    if (type === 'integer' && !Number.isNaN(value) && !Number.isSafeInteger(value)) {
      throw new ParameterError(`column ${name}: row ${row} is no safe integer`);
    }
  }
  return Object.freeze({ name, type, values });
}

/** Takes over `values`. */
export function dateColumn(name: string, values: Float64Array, resolution: 'day' | 'millisecond'): DateColumn {
  for (let row = 0; row < values.length; row += 1) {
    // The range of a Date (ECMA-262, 21.4.1.1): further out it could not be written.
    if (Math.abs(values[row]) > 8.64e15) throw new ParameterError(`column ${name}: row ${row} is no date`);
  }
  return Object.freeze({ name, type: 'date', values, resolution });
}

/** Takes over `codes`. */
export function categoricalColumn(name: string, codes: Int32Array, dictionary: readonly string[]): CategoricalColumn {
  if (new Set(dictionary).size !== dictionary.length) {
    throw new ParameterError(`column ${name}: a category is in the dictionary twice`);
  }
  for (let row = 0; row < codes.length; row += 1) {
    if (codes[row] < missingCode || codes[row] >= dictionary.length) {
      throw new ParameterError(`column ${name}: row ${row} has code ${codes[row]} of ${dictionary.length}`);
    }
  }
  return Object.freeze({ name, type: 'category', codes, dictionary: Object.freeze([...dictionary]) });
}

/** A categorical column out of one text a row; `null` is missing. */
export function categoriesOf(name: string, texts: readonly (string | null)[]): CategoricalColumn {
  const codeOf = new Map<string, number>();
  const codes = new Int32Array(texts.length);
  for (const [row, text] of texts.entries()) {
    if (text === null) {
      codes[row] = missingCode;
      continue;
    }
    const known = codeOf.get(text);
    codes[row] = known ?? codeOf.size;
    if (known === undefined) codeOf.set(text, codeOf.size);
  }
  return categoricalColumn(name, codes, [...codeOf.keys()]);
}

export const lengthOf = (column: Column): number =>
  column.type === 'category' ? column.codes.length : column.values.length;

/** Whether a row says nothing. */
export function isMissing(column: Column, row: number): boolean {
  return column.type === 'category' ? column.codes[row] === missingCode : Number.isNaN(column.values[row]);
}

export function missingCountOf(column: Column): number {
  let count = 0;
  for (let row = 0; row < lengthOf(column); row += 1) if (isMissing(column, row)) count += 1;
  return count;
}

/** The same column with the rows at `rows`, in that order. Dictionaries are shared, so codes stay comparable. */
export function selectFromColumn(column: Column, rows: ReadonlyNumbers): Column {
  if (column.type === 'category') {
    const codes = new Int32Array(rows.length);
    for (let at = 0; at < rows.length; at += 1) codes[at] = column.codes[rows[at]];
    return Object.freeze({ ...column, codes });
  }
  const values = new Float64Array(rows.length);
  for (let at = 0; at < rows.length; at += 1) values[at] = column.values[rows[at]];
  return Object.freeze({ ...column, values });
}

export const renamed = (column: Column, name: string): Column => Object.freeze({ ...column, name });

/** The column with only those texts in its dictionary that occur, in the same order. */
export function withoutUnusedCategories(column: CategoricalColumn): CategoricalColumn {
  const used = new Uint8Array(column.dictionary.length);
  for (let row = 0; row < column.codes.length; row += 1) if (column.codes[row] >= 0) used[column.codes[row]] = 1;
  const moved = new Int32Array(used.length);
  const dictionary: string[] = [];
  for (const [code, text] of column.dictionary.entries()) {
    moved[code] = dictionary.length;
    if (used[code] === 1) dictionary.push(text);
  }
  const codes = new Int32Array(column.codes.length);
  for (let row = 0; row < codes.length; row += 1) {
    codes[row] = column.codes[row] === missingCode ? missingCode : moved[column.codes[row]];
  }
  return Object.freeze({ name: column.name, type: 'category', codes, dictionary: Object.freeze(dictionary) });
}
