// Texts out of a table on somebody's terminal: a column's name or a value may hold the signs that move a cursor or set a title.
import { printColumns } from '../print.ts';

/** Signs that move a terminal's cursor are shown, not obeyed. */
export const visible = (text: string): string => text.replaceAll(/\p{Cc}/gu, '·');

export const printVisible = (rows: readonly (readonly string[])[]): void =>
  printColumns(rows.map((row) => row.map(visible)));
