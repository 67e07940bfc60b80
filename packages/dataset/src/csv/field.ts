// One field of a block: its text, and how a message shows it. And what every reader of a column owes.
import type { Column } from '../table/index.ts';
import { decodeUtf8 } from '../text/utf8.ts';
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

const quoteLimit = 40;

/** The field's bytes with doubled quotes undone; `ends` below zero marks them. */
export function unescaped(bytes: Uint8Array, start: number, end: number, quote: number): Uint8Array {
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
export function quoted(bytes: Uint8Array, block: Scanner, field: number): string {
  const text = fieldText(bytes, block, field);
  if (text === undefined) return 'a field that is no UTF-8';
  const shown = text.length > quoteLimit ? `${text.slice(0, quoteLimit)}…` : text;
  return JSON.stringify(shown);
}
