// Hierarchies as files, in the layout of ARX: one line a value, its generalisations from left to right, no header. Quotes as
// in CSV (RFC 4180). Refused: ragged lines, a value twice, levels that do not nest.
import { MalformedData, ParameterError } from '../errors.ts';
import { type Hierarchy, hierarchyOfRows } from './hierarchy.ts';

export interface HierarchyFile {
  /** The column it is for. */
  readonly name: string;
  readonly text: string;
  /** For messages. */
  readonly file?: string;
  /** Guessed from the first line where it is not given. */
  readonly separator?: string;
}

const separators = [';', ',', '\t', '|'] as const;

export function hierarchyFromCsv(input: HierarchyFile): Hierarchy {
  const { name, file } = input;
  const text = input.text.startsWith('\uFEFF') ? input.text.slice(1) : input.text;
  const separator = input.separator ?? guessSeparator(text);
  const { rows, lines } = cellsOf(text, separator, file);
  try {
    return hierarchyOfRows(name, 'file', rows, (row) => `line ${lines[row]}`);
  } catch (cause) {
    if (!(cause instanceof ParameterError)) throw cause;
    throw new MalformedData(cause.message, file === undefined ? {} : { file }, { cause });
  }
}

function guessSeparator(text: string): string {
  const first = text.slice(0, Math.max(0, text.search(/\r?\n|$/)));
  return separators.find((one) => first.includes(one)) ?? ';';
}

function cellsOf(
  text: string,
  separator: string,
  file: string | undefined,
): { readonly rows: readonly string[][]; readonly lines: readonly number[] } {
  const rows: string[][] = [];
  const lines: number[] = [];
  let [at, line] = [0, 1];
  while (at < text.length) {
    const row: string[] = [];
    const start = line;
    let open = true;
    while (open) {
      let cell = '';
      if (text[at] === '"') {
        at += 1;
        for (;;) {
          const quote = text.indexOf('"', at);
          if (quote < 0) throw new MalformedData('a quote is never closed', { ...(file && { file }), line: start });
          cell += text.slice(at, quote);
          at = quote + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at += 1;
        }
        for (const character of cell) if (character === '\n') line += 1;
      }
      const rest = /[\r\n]/.exec(text.slice(at, at + 1)) ? at : endOfCell(text, at, separator);
      cell += text.slice(at, rest);
      at = rest;
      row.push(cell);
      open = text.startsWith(separator, at);
      if (open) at += separator.length;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    line += 1;
    if (row.length > 1 || row[0] !== '') {
      rows.push(row);
      lines.push(start);
    }
  }
  return { rows, lines };
}

function endOfCell(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r' && !text.startsWith(separator, at)) at += 1;
  return at;
}

/** The same hierarchy as a file of that layout. */
export function hierarchyToCsv(hierarchy: Hierarchy, separator: ';' | ',' | '\t' = ';'): string {
  const quoted = (text: string): string =>
    text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines: string[] = [];
  for (let base = 0; base < hierarchy.codes[0].length; base += 1) {
    const row = hierarchy.codes.map((codes, level) => quoted(hierarchy.labels[level][codes[base]]));
    lines.push(row.join(separator));
  }
  return `${lines.join('\n')}\n`;
}
