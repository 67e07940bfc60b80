// Parquet through hyparquet: row group by row group, columns typed by the file's own schema. A file is random access, so it is
// handed in as its size and a way to read a slice. What the file claims (rows, sizes of pages) is bounded before it is believed.
import { parquetMetadataAsync, parquetRead } from 'hyparquet/src/index.js';
import { compressors } from 'hyparquet-compressors';
import type { Tolerance } from '../csv/index.ts';
import { MalformedData, ParameterError } from '../errors.ts';
import type { ColumnSchema, ColumnType, Schema, Table } from '../table/index.ts';
import { atomFrom } from '../values/plain-atom.ts';
import { RecordCollector, type RecordReport } from '../values/records.ts';
import type { Atom } from '../values/value-column.ts';

/** Bytes that can be read from anywhere. */
export interface RandomAccess {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

export interface ParquetLimits {
  /** Of one row group. */
  readonly groupRows: number;
  /** To which one page may decompress. */
  readonly pageBytes: number;
  readonly columns: number;
}

export const usualParquetLimits: ParquetLimits = { groupRows: 1 << 24, pageBytes: 1 << 28, columns: 1 << 15 };

export interface ParquetOptions {
  readonly file?: string;
  /** Columns by name; the others are as the file says. */
  readonly schema?: Schema;
  readonly tolerance?: Tolerance;
  readonly limits?: ParquetLimits;
  readonly batchRows?: number;
  readonly onProgress?: (rows: number) => void;
}

export interface ParquetInspection {
  readonly schema: Schema;
  readonly columns: readonly { readonly schema: ColumnSchema; readonly evidence: string }[];
  readonly rowCount: number;
}

type Metadata = Awaited<ReturnType<typeof parquetMetadataAsync>>;
type Element = Metadata['schema'][number];

export async function inspectParquet(source: RandomAccess, options: ParquetOptions = {}): Promise<ParquetInspection> {
  return inspection(await metadataOf(source, options), options);
}

/** Table after table, none across row groups; the report comes back when there are no more. */
export async function* readParquetBatches(
  source: RandomAccess,
  options: ParquetOptions = {},
): AsyncGenerator<Table, RecordReport, undefined> {
  const metadata = await metadataOf(source, options);
  const { schema } = inspection(metadata, options);
  const { batchRows = 1 << 14, limits = usualParquetLimits } = options;
  const collector = new RecordCollector(schema, options.tolerance ?? {}, options.file);
  const names = schema.columns.map((column) => column.name);
  let start = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = start + Number(group.num_rows);
    for (let from = start; from < groupEnd; from += batchRows) {
      const to = Math.min(groupEnd, from + batchRows);
      const rows = await rowsOf(source, metadata, from, to, limits, options.file);
      for (const [at, row] of rows.entries()) {
        const record = new Map<string, Atom>(names.map((name, column) => [name, atomFrom(row[column])]));
        collector.add(from + at + 1, record);
      }
      options.onProgress?.(to);
      yield collector.take();
    }
    start = groupEnd;
  }
  // A file without rows has its columns all the same.
  if (start === 0) yield collector.take();
  collector.finish();
  return collector.report;
}

async function guarded<T>(file: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MalformedData || error instanceof ParameterError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedData(`Parquet: ${reason}`, file === undefined ? {} : { file }, { cause: error });
  }
}

async function metadataOf(source: RandomAccess, options: ParquetOptions): Promise<Metadata> {
  const limits = options.limits ?? usualParquetLimits;
  const metadata = await guarded(options.file, async () => parquetMetadataAsync(source));
  const refuse = (reason: string): never => {
    throw new MalformedData(`Parquet: ${reason}`, options.file === undefined ? {} : { file: options.file });
  };
  let rows = 0n;
  for (const group of metadata.row_groups) {
    if (typeof group.num_rows !== 'bigint') refuse('a row group does not say how many rows it has');
    if (group.num_rows < 0n || group.num_rows > BigInt(limits.groupRows)) {
      refuse(`a row group of ${group.num_rows} rows; at most ${limits.groupRows} are read`);
    }
    rows += group.num_rows;
  }
  if (rows !== metadata.num_rows) refuse(`it claims ${metadata.num_rows} rows, its groups ${rows}`);
  return metadata;
}

async function rowsOf(
  source: RandomAccess,
  metadata: Metadata,
  rowStart: number,
  rowEnd: number,
  limits: ParquetLimits,
  file: string | undefined,
): Promise<unknown[][]> {
  return guarded(file, async () => {
    let found: unknown[][] = [];
    await parquetRead({
      file: source,
      metadata,
      rowStart,
      rowEnd,
      compressors: boundedCompressors(limits.pageBytes),
      rowFormat: 'array',
      onComplete: (rows: unknown[][]) => {
        found = rows;
      },
    });
    if (found.length !== rowEnd - rowStart)
      throw new MalformedData(`Parquet: ${found.length} rows instead of ${rowEnd - rowStart}`);
    return found;
  });
}

/** A page says how large it will be: that is believed up to the limit. */
function boundedCompressors(pageBytes: number): typeof compressors {
  const bounded: typeof compressors = {};
  for (const [codec, decompress] of Object.entries(compressors) as [keyof typeof compressors, Decompress][]) {
    bounded[codec] = (input, outputLength) => {
      if (!(outputLength <= pageBytes)) {
        throw new MalformedData(`Parquet: a page claims ${outputLength} bytes; at most ${pageBytes} are read`);
      }
      return decompress(input, outputLength);
    };
  }
  return bounded;
}

type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;

function inspection(metadata: Metadata, options: ParquetOptions): ParquetInspection {
  const limits = options.limits ?? usualParquetLimits;
  const declared = new Map((options.schema?.columns ?? []).map((column) => [column.name, column]));
  const columns = topLevel(metadata.schema).map((element) => {
    const schema = declared.get(element.name);
    declared.delete(element.name);
    if (schema !== undefined) return { schema, evidence: 'declared' };
    const physical = element.logical_type?.type ?? element.converted_type ?? element.type ?? 'nested';
    return { schema: { name: element.name, type: typeOf(element) }, evidence: `the file says ${physical}` };
  });
  const [stray] = declared.keys();
  if (stray !== undefined) throw new ParameterError(`the schema declares ${stray}, which the file does not have`);
  const names = new Set(columns.map((column) => column.schema.name));
  if (names.size < columns.length) throw new MalformedData('Parquet: two columns have one name');
  if (columns.length > limits.columns) throw new MalformedData(`Parquet: ${columns.length} columns`);
  return { schema: { columns: columns.map((column) => column.schema) }, columns, rowCount: Number(metadata.num_rows) };
}

/** The children of the root: a flat list in depth-first order, each with the number of its children. */
function topLevel(elements: readonly Element[]): Element[] {
  const found: Element[] = [];
  const skip = (at: number): number => {
    let next = at + 1;
    for (let child = 0; child < (elements[at]?.num_children ?? 0); child += 1) next = skip(next);
    return next;
  };
  for (let at = 1; at < elements.length; at = skip(at)) found.push(elements[at]);
  return found;
}

function typeOf(element: Element): ColumnType {
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if ((element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED') return 'category';
  if (logical === 'DATE' || logical === 'TIMESTAMP' || converted === 'DATE') return 'date';
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS' || element.type === 'INT96') return 'date';
  if (logical === 'DECIMAL' || converted === 'DECIMAL' || logical === 'FLOAT16') return 'number';
  if (element.type === 'INT32' || element.type === 'INT64') return 'integer';
  return element.type === 'FLOAT' || element.type === 'DOUBLE' ? 'number' : 'category';
}
