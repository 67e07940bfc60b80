// Reading CSV from a stream: look first (dialect, types, preview), then read, whole or batch by batch.
import { MalformedData, ParameterError } from '../errors.ts';
import type { ColumnSchema, Schema, Table } from '../table/index.ts';
import { transcoderFrom } from '../text/encoding.ts';
import { type Dialect, guessDialect, headBytes } from './dialect.ts';
import { ColumnInference } from './inference.ts';
import {
  BlockFeed,
  type CsvLimits,
  CsvParser,
  type CsvPlan,
  type CsvReport,
  GuessContradicted,
  type Tolerance,
  usualLimits,
} from './parser.ts';
import { isBlank, recordsOf } from './records.ts';

/** Bytes in pieces of any size: a file's stream, a fetch body, or a list with one array. */
export type ByteStream = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface CsvDeclarations {
  /** For messages. */
  readonly file?: string;
  readonly dialect?: Partial<Dialect>;
  /** Columns by name; those not in it are guessed. A name that the file lacks is refused. */
  readonly schema?: Schema;
  readonly limits?: CsvLimits;
}

export interface CsvInspection {
  readonly plan: CsvPlan;
  /** One sentence for each thing guessed about the dialect. */
  readonly evidence: readonly string[];
  readonly columns: readonly { readonly schema: ColumnSchema; readonly evidence: string }[];
  /** The first rows as they stand. */
  readonly preview: readonly (readonly string[])[];
  /** Rows from which the types were inferred, and whether they were all. */
  readonly rowsSeen: number;
  readonly whole: boolean;
  /** Whether rows that were not seen can only contradict the types, not make them others that fit as well. */
  readonly settled: boolean;
}

const previewRows = 10;

/** Looks at no more than `sampleBytes` of the stream, which is closed afterwards. */
export async function inspectCsv(
  stream: ByteStream,
  declarations: CsvDeclarations = {},
  sampleBytes: number = Number.POSITIVE_INFINITY,
): Promise<CsvInspection> {
  const inspector = new CsvInspector(declarations);
  let left = sampleBytes;
  for await (const chunk of stream) {
    inspector.push(chunk.length > left ? chunk.subarray(0, left) : chunk);
    left -= chunk.length;
    if (left <= 0) return inspector.conclude(false);
  }
  return inspector.conclude(true);
}

/** The same, pushed: holds the head of the file until there is enough to guess from, and one record afterwards. */
class CsvInspector {
  readonly #declarations: CsvDeclarations;
  #head: Uint8Array[] = [];
  #headSize = 0;
  #look: Look | undefined;

  constructor(declarations: CsvDeclarations) {
    this.#declarations = declarations;
  }

  push(chunk: Uint8Array): void {
    if (this.#look !== undefined) {
      this.#look.feed.push(chunk);
      return;
    }
    this.#head.push(chunk.slice());
    this.#headSize += chunk.length;
    if (this.#headSize >= headBytes) this.#start(false);
  }

  #start(whole: boolean): Look {
    const head = joined(this.#head, this.#headSize);
    this.#head = [];
    this.#look = lookAt(head, whole, this.#declarations);
    this.#look.feed.push(head);
    return this.#look;
  }

  conclude(whole: boolean): CsvInspection {
    const look = this.#look ?? this.#start(whole);
    // A sample may be cut off in the middle of a record, which then says nothing.
    if (whole) look.feed.finish();
    const declared = new Map((this.#declarations.schema?.columns ?? []).map((column) => [column.name, column]));
    const columns = look.names.map((name, at) => {
      const schema = declared.get(name);
      return schema === undefined ? look.inferences[at].conclude() : { schema, evidence: 'declared', settled: true };
    });
    const plan = {
      dialect: look.dialect,
      columns: columns.map((column) => column.schema),
      declared: [...declared.keys()],
    };
    const { evidence, preview } = look;
    const settled = whole || columns.every((column) => column.settled);
    return { plan, evidence, columns, preview, rowsSeen: look.rowsSeen(), whole, settled };
  }
}

interface Look {
  readonly dialect: Dialect;
  readonly names: readonly string[];
  readonly evidence: readonly string[];
  readonly preview: readonly (readonly string[])[];
  readonly inferences: readonly ColumnInference[];
  readonly feed: BlockFeed;
  rowsSeen(): number;
}

function lookAt(head: Uint8Array, whole: boolean, declarations: CsvDeclarations): Look {
  const { dialect, evidence, names } = guessDialect(head, whole, declarations.dialect);
  const place = declarations.file === undefined ? {} : { file: declarations.file };
  const limits = declarations.limits ?? usualLimits;
  if (names.length === 0) {
    const why = head.length < headBytes ? 'the file is empty' : `the first ${head.length} bytes hold no whole record`;
    throw new MalformedData(`there is no table: ${why}`, place);
  }
  if (names.length > limits.columns)
    throw new MalformedData(`${names.length} columns; at most ${limits.columns} are read`, place);
  for (const { name } of declarations.schema?.columns ?? []) {
    if (!names.includes(name))
      throw new ParameterError(`the schema declares ${name}; the file has ${names.slice(0, 50).join(', ')}`);
  }
  const records = recordsOf(transcoderFrom(dialect.encoding).push(head), dialect, previewRows + 5, whole);
  const preview = records
    .filter((record) => !isBlank(record))
    .slice(dialect.header ? 1 : 0)
    .slice(0, previewRows);
  const inferences = names.map((name) => new ColumnInference(name, dialect));
  let rows = 0;
  const columns = names.map((name): ColumnSchema => ({ name, type: 'category' }));
  const sink = (bytes: Uint8Array, block: Parameters<ColumnInference['observe']>[1]): void => {
    rows += block.rowCount;
    for (const [column, inference] of inferences.entries()) inference.observe(bytes, block, column);
  };
  const feed = new BlockFeed({ dialect, columns, declared: [] }, sink, limits, declarations.file);
  return { dialect, names, evidence, preview, inferences, feed, rowsSeen: () => rows };
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

export interface CsvOptions {
  readonly file?: string;
  readonly tolerance?: Tolerance;
  readonly limits?: CsvLimits;
  /** Throw GuessContradicted instead of rejecting a row for a type that nobody declared: then look at more of the file. */
  readonly doubtGuesses?: boolean;
  /** Called with the bytes read so far, about every half megabyte. */
  readonly onProgress?: (bytes: number) => void;
}

export interface CsvReading {
  readonly table: Table;
  readonly report: CsvReport;
}

/** The whole file as one table. */
export async function readCsv(stream: ByteStream, plan: CsvPlan, options: CsvOptions = {}): Promise<CsvReading> {
  const parser = new CsvParser(plan, options);
  for await (const chunk of stream) {
    parser.push(chunk);
    options.onProgress?.(parser.report.bytes);
  }
  parser.finish();
  return { table: parser.take(), report: parser.report };
}

/**
 * Table after table of at least `batchRows` rows (the last may have fewer, and an empty file gives one without rows); the report
 * comes back when there are no more.
 */
export async function* readCsvBatches(
  stream: ByteStream,
  plan: CsvPlan,
  options: CsvOptions & { readonly batchRows?: number } = {},
): AsyncGenerator<Table, CsvReport, undefined> {
  const batchRows = options.batchRows ?? 1 << 14;
  let batches = 0;
  const parser = new CsvParser(plan, options);
  for await (const chunk of stream) {
    // Cut, so that a batch stays small however large the chunks are.
    for (let at = 0; at < chunk.length; at += headBytes) {
      parser.push(chunk.subarray(at, at + headBytes));
      if (parser.waiting < batchRows) continue;
      yield parser.take();
      batches += 1;
    }
    options.onProgress?.(parser.report.bytes);
  }
  parser.finish();
  if (parser.waiting > 0 || batches === 0) yield parser.take();
  return parser.report;
}

const lookedAtFirst = 1 << 19;

/**
 * Looks and reads in one go, for bytes that are in memory. Types are guessed from the beginning; where any later row contradicts
 * them, or could have decided them, the whole is looked at and read again. So they are those that all rows together have.
 */
export async function readCsvBytes(
  bytes: Uint8Array,
  declarations: CsvDeclarations & CsvOptions = {},
): Promise<CsvReading & { readonly inspection: CsvInspection }> {
  if (bytes.length > 2 * lookedAtFirst) {
    const inspection = await inspectCsv([bytes], declarations, lookedAtFirst);
    const reading = inspection.settled ? readWithoutDoubt(bytes, inspection.plan, declarations) : undefined;
    if (reading !== undefined) return { ...reading, inspection };
  }
  const inspection = await inspectCsv([bytes], declarations);
  return { ...(await readCsv([bytes], inspection.plan, declarations)), inspection };
}

/** Undefined where a row contradicts a guess. */
function readWithoutDoubt(bytes: Uint8Array, plan: CsvPlan, options: CsvOptions): CsvReading | undefined {
  const parser = new CsvParser(plan, { ...options, doubtGuesses: true });
  try {
    parser.push(bytes);
    parser.finish();
  } catch (error) {
    if (error instanceof GuessContradicted) return undefined;
    throw error;
  }
  return { table: parser.take(), report: parser.report };
}
