// How a table is spelt: separator, quote, header, decimal sign, what stands for "missing". Guessed from the head of a file with the
// evidence beside it, for a person to look at; whatever the person declares wins.
import { ParameterError } from '../errors.ts';
import { type Encoding, encodings, guessEncoding, transcoderFrom } from '../text/encoding.ts';
import { encodeUtf8 } from '../text/utf8.ts';
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
  const separator = declared.separator ?? guessSeparator(text, quote, all);
  checkFormat({ separator, quote, encoding });
  const records = recordsOf(text, { separator, quote }, sampleRecords, all).filter((record) => !isBlank(record));
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
  return { dialect: { encoding, separator, quote, header, decimal, trim, missing }, evidence, names };
}

export function checkFormat(format: Pick<Dialect, 'separator' | 'quote' | 'encoding'>): void {
  const { separator, quote, encoding } = format;
  if (separator.length !== 1 || separator.charCodeAt(0) >= 0x80 || /[\n\r\w"' .-]/.test(separator)) {
    if (separator !== ' ')
      throw new ParameterError(`a separator is one ASCII character, no letter, digit or quote, not "${separator}"`);
  }
  if (quote !== '"' && quote !== "'") throw new ParameterError(`a quote is " or ', not ${String(quote)}`);
  if (!encodings.includes(encoding)) throw new ParameterError(`encodings are ${encodings.join(', ')}, not ${encoding}`);
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
