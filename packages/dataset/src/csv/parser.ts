// CSV bytes in, typed columns out: a machine that is pushed. Memory is one record plus the rows not yet taken; a record that never
// ends is refused at a limit. Every record becomes a row, or is counted and told: blank, or rejected with line, column and reason.
import { MalformedData, ParameterError } from '../errors.ts';
import { type ColumnSchema, type Table, tableOf } from '../table/index.ts';
import { type Transcoder, transcoderFrom } from '../text/encoding.ts';
import { columnReader } from './column-reader.ts';
import type { Dialect } from './dialect.ts';
import type { BadCell, ColumnReader } from './field.ts';
import { type RecordFlaw, Scanner } from './scanner.ts';

/** How a CSV is to be read. A JSON value, so that next month's file can be read the same way. */
export interface CsvPlan {
  readonly dialect: Dialect;
  readonly columns: readonly ColumnSchema[];
  /** Names of those columns whose type a person declared. The others may still widen from integer to number. */
  readonly declared: readonly string[];
}

/** How many rejected rows are endured before reading stops. None, unless said otherwise. */
export interface Tolerance {
  readonly rows?: number;
  /** Of the records read, in [0, 1]; asked at the end. */
  readonly share?: number;
}

export interface RejectedRow {
  readonly line: number;
  readonly column?: string;
  readonly reason: string;
}

/** What became of every record: rows + rejected + blank + comment is all of them. */
export interface CsvReport {
  readonly bytes: number;
  readonly rows: number;
  readonly rejectedRows: number;
  readonly blankLines: number;
  /** Lines that begin with the dialect's sign of a comment. */
  readonly commentLines: number;
  /** The first hundred of them. */
  readonly rejected: readonly RejectedRow[];
}

export interface CsvLimits {
  /** A record longer than this is refused: a quote that never closes would swallow the file. */
  readonly recordBytes: number;
  readonly columns: number;
}

export const usualLimits: CsvLimits = { recordBytes: 1 << 24, columns: 1 << 15 };

const blockFields = 1 << 16;
const pieceBytes = 1 << 19;
const keptRejections = 100;

/** A consumer of blocks: the reader of columns, or the inference. */
type BlockSink = (bytes: Uint8Array, block: Scanner) => void;

/** Cuts a stream into blocks of complete records. */
export class BlockFeed {
  readonly #transcoder: Transcoder;
  readonly #scanner: Scanner;
  readonly #sink: BlockSink;
  readonly #limits: CsvLimits;
  readonly #file: string | undefined;
  #buffer = new Uint8Array(pieceBytes * 2 + 1);
  #size = 0;
  /** Scanning is not worth another try before the buffer holds this much. */
  #worthwhile = 0;
  #headerPending: boolean;
  bytes = 0;

  constructor(plan: CsvPlan, sink: BlockSink, limits: CsvLimits, file: string | undefined) {
    const columnCount = plan.columns.length;
    if (columnCount < 1 || columnCount > limits.columns) {
      throw new ParameterError(`a table has 1 to ${limits.columns} columns, not ${columnCount}`);
    }
    this.#transcoder = transcoderFrom(plan.dialect.encoding);
    this.#scanner = new Scanner(columnCount, plan.dialect, Math.max(1, Math.ceil(blockFields / columnCount)));
    this.#sink = sink;
    this.#limits = limits;
    this.#file = file;
    this.#headerPending = plan.dialect.header;
  }

  get blankLines(): number {
    return this.#scanner.blankLines;
  }

  get commentLines(): number {
    return this.#scanner.commentLines;
  }

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      this.#take(this.#transcoder.push(chunk.subarray(at, at + pieceBytes)), false);
    }
  }

  finish(): void {
    this.#take(this.#transcoder.finish(), true);
  }

  #take(piece: Uint8Array, final: boolean): void {
    const needed = this.#size + piece.length;
    // One byte to spare for the scanner's sentinel.
    if (needed + 1 > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed + 1, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#size));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#size);
    this.#size = needed;
    if (!final && this.#size < this.#worthwhile) return;
    let at = 0;
    while (at < this.#size) {
      const next = this.#scanner.scan(this.#buffer, at, this.#size, final);
      this.#deliver();
      if (next === at) break;
      at = next;
    }
    this.#buffer.copyWithin(0, at, this.#size);
    this.#size -= at;
    if (this.#size > this.#limits.recordBytes) {
      const place = { ...(this.#file === undefined ? {} : { file: this.#file }), line: this.#scanner.linesBefore + 1 };
      throw new MalformedData(`a record of more than ${this.#limits.recordBytes} bytes; is a quote left open?`, place);
    }
    // A long record is scanned from its start again only after it doubled: the work stays linear.
    this.#worthwhile = at === 0 ? this.#size * 2 : 0;
  }

  #deliver(): void {
    const scanner = this.#scanner;
    if (this.#headerPending && scanner.rowCount + scanner.flawed.length > 0) {
      this.#headerPending = false;
      dropHeader(scanner);
    }
    if (scanner.rowCount + scanner.flawed.length > 0) this.#sink(this.#buffer, scanner);
    scanner.clear();
  }
}

/** The header is the first record, whichever way the scanner took it. */
function dropHeader(scanner: Scanner): void {
  const [flawed] = scanner.flawed;
  if (flawed !== undefined && (scanner.rowCount === 0 || flawed.line < scanner.lines[0])) {
    scanner.flawed.shift();
    return;
  }
  scanner.starts.copyWithin(0, scanner.columnCount);
  scanner.ends.copyWithin(0, scanner.columnCount);
  scanner.lines.copyWithin(0, 1);
  scanner.rowCount -= 1;
}

/** A cell that a guessed type cannot hold: whoever guessed from a part of the file should look at the rest. */
export class GuessContradicted extends Error {
  override readonly name = 'GuessContradicted';
  readonly code = 'E_GUESS';
}

export interface ParserOptions {
  readonly file?: string | undefined;
  readonly tolerance?: Tolerance;
  readonly limits?: CsvLimits;
  /** Throw GuessContradicted instead of rejecting a row for a type that nobody declared. */
  readonly doubtGuesses?: boolean;
}

export class CsvParser {
  readonly #plan: CsvPlan;
  readonly #readers: readonly ColumnReader[];
  readonly #feed: BlockFeed;
  readonly #file: string | undefined;
  readonly #tolerance: Tolerance;
  readonly #doubtful: ReadonlySet<string>;
  #waiting = 0;
  #rows = 0;
  #rejectedRows = 0;
  readonly #rejected: RejectedRow[] = [];

  constructor(plan: CsvPlan, options: ParserOptions = {}) {
    this.#plan = plan;
    this.#doubtful = new Set(
      options.doubtGuesses === true
        ? plan.columns
            .filter(({ name, type }) => type !== 'category' && !plan.declared.includes(name))
            .map(({ name }) => name)
        : [],
    );
    this.#file = options.file;
    this.#tolerance = checkedTolerance(options.tolerance);
    const declared = new Set(plan.declared);
    this.#readers = plan.columns.map((schema) => columnReader(schema, plan.dialect, declared.has(schema.name)));
    const limits = options.limits ?? usualLimits;
    this.#feed = new BlockFeed(plan, (bytes, block) => this.#read(bytes, block), limits, options.file);
  }

  /** Rows that are ready to be taken. */
  get waiting(): number {
    return this.#waiting;
  }

  get report(): CsvReport {
    return {
      bytes: this.#feed.bytes,
      rows: this.#rows,
      rejectedRows: this.#rejectedRows,
      blankLines: this.#feed.blankLines,
      commentLines: this.#feed.commentLines,
      rejected: [...this.#rejected],
    };
  }

  push(chunk: Uint8Array): void {
    this.#feed.push(chunk);
  }

  finish(): void {
    this.#feed.finish();
    const { share } = this.#tolerance;
    const records = this.#rows + this.#rejectedRows;
    if (share !== undefined && this.#rejectedRows > share * records) {
      const [first] = this.#rejected;
      throw this.#malformed(
        first ?? { line: 0, reason: '' },
        `${this.#rejectedRows} of ${records} rows are bad; the first: `,
      );
    }
  }

  /** The rows read since the last time, as a table. */
  take(): Table {
    this.#waiting = 0;
    return tableOf(this.#readers.map((reader) => reader.take()));
  }

  #read(bytes: Uint8Array, block: Scanner): void {
    for (const { line, flaw } of block.flawed) this.#reject({ line, reason: this.#reasonOf(flaw) });
    const bad: BadCell[] = [];
    const byColumn: { readonly column: string; readonly row: number; readonly reason: string }[] = [];
    for (const [column, reader] of this.#readers.entries()) {
      reader.append(bytes, block, column, bad);
      const { name } = this.#plan.columns[column];
      if (bad.length > 0 && this.#doubtful.has(name)) throw new GuessContradicted(`column ${name}: ${bad[0].reason}`);
      for (const one of bad) byColumn.push({ column: name, ...one });
      bad.length = 0;
    }
    let good = block.rowCount;
    if (byColumn.length > 0) {
      const marks = new Uint8Array(block.rowCount);
      // One reason a row suffices: that of its first bad column.
      for (const { row, column, reason } of byColumn.sort((a, b) => a.row - b.row)) {
        if (marks[row] === 1) continue;
        marks[row] = 1;
        good -= 1;
        this.#reject({ line: block.lines[row], column, reason });
      }
      for (const reader of this.#readers) reader.discard(marks, block.rowCount);
    }
    this.#rows += good;
    this.#waiting += good;
  }

  #reasonOf(flaw: RecordFlaw): string {
    switch (flaw.kind) {
      case 'ragged':
        return `the record has ${flaw.fields} fields, the table ${this.#plan.columns.length} columns`;
      case 'after quote':
        return 'text after a closing quote';
      case 'open quote':
        return 'a quote is opened and never closed';
      default:
        return flaw satisfies never;
    }
  }

  #reject(row: RejectedRow): void {
    this.#rejectedRows += 1;
    if (this.#rejected.length < keptRejections) this.#rejected.push(row);
    const { rows, share } = this.#tolerance;
    const endured = rows ?? (share === undefined ? 0 : Number.POSITIVE_INFINITY);
    if (this.#rejectedRows > endured) {
      throw this.#malformed(row, endured === 0 ? '' : `more than ${endured} bad rows; this one: `);
    }
  }

  #malformed(row: RejectedRow, before: string): MalformedData {
    const place = {
      ...(this.#file === undefined ? {} : { file: this.#file }),
      line: row.line,
      ...(row.column === undefined ? {} : { column: row.column }),
    };
    const guessed = row.column !== undefined && !this.#plan.declared.includes(row.column);
    const hint = guessed ? ' (the type was guessed from the rows looked at; declare it, or tolerate bad rows)' : '';
    return new MalformedData(`${before}${row.reason}${hint}`, place);
  }
}

function checkedTolerance(tolerance: Tolerance = {}): Tolerance {
  const { rows, share } = tolerance;
  if (rows !== undefined && !(Number.isSafeInteger(rows) && rows >= 0))
    throw new ParameterError(`${rows} bad rows cannot be endured`);
  if (share !== undefined && !(share >= 0 && share <= 1))
    throw new ParameterError(`a share of bad rows is in [0, 1], not ${share}`);
  return tolerance;
}
