// Writing CSV (RFC 4180, UTF-8, LF). A text that a spreadsheet would run as a formula is made harmless with an apostrophe before it
// (OWASP, "CSV injection") and counted: whoever opens the export must not be attacked by what somebody once typed into a form.
import { ParameterError } from '../errors.ts';
import { type Table, textOf } from '../table/index.ts';
import { encodeUtf8 } from '../text/utf8.ts';

export interface CsvWriting {
  readonly separator?: ',' | ';' | '\t' | '|';
  readonly header?: boolean;
  /** What stands for a missing cell; the empty text by default. */
  readonly missing?: string;
  /** Off only where a program reads the file and nobody ever opens it: then texts stay as they are. */
  readonly neutraliseFormulas?: boolean;
}

// Full-width signs are taken for the ASCII ones in some languages' spreadsheets.
const formula = /^[\s\0]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20|%]/;
const plainNumber = /^-?\d+(?:[.,]\d+)?$/;

/** Whether a spreadsheet could take the text for a formula. A plain negative number is none. */
export const isFormula = (text: string): boolean => formula.test(text) && !plainNumber.test(text);

export class CsvWriter {
  readonly #separator: string;
  readonly #missing: string;
  readonly #neutralise: boolean;
  #headerPending: boolean;
  /** Cells before which an apostrophe was put. */
  neutralised = 0;

  constructor(options: CsvWriting = {}) {
    this.#separator = options.separator ?? ',';
    this.#missing = options.missing ?? '';
    if (/["\r\n]/.test(this.#missing) || this.#missing.includes(this.#separator)) {
      throw new ParameterError(`"${this.#missing}" cannot stand for a missing cell`);
    }
    this.#neutralise = options.neutraliseFormulas ?? true;
    this.#headerPending = options.header ?? true;
  }

  /** The lines of a batch; the header stands before the first. */
  lines(table: Table): Uint8Array {
    const lines: string[] = [];
    if (this.#headerPending) {
      this.#headerPending = false;
      lines.push(table.columns.map((column) => this.#cell(column.name)).join(this.#separator));
    }
    // Each category is quoted and neutralised once; how often that was counts at the rows.
    const categories = table.columns.map((column) =>
      column.type === 'category' ? column.dictionary.map((text) => this.#shown(text)) : [],
    );
    const dangerous = table.columns.map((column) =>
      column.type === 'category' && this.#neutralise ? column.dictionary.map(isFormula) : [],
    );
    for (let row = 0; row < table.rowCount; row += 1) {
      const cells = table.columns.map((column, at) => {
        if (column.type !== 'category') return textOf(column, row) || this.#missing;
        const code = column.codes[row];
        if (code < 0) return this.#missing;
        if (dangerous[at][code]) this.neutralised += 1;
        return categories[at][code];
      });
      // A record of one empty cell would be a blank line.
      lines.push(cells.length === 1 && cells[0] === '' ? '""' : cells.join(this.#separator));
    }
    return encodeUtf8(lines.map((line) => `${line}\n`).join(''));
  }

  #cell(text: string): string {
    if (this.#neutralise && isFormula(text)) this.neutralised += 1;
    return this.#shown(text);
  }

  #shown(text: string): string {
    const safe = this.#neutralise && isFormula(text) ? `'${text}` : text;
    // What looks like "missing" but is a text is quoted, though most readers take no notice.
    const quote =
      /["\r\n]/.test(safe) || safe.includes(this.#separator) || safe === this.#missing || safe !== safe.trim();
    return quote ? `"${safe.replaceAll('"', '""')}"` : safe;
  }
}

/** A whole table as CSV bytes. */
export const csvOf = (table: Table, options: CsvWriting = {}): Uint8Array => new CsvWriter(options).lines(table);
