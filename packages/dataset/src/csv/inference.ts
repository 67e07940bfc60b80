// What the columns of a CSV are: every field narrows what its column can still be. What remains wins in the order integer, number,
// date, category. A column is a category as well where guessing more would lose something: leading zeros, phone numbers, integers
// beyond 2^53, dates whose order of day and month nothing tells.
import { type ColumnSchema, type DateFormat, dateFormats, parseDate } from '../table/index.ts';
import type { Dialect } from './dialect.ts';
import { fieldText } from './field.ts';
import { numberKind } from './number-cell.ts';
import type { Scanner } from './scanner.ts';

export interface InferredColumn {
  readonly schema: ColumnSchema;
  /** Why, for a person. */
  readonly evidence: string;
  /** Whether more rows can only contradict the type, not make it another one that they fit as well. */
  readonly settled: boolean;
}

const seenLimit = 20_000;

export class ColumnInference {
  readonly #name: string;
  readonly #decimal: number;
  readonly #trim: boolean;
  readonly #missing: ReadonlySet<string>;
  #filled = 0;
  #absent = 0;
  #numeric = true;
  #integral = true;
  #dates: DateFormat[] = [...dateFormats];
  #numbers = 0;
  readonly #seen = new Set<string>();
  /** The field that decided that the column is no number or date. */
  #witness = '';

  constructor(name: string, dialect: Dialect) {
    this.#name = name;
    this.#decimal = dialect.decimal.charCodeAt(0);
    this.#trim = dialect.trim;
    this.#missing = new Set(dialect.missing);
  }

  observe(bytes: Uint8Array, block: Scanner, column: number): void {
    const { starts, ends, columnCount, rowCount } = block;
    for (let row = 0, field = column; row < rowCount; row += 1, field += columnCount) {
      if (!this.#numeric && this.#dates.length === 0) return;
      const kind = this.#numeric && ends[field] >= 0 ? numberKind(bytes, starts[field], ends[field], this.#decimal) : 0;
      if (kind !== 0) {
        this.#filled += 1;
        this.#numbers += 1;
        this.#dates = [];
        if (kind === 2) this.#integral = false;
      } else this.#observeText(fieldText(bytes, block, field) ?? '\ufffd');
    }
  }

  #observeText(field: string): void {
    const text = field.trim();
    // Dates recur, and a text narrows nothing twice.
    if (this.#seen.has(text)) {
      this.#filled += 1;
      return;
    }
    if (this.#missing.has(this.#trim ? text : field) || this.#missing.has(text)) {
      this.#absent += 1;
      return;
    }
    this.#filled += 1;
    if (this.#numeric) {
      this.#numeric = false;
      this.#witness = text;
    }
    const before = this.#dates.length;
    this.#dates = this.#numbers > 0 ? [] : this.#dates.filter((format) => parseDate(text, format) !== undefined);
    if (before > 0 && this.#dates.length === 0) this.#witness = text;
    if (this.#seen.size < seenLimit) this.#seen.add(text);
  }

  conclude(): InferredColumn {
    const name = this.#name;
    const seen = `${this.#filled} fields, ${this.#absent} missing`;
    if (this.#filled === 0)
      return { schema: { name, type: 'category' }, evidence: `nothing in it: ${seen}`, settled: false };
    if (this.#numeric) {
      const type = this.#integral ? 'integer' : 'number';
      return { schema: { name, type }, evidence: `${seen}, all ${type}s`, settled: true };
    }
    const [dateFormat] = this.#dates;
    if (this.#dates.length > 1) {
      return {
        schema: { name, type: 'category' },
        evidence: `dates, but ${this.#dates.join(' or ')}? Declare which`,
        settled: false,
      };
    }
    if (dateFormat !== undefined) {
      return {
        schema: { name, type: 'date', dateFormat },
        evidence: `${seen}, all dates (${dateFormat})`,
        settled: true,
      };
    }
    const witness = this.#witness.length > 30 ? `${this.#witness.slice(0, 30)}…` : this.#witness;
    return {
      schema: { name, type: 'category' },
      evidence: `${JSON.stringify(witness)} is neither number nor date`,
      settled: true,
    };
  }
}
