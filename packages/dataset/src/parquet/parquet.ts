// Parquet through hyparquet: row group by row group, columns typed by the file's own schema. A file is random access, so it is
// handed in as its size and a way to read a slice. hyparquet believes what it reads; so the file's description of itself (footer.ts)
// and every page of a group (pages.ts) are walked first, and what they claim is bounded.
import { parquetRead } from 'hyparquet/src/index.js';
import type { Tolerance } from '../csv/index.ts';
import { MalformedData, ParameterError } from '../errors.ts';
import type { ColumnSchema, ColumnType, Schema, Table } from '../table/index.ts';
import { atomFrom } from '../values/plain-atom.ts';
import { RecordCollector, type RecordReport } from '../values/records.ts';
import type { Atom } from '../values/value-column.ts';
import { boundedCodecs, type Codecs } from './codecs.ts';
import { type Footer, type Group, type RandomAccess, readFooter, type SchemaElement } from './footer.ts';
import { type ParquetLimits, usualParquetLimits } from './limits.ts';
import { checkChunk } from './pages.ts';
import { refuse } from './thrift.ts';

export interface ParquetOptions {
  readonly file?: string;
  /** Columns by name; the others are as the file says. */
  readonly schema?: Schema;
  readonly tolerance?: Tolerance;
  readonly limits?: Partial<ParquetLimits>;
  readonly batchRows?: number;
  readonly onProgress?: (rows: number) => void;
}

export interface ParquetInspection {
  readonly schema: Schema;
  readonly columns: readonly { readonly schema: ColumnSchema; readonly evidence: string }[];
  readonly rowCount: number;
}

export async function inspectParquet(source: RandomAccess, options: ParquetOptions = {}): Promise<ParquetInspection> {
  return inspection(await guarded(options.file, () => readFooter(source, limitsOf(options))), options);
}

/** Table after table, none across row groups; the report comes back when there are no more. */
export async function* readParquetBatches(
  source: RandomAccess,
  options: ParquetOptions = {},
): AsyncGenerator<Table, RecordReport, undefined> {
  const limits = limitsOf(options);
  const footer = await guarded(options.file, () => readFooter(source, limits));
  const { schema } = inspection(footer, options);
  const { batchRows = 1 << 14 } = options;
  const codecs = boundedCodecs(limits.pageBytes);
  const collector = new RecordCollector(schema, options.tolerance ?? {}, options.file);
  const names = schema.columns.map((column) => column.name);
  let start = 0;
  for (const group of footer.groups) {
    const spanRows = await guarded(options.file, () => spanOf(source, group, batchRows, limits, codecs));
    for (let from = 0; from < group.rows; from += spanRows) {
      const rows = await rowsOf(source, group, from, Math.min(group.rows, from + spanRows), codecs, options.file);
      for (let at = 0; at < rows.length; at += 1) {
        const record = new Map<string, Atom>(names.map((name, column) => [name, atomFrom(rows[at][column])]));
        const row = start + from + at + 1;
        collector.add(row, record);
        if (collector.waiting < batchRows && at + 1 < rows.length) continue;
        options.onProgress?.(row);
        yield collector.take();
      }
    }
    start += group.rows;
  }
  // A file without rows has its columns all the same.
  if (start === 0) yield collector.take();
  collector.finish();
  return collector.report;
}

const limitsOf = (options: ParquetOptions): ParquetLimits => ({ ...usualParquetLimits, ...options.limits });

/** How many rows of the group are decoded at once, after its pages have been walked. */
async function spanOf(
  source: RandomAccess,
  group: Group,
  batchRows: number,
  limits: ParquetLimits,
  codecs: Codecs,
): Promise<number> {
  const most = limits.values + 8 * group.bytes;
  const counts = [];
  let nested = false;
  for (const { leaf, codec, start, end } of group.chunks) {
    const bytes = new Uint8Array(await source.slice(start, end));
    if (bytes.length !== end - start) refuse(`${bytes.length} bytes instead of ${end - start}`);
    const chunk = { bytes, leaf, codec, rows: group.rows, mostValues: most };
    nested ||= leaf.path.length > 1 || leaf.maxRepetition > 0;
    counts.push({ ...checkChunk(chunk, { pageBytes: limits.pageBytes, codecs }), depth: leaf.path.length });
  }
  // A page is decoded whole, a chunk of nested values as well: whoever takes fewer rows decodes it again and again.
  const largest = counts.reduce((size, { largestPage }) => Math.max(size, largestPage), batchRows);
  const span = nested ? group.rows : Math.min(group.rows, largest);
  let decoded = 0;
  for (const { values, largestPage, dictionaryValues, depth } of counts) {
    decoded += depth * Math.min(values, span + 2 * largestPage) + dictionaryValues;
  }
  if (decoded > most) refuse(`${decoded} values at once from ${group.bytes} bytes; at most ${most} are read`);
  return Math.max(1, span);
}

async function guarded<T>(file: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ParameterError) throw error;
    const place = file === undefined ? {} : { file };
    if (error instanceof MalformedData)
      throw new MalformedData(error.reason, { ...place, ...error.place }, { cause: error });
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedData(`Parquet: ${reason}`, place, { cause: error });
  }
}

async function rowsOf(
  source: RandomAccess,
  group: Group,
  rowStart: number,
  rowEnd: number,
  compressors: Codecs,
  file: string | undefined,
): Promise<unknown[][]> {
  return guarded(file, async () => {
    let found: unknown[][] = [];
    await parquetRead({
      file: source,
      metadata: group.metadata,
      rowStart,
      rowEnd,
      compressors,
      rowFormat: 'array',
      onComplete: (rows: unknown[][]) => {
        found = rows;
      },
    });
    return found.length === rowEnd - rowStart ? found : refuse(`${found.length} rows instead of ${rowEnd - rowStart}`);
  });
}

function inspection(footer: Footer, options: ParquetOptions): ParquetInspection {
  const declared = new Map((options.schema?.columns ?? []).map((column) => [column.name, column]));
  const columns = footer.topLevel.map((element) => {
    const schema = declared.get(element.name);
    declared.delete(element.name);
    if (schema !== undefined) return { schema, evidence: 'declared' };
    const physical = element.logical_type?.type ?? element.converted_type ?? element.type ?? 'nested';
    return { schema: { name: element.name, type: typeOf(element) }, evidence: `the file says ${physical}` };
  });
  const [stray] = declared.keys();
  if (stray !== undefined) throw new ParameterError(`the schema declares ${stray}, which the file does not have`);
  return { schema: { columns: columns.map((column) => column.schema) }, columns, rowCount: footer.rows };
}

function typeOf(element: SchemaElement): ColumnType {
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  if ((element.num_children ?? 0) > 0 || element.repetition_type === 'REPEATED') return 'category';
  if (logical === 'DATE' || logical === 'TIMESTAMP' || converted === 'DATE') return 'date';
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS' || element.type === 'INT96') return 'date';
  if (logical === 'DECIMAL' || converted === 'DECIMAL' || logical === 'FLOAT16') return 'number';
  if (element.type === 'INT32' || element.type === 'INT64') return 'integer';
  return element.type === 'FLOAT' || element.type === 'DOUBLE' ? 'number' : 'category';
}
