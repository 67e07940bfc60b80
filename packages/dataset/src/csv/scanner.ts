// Finds the fields of CSV records in bytes: where each starts and ends, nothing else. Records are complete or left for later; a
// record that is no row of the table (ragged, a quote gone wrong) is reported and leaves no trace among the fields.
// Hot: one pass, a table of 256 entries, no allocation.

/** Why a record is no row. */
export type RecordFlaw =
  | { readonly kind: 'ragged'; readonly fields: number }
  | { readonly kind: 'after quote' }
  | { readonly kind: 'open quote' };

export interface FlawedRecord {
  readonly line: number;
  readonly flaw: RecordFlaw;
}

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;

export class Scanner {
  readonly columnCount: number;
  readonly maxRows: number;
  /** Field c of row r is at r · columnCount + c. */
  readonly starts: Int32Array;
  /** One past the field's last byte; ~end where the field holds doubled quotes. */
  readonly ends: Int32Array;
  /** The line, from 1, on which row r starts. */
  readonly lines: Float64Array;
  rowCount = 0;
  blankLines = 0;
  commentLines = 0;
  /** Lines seen before the first byte that was not consumed. */
  linesBefore: number;
  flawed: FlawedRecord[] = [];
  /** The quote's code. */
  readonly quote: number;
  readonly #separator: number;
  /** What a line of comment begins with; a code no byte has where there are none. */
  readonly #comment: number;
  /** 1 where a byte ends an unquoted field. */
  readonly #ends: Uint8Array;

  constructor(
    columnCount: number,
    format: { readonly separator: string; readonly quote: string; readonly comment?: string },
    maxRows: number,
    linesBefore = 0,
  ) {
    this.columnCount = columnCount;
    this.maxRows = maxRows;
    this.linesBefore = linesBefore;
    this.starts = new Int32Array(columnCount * maxRows);
    this.ends = new Int32Array(columnCount * maxRows);
    this.lines = new Float64Array(maxRows);
    this.#separator = format.separator.charCodeAt(0);
    this.quote = format.quote.charCodeAt(0);
    this.#comment = format.comment === undefined ? -1 : format.comment.charCodeAt(0);
    this.#ends = new Uint8Array(256);
    for (const byte of [this.#separator, lineFeed, carriageReturn]) this.#ends[byte] = 1;
  }

  /** Forgets the rows found so far, not the lines. */
  clear(): void {
    this.rowCount = 0;
    this.flawed = [];
  }

  /**
   * Scans bytes[from, to) until it is used up or `maxRows` rows are found; answers with the first byte not consumed.
   * bytes[to] must exist: a line feed is put there for the time of the scan, so that no loop need look for the end. Mutates it.
   */
  scan(bytes: Uint8Array, from: number, to: number, final: boolean): number {
    bytes[to] = lineFeed;
    const ends = this.#ends;
    const quote = this.quote;
    const columnCount = this.columnCount;
    let at = from;
    while (at < to && this.rowCount < this.maxRows) {
      const rowStart = at;
      if (bytes[at] === this.#comment) {
        at = this.#afterComment(bytes, at, to, final);
        if (at === rowStart) return at;
        continue;
      }
      const firstField = this.rowCount * columnCount;
      let fieldCount = 0;
      let newlines = 0;
      let flaw: RecordFlaw | undefined;
      for (;;) {
        let start = at;
        let end: number;
        if (bytes[at] === quote && at < to) {
          start = at + 1;
          at = start;
          let escaped = false;
          for (;;) {
            while (bytes[at] !== quote && at < to) {
              if (bytes[at] === lineFeed) newlines += 1;
              at += 1;
            }
            if (at >= to || (at + 1 === to && !final)) break;
            if (bytes[at + 1] !== quote || at + 1 === to) break;
            escaped = true;
            at += 2;
          }
          if (at >= to) {
            if (!final) return rowStart;
            flaw = { kind: 'open quote' };
          } else if (at + 1 === to && !final) return rowStart;
          end = escaped ? ~at : at;
          at = Math.min(at + 1, to);
          while (ends[bytes[at]] === 0) {
            if (bytes[at] !== space) flaw ??= { kind: 'after quote' };
            at += 1;
          }
        } else {
          while (ends[bytes[at]] === 0) at += 1;
          end = at;
        }
        if (fieldCount < columnCount) {
          this.starts[firstField + fieldCount] = start;
          this.ends[firstField + fieldCount] = end;
        }
        fieldCount += 1;
        if (at >= to) {
          if (!final) return rowStart;
          break;
        }
        if (bytes[at] === this.#separator) {
          at += 1;
          continue;
        }
        if (bytes[at] === carriageReturn) {
          if (at + 1 === to && !final) return rowStart;
          if (bytes[at + 1] === lineFeed && at + 1 < to) at += 1;
        }
        at += 1;
        break;
      }
      const line = this.linesBefore + 1;
      this.linesBefore += newlines + 1;
      if (fieldCount === columnCount && flaw === undefined && (columnCount > 1 || !this.#isEmpty(firstField))) {
        this.lines[this.rowCount] = line;
        this.rowCount += 1;
      } else if (fieldCount === 1 && flaw === undefined && isWhite(bytes, rowStart, at)) this.blankLines += 1;
      else this.flawed.push({ line, flaw: flaw ?? { kind: 'ragged', fields: fieldCount } });
    }
    return at;
  }

  /** A line of comment ends where the line does: quotes say nothing in it. */
  #afterComment(bytes: Uint8Array, from: number, to: number, final: boolean): number {
    let at = from;
    while (bytes[at] !== lineFeed && bytes[at] !== carriageReturn) at += 1;
    if (!final && (at >= to || (bytes[at] === carriageReturn && at + 1 === to))) return from;
    if (bytes[at] === carriageReturn && at + 1 < to && bytes[at + 1] === lineFeed) at += 1;
    this.commentLines += 1;
    this.linesBefore += 1;
    return Math.min(at + 1, to);
  }

  #isEmpty(field: number): boolean {
    return this.starts[field] === this.ends[field];
  }
}

function isWhite(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== space && bytes[at] !== 9 && bytes[at] !== lineFeed && bytes[at] !== carriageReturn) return false;
  }
  return true;
}
