// How a table is spelt: separator, quote, header, decimal sign, what stands for "missing". Guessed from the head of a file with the
// evidence beside it, for a person to look at; whatever the person declares wins.
import { ParameterError } from '../errors.ts';
import { type Encoding, encodings, guessEncoding, transcoderFrom } from '../text/encoding.ts';
import { decodeUtf8, encodeUtf8 } from '../text/utf8.ts';
import { numberKind } from './number-cell.ts';
import { isBlank, recordsOf } from './records.ts';

export interface Dialect {
  readonly encoding: Encoding;
  /** One ASCII character. */
  readonly separator: string;
  readonly quote: '"' | "'";
  /** Whether the first record names the columns. */
  readonly header: boolean;
  readonly decimal: '.' | ',';
  /** Whether blanks around a field belong to the layout and not to the text. */
  readonly trim: boolean;
  /** Texts that say that there is nothing. */
  readonly missing: readonly string[];
  /** One ASCII character: a line that begins with it is a comment. Left out where there are none. */
  readonly comment?: string;
}

export interface DialectGuess {
  readonly dialect: Dialect;
  /** One sentence for each thing guessed. */
  readonly evidence: readonly string[];
  /** The header's names, or column_1, column_2, … */
  readonly names: readonly string[];
}

/** Always told what they made of a file: how many cells each column had missing is part of every description. */
export const usualMissing: readonly string[] = ['', '?', 'NA', 'N/A', 'n/a', '#N/A', 'NaN', 'nan', 'NULL', 'null'];

const separators = [',', ';', '\t', '|'] as const;
const separatorNames: Readonly<Record<string, string>> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' };
export const nameOfSeparator = (separator: string): string => separatorNames[separator] ?? `'${separator}'`;

const sampleRecords = 200;
export const headBytes: number = 1 << 18;

/** `head`: the first bytes of the file; `whole`: there are no others. `declared` wins over every guess. */
export function guessDialect(head: Uint8Array, whole: boolean, declared: Partial<Dialect> = {}): DialectGuess {
  const evidence: string[] = [];
  const sample = head.subarray(0, headBytes);
  const all = whole && sample.length === head.length;
  const guess = guessEncoding(sample, all);
  const encoding = declared.encoding ?? guess.encoding;
  evidence.push(
    declared.encoding === undefined ? `encoding ${encoding}: ${guess.evidence}` : `encoding ${encoding}: declared`,
  );
  const text = transcoderFrom(encoding).push(sample);
  const quote = declared.quote ?? '"';
  const { comment, separator } = guessLayout(text, quote, all, declared);
  checkFormat({ separator, quote, encoding, ...(comment === undefined ? {} : { comment }) });
  if (comment !== undefined) {
    const first = JSON.stringify(lineAt(text, 0));
    const why = declared.comment === undefined ? `the file begins with ${first}, which is no record of it` : 'declared';
    evidence.push(`lines that begin with ${comment} are comments: ${why}`);
  }
  const format = { separator, quote, comment };
  const records = recordsOf(text, format, sampleRecords, all).filter((record) => !isBlank(record));
  const width = records[0]?.length ?? 0;
  const agreeing = records.filter((record) => record.length === width).length;
  const how =
    declared.separator === undefined
      ? `${agreeing} of the first ${records.length} records have ${width} fields`
      : 'declared';
  evidence.push(`separator ${nameOfSeparator(separator)}: ${how}`);
  const body = records.slice(1);
  const trim = declared.trim ?? guessTrim(body);
  if (declared.trim === undefined && trim)
    evidence.push('blanks around fields belong to the layout: most fields start with one');
  const decimal = declared.decimal ?? guessDecimal(body, separator);
  if (declared.decimal === undefined && decimal === ',')
    evidence.push('decimal comma: fields such as 3,5 and none such as 3.5');
  const missing = declared.missing ?? usualMissing;
  const header = declared.header ?? guessHeader(records, missing, decimal);
  const why =
    declared.header === undefined
      ? header
        ? 'its fields are names, unlike those below'
        : 'the first record looks like the others'
      : 'declared';
  evidence.push(`${header ? 'a' : 'no'} header line: ${why}`);
  const names = header ? namesFrom(records[0] ?? []) : namesFrom((records[0] ?? []).map(() => ''));
  const dialect = { encoding, separator, quote, header, decimal, trim, missing };
  return { dialect: comment === undefined ? dialect : { ...dialect, comment }, evidence, names };
}

export function checkFormat(format: Pick<Dialect, 'separator' | 'quote' | 'encoding' | 'comment'>): void {
  const { separator, quote, encoding, comment } = format;
  if (comment !== undefined && (!/^[!#$%&*/;<>@\\^|~]$/.test(comment) || comment === separator)) {
    throw new ParameterError(
      `a comment begins with one sign such as # or |, which is not the separator, not "${comment}"`,
    );
  }
  if (separator.length !== 1 || separator.charCodeAt(0) >= 0x80 || /[\n\r\w"' .-]/.test(separator)) {
    if (separator !== ' ')
      throw new ParameterError(`a separator is one ASCII character, no letter, digit or quote, not "${separator}"`);
  }
  if (quote !== '"' && quote !== "'") throw new ParameterError(`a quote is " or ', not ${String(quote)}`);
  if (!encodings.includes(encoding)) throw new ParameterError(`encodings are ${encodings.join(', ')}, not ${encoding}`);
}

/**
 * A file may begin with lines that are none of its records (UCI's Adult: `|1x3 Cross validator`). They are comments where they begin
 * with a sign that no record in the sample begins with, and have not as many fields as the records below.
 */
function guessLayout(
  text: Uint8Array,
  quote: string,
  whole: boolean,
  declared: Partial<Dialect>,
): { readonly comment: string | undefined; readonly separator: string } {
  const own = declared.comment;
  const first = String.fromCharCode(text[0] ?? 0);
  if (own === undefined && commentSigns.has(first)) {
    let start = 0;
    while (start < text.length && text[start] === text[0]) start = lineEnd(text, start);
    const rest = text.subarray(start);
    const separator = declared.separator ?? guessSeparator(rest, quote, whole);
    const records = recordsOf(rest, { separator, quote }, sampleRecords, whole).filter((record) => !isBlank(record));
    const width = records[0]?.length ?? 0;
    const [above] = recordsOf(text, { separator, quote }, 1, whole);
    const strange = above !== undefined && above.length !== width && separator !== first;
    if (strange && width > 1 && !records.some(([field]) => field?.startsWith(first)))
      return { comment: first, separator };
  }
  let start = 0;
  while (own !== undefined && start < text.length && text[start] === own.charCodeAt(0)) start = lineEnd(text, start);
  const separator = declared.separator ?? guessSeparator(text.subarray(start), quote, whole);
  return { comment: own, separator };
}

const commentSigns: ReadonlySet<string> = new Set(['|', '#', '%']);

/** One past the line that begins at `at`. */
function lineEnd(text: Uint8Array, at: number): number {
  let end = at;
  while (end < text.length && text[end] !== 10 && text[end] !== 13) end += 1;
  return Math.min(text.length, end + (text[end] === 13 && text[end + 1] === 10 ? 2 : 1));
}

function lineAt(text: Uint8Array, at: number): string {
  const line = decodeUtf8(text, at, Math.min(lineEnd(text, at), at + 60)) ?? '';
  return line.trimEnd();
}

/** The one by which most records have the first one's number of fields; where that is equal, the one that gives more fields. */
function guessSeparator(text: Uint8Array, quote: string, whole: boolean): string {
  let best = { separator: ',', score: 0 };
  for (const separator of separators) {
    const records = recordsOf(text, { separator, quote }, sampleRecords, whole).filter((record) => !isBlank(record));
    const width = records[0]?.length ?? 0;
    if (width < 2) continue;
    const agreeing = records.filter((record) => record.length === width).length / records.length;
    const score = agreeing * agreeing + Math.min(width, 100) / 1000;
    if (score > best.score) best = { separator, score };
  }
  return best.separator;
}

function guessTrim(body: readonly (readonly string[])[]): boolean {
  const later = body.flatMap((record) => record.slice(1)).filter((field) => field !== '');
  return later.length > 0 && later.filter((field) => field.startsWith(' ')).length * 2 > later.length;
}

function guessDecimal(body: readonly (readonly string[])[], separator: string): '.' | ',' {
  if (separator === ',') return '.';
  const fields = body.flat();
  const commas = fields.filter((field) => /^\s*-?\d+,\d+\s*$/.test(field)).length;
  const points = fields.filter((field) => /^\s*-?\d+\.\d+\s*$/.test(field)).length;
  return commas > 0 && points === 0 ? ',' : '.';
}

/** A header's fields are names: each there, each different, none a number, and in some column not what the rows below hold. */
function guessHeader(records: readonly (readonly string[])[], missing: readonly string[], decimal: string): boolean {
  const [first, ...body] = records;
  if (first === undefined) return false;
  const names = first.map((field) => field.trim());
  const code = decimal.charCodeAt(0);
  const numeric = (field: string): boolean => {
    const bytes = encodeUtf8(field.trim());
    return numberKind(bytes, 0, bytes.length, code) !== 0;
  };
  if (names.some((name) => name === '' || missing.includes(name) || numeric(name) || /^\d{4}-\d\d-\d\d/.test(name)))
    return false;
  if (new Set(names).size !== names.length) return false;
  if (body.length === 0) return true;
  return names.some((name, column) => {
    const below = body.map((record) => record[column]?.trim() ?? '').filter((field) => !missing.includes(field));
    return below.length > 0 && (below.every(numeric) || !below.includes(name));
  });
}

/** Every column gets a name of its own: what is empty is numbered, what is there twice gets a number behind it. */
export function namesFrom(fields: readonly string[]): string[] {
  const taken = new Set<string>();
  return fields.map((field, at) => {
    const wanted = field.trim() === '' ? `column_${at + 1}` : field.trim();
    let name = wanted;
    for (let again = 2; taken.has(name); again += 1) name = `${wanted}_${again}`;
    taken.add(name);
    return name;
  });
}
