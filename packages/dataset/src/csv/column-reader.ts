// Turns one column of a block of fields into typed values. Reads column by column: each loop does one thing.
import { ParameterError } from '../errors.ts';
import {
  type CategoricalColumn,
  type Column,
  type ColumnSchema,
  type DateFormat,
  parseDate,
  withoutUnusedCategories,
} from '../table/index.ts';
import { decodeUtf8 } from '../text/utf8.ts';
import { CategoryTable, holdsNul, markedMissing, notUtf8 } from './category-table.ts';
import type { Dialect } from './dialect.ts';
import { writeNumber } from './number-cell.ts';
import type { Scanner } from './scanner.ts';

/** A cell that its column cannot hold. */
export interface BadCell {
  /** Row of the block. */
  readonly row: number;
  readonly reason: string;
}

export interface ColumnReader {
  /** Appends the column's cells of the block; a bad one holds a place until `discard`. */
  append(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void;
  /** Removes the rows of the last block that are marked. */
  discard(marks: Uint8Array, blockRows: number): void;
  /** The rows so far as a column; the reader starts again empty. */
  take(): Column;
}

/** `declared`: the schema comes from a person, so an integer column that meets 3.5 is wrong about it and does not widen. */
export function columnReader(schema: ColumnSchema, dialect: Dialect, declared: boolean): ColumnReader {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return new NumberReader(schema, dialect, declared);
    case 'date':
      return new DateReader(schema, dialect);
    case 'category':
      return new CategoryReader(schema, dialect);
    default:
      return schema.type satisfies never;
  }
}

const space = 32;
const quoteLimit = 40;

/** The field's bytes with doubled quotes undone; `ends` below zero marks them. */
function unescaped(bytes: Uint8Array, start: number, end: number, quote: number): Uint8Array {
  const out = new Uint8Array(end - start);
  let size = 0;
  for (let at = start; at < end; at += 1) {
    out[size++] = bytes[at];
    // Inside a quoted field a quote is always doubled: skip its second half.
    if (bytes[at] === quote) at += 1;
  }
  return out.subarray(0, size);
}

export function fieldText(bytes: Uint8Array, block: Scanner, field: number): string | undefined {
  const start = block.starts[field];
  const end = block.ends[field];
  if (end >= 0) return decodeUtf8(bytes, start, end);
  const plain = unescaped(bytes, start, ~end, block.quote);
  return decodeUtf8(plain, 0, plain.length);
}

/** The field as an error message shows it. */
function quoted(bytes: Uint8Array, block: Scanner, field: number): string {
  const text = fieldText(bytes, block, field);
  if (text === undefined) return 'a field that is no UTF-8';
  const shown = text.length > quoteLimit ? `${text.slice(0, quoteLimit)}…` : text;
  return JSON.stringify(shown);
}

/** A growing Float64Array of which the last block can be thinned out. */
class Numbers {
  values = new Float64Array(1024);
  count = 0;

  reserve(more: number): void {
    if (this.count + more <= this.values.length) return;
    const larger = new Float64Array(Math.max(this.values.length * 2, this.count + more));
    larger.set(this.values.subarray(0, this.count));
    this.values = larger;
  }

  discard(marks: Uint8Array, blockRows: number): void {
    let to = this.count - blockRows;
    for (let row = 0, from = to; row < blockRows; row += 1, from += 1) {
      if (marks[row] === 0) this.values[to++] = this.values[from];
    }
    this.count = to;
  }

  take(): Float64Array {
    const taken = this.values.slice(0, this.count);
    this.count = 0;
    return taken;
  }
}

class NumberReader implements ColumnReader {
  readonly #name: string;
  readonly #numbers = new Numbers();
  readonly #decimal: number;
  readonly #missing: ReadonlySet<string>;
  readonly #declared: boolean;
  #type: 'integer' | 'number';

  constructor(schema: ColumnSchema, dialect: Dialect, declared: boolean) {
    this.#name = schema.name;
    if (schema.type !== 'integer' && schema.type !== 'number') throw new ParameterError(`${schema.type} is no number`);
    this.#type = schema.type;
    this.#declared = declared;
    this.#decimal = dialect.decimal.charCodeAt(0);
    this.#missing = new Set(dialect.missing);
  }

  append(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void {
    const rows = block.rowCount;
    this.#numbers.reserve(rows);
    const { values, count } = this.#numbers;
    const { starts, ends, columnCount } = block;
    const decimal = this.#decimal;
    for (let row = 0, field = column; row < rows; row += 1, field += columnCount) {
      if (!writeNumber(bytes, starts[field], ends[field], decimal, values, count + row)) {
        values[count + row] = Number.NaN;
        const text = fieldText(bytes, block, field);
        if (text === undefined || !this.#missing.has(text.trim())) {
          const shown = quoted(bytes, block, field);
          bad.push({ row, reason: `${shown} is no ${this.#type}` });
        }
      }
    }
    if (this.#type === 'integer') this.#checkIntegers(bytes, block, column, bad);
    this.#numbers.count += rows;
  }

  #checkIntegers(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void {
    const { values, count } = this.#numbers;
    for (let row = 0; row < block.rowCount; row += 1) {
      const value = values[count + row];
      if (Number.isSafeInteger(value) || Number.isNaN(value)) continue;
      if (!this.#declared && !Number.isInteger(value)) {
        // Guessed from the rows before, and wrongly: integers and numbers are kept alike, so nothing is lost by widening.
        this.#type = 'number';
        return;
      }
      const field = row * block.columnCount + column;
      values[count + row] = Number.NaN;
      bad.push({ row, reason: `${quoted(bytes, block, field)} is no integer that a double holds` });
    }
  }

  discard(marks: Uint8Array, blockRows: number): void {
    this.#numbers.discard(marks, blockRows);
  }

  take(): Column {
    return Object.freeze({ name: this.#name, type: this.#type, values: this.#numbers.take() });
  }
}

class DateReader implements ColumnReader {
  readonly #name: string;
  readonly #format: DateFormat;
  readonly #missing: ReadonlySet<string>;
  readonly #numbers = new Numbers();
  /** Dates recur; those seen lately are not parsed again. */
  readonly #seen = new Map<string, number>();
  #resolution: 'day' | 'millisecond' = 'day';

  constructor(schema: ColumnSchema, dialect: Dialect) {
    this.#name = schema.name;
    this.#format = schema.dateFormat ?? 'iso';
    this.#missing = new Set(dialect.missing);
  }

  append(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void {
    this.#numbers.reserve(block.rowCount);
    const { values, count } = this.#numbers;
    for (let row = 0, field = column; row < block.rowCount; row += 1, field += block.columnCount) {
      const text = fieldText(bytes, block, field)?.trim();
      const value = text === undefined ? undefined : this.#valueOf(text);
      values[count + row] = value ?? Number.NaN;
      if (value === undefined) {
        const shown = quoted(bytes, block, field);
        bad.push({ row, reason: `${shown} is no date (${this.#format})` });
      }
    }
    this.#numbers.count += block.rowCount;
  }

  /** NaN where the text stands for "missing", undefined where it is no date. */
  #valueOf(text: string): number | undefined {
    const seen = this.#seen.get(text);
    if (seen !== undefined) return seen;
    const date = this.#missing.has(text) ? undefined : parseDate(text, this.#format);
    if (date === undefined && !this.#missing.has(text)) return undefined;
    if (date?.resolution === 'millisecond') this.#resolution = 'millisecond';
    const value = date?.milliseconds ?? Number.NaN;
    if (this.#seen.size > 50_000) this.#seen.clear();
    this.#seen.set(text, value);
    return value;
  }

  discard(marks: Uint8Array, blockRows: number): void {
    this.#numbers.discard(marks, blockRows);
  }

  take(): Column {
    const values = this.#numbers.take();
    return Object.freeze({ name: this.#name, type: 'date', values, resolution: this.#resolution });
  }
}

class CategoryReader implements ColumnReader {
  readonly #name: string;
  readonly #table: CategoryTable;
  readonly #trim: boolean;
  readonly #declared: boolean;
  #thinned = false;
  #codes = new Int32Array(1024);
  #count = 0;

  constructor(schema: ColumnSchema, dialect: Dialect) {
    this.#name = schema.name;
    this.#table = new CategoryTable(dialect.missing, schema.categories);
    this.#declared = schema.categories !== undefined;
    this.#trim = dialect.trim;
  }

  append(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void {
    const rows = block.rowCount;
    this.#reserve(rows);
    const { starts, ends, columnCount } = block;
    const codes = this.#codes;
    const table = this.#table;
    const first = this.#count;
    let lowest = 0;
    for (let row = 0, field = column; row < rows; row += 1, field += columnCount) {
      let start = starts[field];
      let end = ends[field];
      let from = bytes;
      if (end < 0) {
        from = unescaped(bytes, start, ~end, block.quote);
        start = 0;
        end = from.length;
      }
      if (this.#trim) {
        while (start < end && from[start] === space) start += 1;
        while (end > start && from[end - 1] === space) end -= 1;
      }
      const code = table.codeOf(from, start, end);
      codes[first + row] = code;
      if (code < lowest) lowest = code;
    }
    if (lowest < markedMissing) this.#report(bytes, block, column, bad);
    this.#count += rows;
  }

  #report(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void {
    for (let row = 0; row < block.rowCount; row += 1) {
      const code = this.#codes[this.#count + row];
      if (code >= markedMissing) continue;
      const field = row * block.columnCount + column;
      const shown = quoted(bytes, block, field);
      if (code === notUtf8) bad.push({ row, reason: 'the field is no UTF-8, unlike the file before it' });
      else if (code === holdsNul) bad.push({ row, reason: 'the field holds a NUL byte' });
      else bad.push({ row, reason: `${shown} is none of the declared categories` });
      this.#codes[this.#count + row] = markedMissing;
    }
  }

  #reserve(more: number): void {
    if (this.#count + more <= this.#codes.length) return;
    const larger = new Int32Array(Math.max(this.#codes.length * 2, this.#count + more));
    larger.set(this.#codes.subarray(0, this.#count));
    this.#codes = larger;
  }

  discard(marks: Uint8Array, blockRows: number): void {
    let to = this.#count - blockRows;
    for (let row = 0, from = to; row < blockRows; row += 1, from += 1) {
      if (marks[row] === 0) this.#codes[to++] = this.#codes[from];
    }
    this.#count = to;
    this.#thinned = true;
  }

  take(): Column {
    const codes = this.#codes.slice(0, this.#count);
    this.#count = 0;
    const dictionary = Object.freeze(this.#table.take());
    const column: CategoricalColumn = Object.freeze({ name: this.#name, type: 'category', codes, dictionary });
    // A rejected row leaves nothing behind, its categories neither; declared ones stay.
    return this.#thinned && !this.#declared ? withoutUnusedCategories(column) : column;
  }
}
