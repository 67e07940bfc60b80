// Records whose columns are found on the way: batches of rows, each a map from column to atom, become tables of one schema.

import type { RejectedRow, Tolerance } from '../csv/index.ts';
import { MalformedData, type Place } from '../errors.ts';
import { filterRows, type Schema, type Table, tableOf } from '../table/index.ts';
import { type Atom, columnFromAtoms } from './value-column.ts';

export interface RecordReport {
  readonly rows: number;
  readonly rejectedRows: number;
  readonly blankLines: number;
  readonly rejected: readonly RejectedRow[];
}

const keptRejections = 100;

export class RecordCollector {
  readonly #schema: Schema;
  readonly #tolerance: Tolerance;
  readonly #file: string | undefined;
  #columns: Atom[][];
  #lines: number[] = [];
  #rows = 0;
  #rejectedRows = 0;
  readonly #rejected: RejectedRow[] = [];
  blankLines = 0;

  constructor(schema: Schema, tolerance: Tolerance, file: string | undefined) {
    this.#schema = schema;
    this.#tolerance = tolerance;
    this.#file = file;
    this.#columns = schema.columns.map(() => []);
  }

  get waiting(): number {
    return this.#lines.length;
  }

  get report(): RecordReport {
    const { blankLines } = this;
    return { rows: this.#rows, rejectedRows: this.#rejectedRows, blankLines, rejected: [...this.#rejected] };
  }

  /** A record; what it has beyond the schema makes it a bad row. */
  add(line: number, record: ReadonlyMap<string, Atom>): void {
    let found = 0;
    for (const { name } of this.#schema.columns) if (record.has(name)) found += 1;
    if (found < record.size) {
      const names = new Set(this.#schema.columns.map((column) => column.name));
      const extra = [...record.keys()].find((name) => !names.has(name)) ?? '';
      this.reject({ line, column: extra, reason: 'the column is not in the schema' });
      return;
    }
    for (const [at, { name }] of this.#schema.columns.entries()) this.#columns[at].push(record.get(name));
    this.#lines.push(line);
  }

  take(): Table {
    const reasons = new Map<number, RejectedRow>();
    const columns = this.#schema.columns.map((schema, at) =>
      columnFromAtoms(schema, this.#columns[at], (row, reason) => {
        if (!reasons.has(row)) reasons.set(row, { line: this.#lines[row], column: schema.name, reason });
      }),
    );
    const table = tableOf(columns);
    this.#columns = this.#schema.columns.map(() => []);
    this.#lines = [];
    for (const row of [...reasons.keys()].sort((a, b) => a - b))
      this.reject(reasons.get(row) ?? { line: 0, reason: '' });
    this.#rows += table.rowCount - reasons.size;
    return reasons.size === 0 ? table : filterRows(table, (row) => !reasons.has(row));
  }

  reject(row: RejectedRow): void {
    this.#rejectedRows += 1;
    if (this.#rejected.length < keptRejections) this.#rejected.push(row);
    const { rows, share } = this.#tolerance;
    const endured = rows ?? (share === undefined ? 0 : Number.POSITIVE_INFINITY);
    if (this.#rejectedRows > endured) throw new MalformedData(row.reason, this.#place(row));
  }

  finish(): void {
    const { share } = this.#tolerance;
    const records = this.#rows + this.#rejectedRows;
    if (share !== undefined && this.#rejectedRows > share * records) {
      const [first] = this.#rejected;
      const reason = `${this.#rejectedRows} of ${records} rows are bad; the first: ${first?.reason ?? ''}`;
      throw new MalformedData(reason, this.#place(first ?? { line: 0, reason: '' }));
    }
  }

  #place({ line, column }: RejectedRow): Place {
    const file = this.#file === undefined ? {} : { file: this.#file };
    return { ...file, line, ...(column === undefined ? {} : { column }) };
  }
}
