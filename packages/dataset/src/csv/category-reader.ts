// Texts of a column: from bytes to codes, by the hash table of category-table.ts.
import { type CategoricalColumn, type Column, type ColumnSchema, withoutUnusedCategories } from '../table/index.ts';
import { CategoryTable, holdsNul, markedMissing, notUtf8 } from './category-table.ts';
import type { Dialect } from './dialect.ts';
import { type BadCell, type ColumnReader, quoted, unescaped } from './field.ts';
import type { Scanner } from './scanner.ts';

const space = 32;

export class CategoryReader implements ColumnReader {
  readonly #name: string;
  readonly #table: CategoryTable;
  readonly #trim: boolean;
  readonly #declared: boolean;
  #thinned = false;
  #codes = new Int32Array(64);
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
    const plainView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const first = this.#count;
    let lowest = 0;
    for (let row = 0, field = column; row < rows; row += 1, field += columnCount) {
      let start = starts[field];
      let end = ends[field];
      let from = bytes;
      let view = plainView;
      if (end < 0) {
        from = unescaped(bytes, start, ~end, block.quote);
        view = new DataView(from.buffer, from.byteOffset, from.byteLength);
        start = 0;
        end = from.length;
      }
      if (this.#trim) {
        while (start < end && from[start] === space) start += 1;
        while (end > start && from[end - 1] === space) end -= 1;
      }
      const code = table.codeOf(from, view, start, end);
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
