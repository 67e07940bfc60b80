// Dates of a column: ISO days straight from bytes, everything else through its text.
import { type Column, type ColumnSchema, type DateFormat, parseDate } from '../table/index.ts';
import type { Dialect } from './dialect.ts';
import { type BadCell, type ColumnReader, fieldText, quoted } from './field.ts';
import { Numbers } from './number-reader.ts';
import type { Scanner } from './scanner.ts';

/** The day that ten bytes spell as 2026-11-20; NaN where they do not, or where the general reading must judge (1 to 28 are safe). */
function isoDay(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || bytes[start + 4] !== 45 || bytes[start + 7] !== 45) return Number.NaN;
  let year = 0;
  for (let at = start; at < start + 4; at += 1) {
    const digit = bytes[at] - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    year = year * 10 + digit;
  }
  const [tens, ones] = [bytes[start + 5] - 48, bytes[start + 6] - 48];
  const [dayTens, dayOnes] = [bytes[start + 8] - 48, bytes[start + 9] - 48];
  if (tens < 0 || tens > 1 || ones < 0 || ones > 9 || dayTens < 0 || dayTens > 2 || dayOnes < 0 || dayOnes > 9) {
    return Number.NaN;
  }
  const month = tens * 10 + ones;
  const day = dayTens * 10 + dayOnes;
  if (month < 1 || month > 12 || day < 1 || day > 28 || year < 1) return Number.NaN;
  // Days from the civil date (Hinnant 2013): years start in March, so that the leap day is the last.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * 86_400_000;
}

export class DateReader implements ColumnReader {
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
    const iso = this.#format === 'iso';
    for (let row = 0, field = column; row < block.rowCount; row += 1, field += block.columnCount) {
      const plain = iso ? isoDay(bytes, block.starts[field], block.ends[field]) : Number.NaN;
      if (!Number.isNaN(plain)) {
        values[count + row] = plain;
        continue;
      }
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
