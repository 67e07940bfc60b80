// Numbers of a column: straight from bytes into a growing array.
import { ParameterError } from '../errors.ts';
import type { Column, ColumnSchema } from '../table/index.ts';
import type { Dialect } from './dialect.ts';
import { type BadCell, type ColumnReader, fieldText, quoted } from './field.ts';
import { isIdentifier, writeNumber } from './number-cell.ts';
import type { Scanner } from './scanner.ts';

/** A growing Float64Array of which the last block can be thinned out. */
export class Numbers {
  values: Float64Array = new Float64Array(64);
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

export class NumberReader implements ColumnReader {
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
    if (!this.#declared) this.#refuseIdentifiers(bytes, block, column, bad);
    if (this.#type === 'integer') this.#checkIntegers(bytes, block, column, bad);
    this.#numbers.count += rows;
  }

  /** Guessed from the rows before: then a leading zero or a plus sign, which a number would lose, says that the guess was wrong. */
  #refuseIdentifiers(bytes: Uint8Array, block: Scanner, column: number, bad: BadCell[]): void {
    const { starts, ends, columnCount, rowCount } = block;
    for (let row = 0, field = column; row < rowCount; row += 1, field += columnCount) {
      const first = bytes[starts[field]];
      if (first > 48 || ends[field] - starts[field] < 2 || ends[field] < 0) continue;
      if (!isIdentifier(bytes, starts[field], ends[field])) continue;
      this.#numbers.values[this.#numbers.count + row] = Number.NaN;
      bad.push({ row, reason: `${quoted(bytes, block, field)} is no ${this.#type} but an identifier` });
    }
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
