// A file of any format as one thing: what it is, what its columns are, and its rows batch by batch.
import { closeSync, createReadStream, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { createGunzip } from 'node:zlib';
import { readArrow } from '@sumus/dataset/arrow';
import { type CsvPlan, inspectCsv, nameOfSeparator, type RejectedRow, readCsvBatches } from '@sumus/dataset/csv';
import { ParameterError } from '@sumus/dataset/errors';
import { readIdx } from '@sumus/dataset/idx';
import { inspectJsonLines, readJsonLinesBatches } from '@sumus/dataset/json-lines';
import { columnsFromNumpy, readNpy, readNpz, tableFromNumpy } from '@sumus/dataset/npy';
import { inspectParquet, type RandomAccess, readParquetBatches } from '@sumus/dataset/parquet';
import { type ColumnSchema, type Table, tableOf } from '@sumus/dataset/table';
import { UsageError } from '../command.ts';
import { Progress } from './data-progress.ts';
import { dialectOf, type Format, type SourceOptions, schemaOf, toleranceOf } from './data-source-options.ts';

export interface SourceColumn {
  readonly schema: ColumnSchema;
  readonly evidence: string;
}

/** What became of every record. */
export interface SourceReport {
  readonly rows: number;
  readonly rejectedRows: number;
  readonly blankLines: number;
  readonly commentLines?: number;
  readonly rejected: readonly RejectedRow[];
}

export interface Source {
  readonly format: Format;
  readonly sizeBytes: number;
  /** One sentence for each thing guessed about the file. */
  readonly evidence: readonly string[];
  readonly columns: readonly SourceColumn[];
  readonly preview: readonly (readonly string[])[];
  readonly plan?: CsvPlan;
  /** Every call reads the file anew. */
  batches(): AsyncGenerator<Table, SourceReport, undefined>;
}

/** What the options got wrong is a mistyped call, whichever room finds out. */
export async function openSource(path: string, options: SourceOptions, look: Look = 'whole'): Promise<Source> {
  try {
    return await opened(path, options, look);
  } catch (cause) {
    if (cause instanceof ParameterError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}

/**
 * How much of a CSV its types are guessed from. From the beginning only, reading throws GuessContradicted at the first row that does
 * not fit, and the whole must be looked at; where the beginning cannot tell, the whole is looked at in the first place.
 */
export type Look = 'whole' | 'beginning';

async function opened(path: string, options: SourceOptions, look: Look): Promise<Source> {
  const sizeBytes = statSync(path).size;
  const format = options.format ?? formatOf(path);
  const file = basename(path);
  const schema = schemaOf(options);
  const tolerance = toleranceOf(options);
  const shared = { file, tolerance, ...(schema === undefined ? {} : { schema }) };
  switch (format) {
    case 'csv':
      return openCsv(path, sizeBytes, { ...shared, dialect: dialectOf(options) }, look);
    case 'json-lines': {
      const { columns, preview, schema: found } = await inspectJsonLines(stream(path, sizeBytes, 'looking'), shared);
      const batches = () => readJsonLinesBatches(stream(path, sizeBytes, 'reading'), found, shared);
      return { format, sizeBytes, evidence: [], columns, preview, batches };
    }
    case 'parquet': {
      const { columns } = await withRandomAccess(path, (access) => inspectParquet(access, shared));
      return { format, sizeBytes, evidence: [], columns, preview: [], batches: () => parquetBatches(path, shared) };
    }
    case 'arrow': {
      const { table, columns, rejected } = readArrow(readWhole(path, sizeBytes), shared);
      return { ...whole(format, sizeBytes, table, rejected), columns };
    }
    case 'npy': {
      const name = file.replace(/\.npy$/i, '');
      return whole(format, sizeBytes, tableOf(columnsFromNumpy(name, readNpy(readWhole(path, sizeBytes)))), []);
    }
    case 'npz':
      return whole(format, sizeBytes, tableFromNumpy(readNpz(readWhole(path, sizeBytes), npzLimits)), []);
    case 'idx': {
      const { shape, data } = readIdx(readWhole(path, sizeBytes), { file, maxBytes: idxBytes });
      const [count = 0, ...extents] = shape;
      const width = extents.reduce((product, extent) => product * extent, 1);
      const array = { shape: extents.length === 0 ? [count] : [count, width], descriptor: '|u1', data };
      const evidence = [`${shape.join(' × ')} elements; a column for each of the ${width} of a row`];
      return { ...whole(format, sizeBytes, tableOf(columnsFromNumpy('value', array)), []), evidence };
    }
    default:
      return format satisfies never;
  }
}

type CsvShared = Parameters<typeof inspectCsv>[1] & Parameters<typeof readCsvBatches>[2];

const beginningBytes = 1 << 23;

async function openCsv(path: string, sizeBytes: number, shared: CsvShared, look: Look): Promise<Source> {
  const beginning = look === 'beginning';
  const sampleBytes = beginning ? beginningBytes : Number.POSITIVE_INFINITY;
  const inspection = await inspectCsv(stream(path, sizeBytes, 'looking'), shared, sampleBytes);
  if (!inspection.settled) return openCsv(path, sizeBytes, shared, 'whole');
  const { plan, evidence, columns, preview } = inspection;
  const options = { ...shared, doubtGuesses: beginning && !inspection.whole };
  const batches = () => readCsvBatches(stream(path, sizeBytes, 'reading'), plan, options);
  return { format: 'csv', sizeBytes, evidence, columns, preview, plan, batches };
}

/** A table that is in memory as a source. */
function whole(format: Format, sizeBytes: number, table: Table, rejected: readonly RejectedRow[]): Source {
  const columns = table.columns.map(({ name, type }) => ({ schema: { name, type }, evidence: 'the file says so' }));
  async function* batches(): AsyncGenerator<Table, SourceReport, undefined> {
    yield table;
    return { rows: table.rowCount, rejectedRows: rejected.length, blankLines: 0, rejected };
  }
  return { format, sizeBytes, evidence: [], columns, preview: [], batches };
}

const endings: readonly (readonly [RegExp, Format])[] = [
  [/\.(?:csv|tsv|tab|txt|data|test|dat)(?:\.gz)?$/i, 'csv'],
  [/\.(?:jsonl|ndjson|jsonlines)(?:\.gz)?$/i, 'json-lines'],
  [/\.(?:parquet|pq)$/i, 'parquet'],
  [/\.(?:arrow|feather|arrows|ipc)$/i, 'arrow'],
  [/\.npy$/i, 'npy'],
  [/\.npz$/i, 'npz'],
  [/(?:idx\d?-\w+|\.idx)(?:\.gz)?$/i, 'idx'],
];

/** By the first bytes where they are unmistakable, else by the name. */
function formatOf(path: string): Format {
  if (statSync(path).isDirectory()) throw new UsageError(`${path} is a folder; convert takes folders of pictures`);
  const head = firstBytes(path);
  const starts = (text: string): boolean => head.startsWith(text);
  if (starts('PAR1')) return 'parquet';
  if (starts('ARROW1')) return 'arrow';
  if (starts('\x93NUMPY')) return 'npy';
  if (starts('PK\x03\x04')) return 'npz';
  const named = endings.find(([ending]) => ending.test(path))?.[1];
  if (named !== undefined) return named;
  if (starts('{')) return 'json-lines';
  if (starts('\x1f\x8b') || starts('\0')) throw new UsageError(`what ${path} is, its name does not say: --format`);
  return 'csv';
}

function firstBytes(path: string): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(8);
    return head.toString('latin1', 0, readSync(file, head, 0, 8, 0));
  } finally {
    closeSync(file);
  }
}

const wholeLimit = 2 ** 31;

// What a packed file may unpack to; a megabyte of it could become a gigabyte.
const npzLimits = { entries: 1 << 12, unpackedBytes: 2 ** 29 } as const;
const idxBytes = 2 ** 28;

function readWhole(path: string, sizeBytes: number): Uint8Array {
  if (sizeBytes > wholeLimit)
    throw new UsageError(`${path} has ${sizeBytes} bytes; this format is read whole, up to ${wholeLimit}`);
  return readFileSync(path);
}

/** The bytes of a file, unpacked where it is gzip, with progress on the terminal. */
async function* stream(path: string, sizeBytes: number, what: string): AsyncGenerator<Uint8Array, void, undefined> {
  const progress = new Progress(what, sizeBytes);
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  const bytes = firstBytes(path).startsWith('\x1f\x8b') ? file.pipe(createGunzip({ chunkSize: 1 << 18 })) : file;
  // A pipe does not hand on what goes wrong before it.
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error));
  try {
    for await (const chunk of bytes) {
      yield chunk;
      progress.at(file.bytesRead);
    }
  } finally {
    progress.done();
    file.destroy();
  }
}

async function withRandomAccess<T>(path: string, use: (access: RandomAccess) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await use(await accessTo(handle));
  } finally {
    await handle.close();
  }
}

async function accessTo(handle: Awaited<ReturnType<typeof open>>): Promise<RandomAccess> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    async slice(start, end = size) {
      const from = start < 0 ? size + start : start;
      const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - from));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
      return bytes.buffer.slice(0, bytesRead);
    },
  };
}

async function* parquetBatches(
  path: string,
  options: Parameters<typeof readParquetBatches>[1],
): AsyncGenerator<Table, SourceReport, undefined> {
  const handle = await open(path, 'r');
  try {
    return yield* readParquetBatches(await accessTo(handle), options);
  } finally {
    await handle.close();
  }
}

/** What a person should know about how a file was read. */
export function readingNotes(source: Source, report: SourceReport): string[] {
  const notes = [...source.evidence];
  if (report.blankLines > 0) notes.push(counted(report.blankLines, 'blank line'));
  if (report.commentLines !== undefined && report.commentLines > 0) {
    notes.push(`${counted(report.commentLines, 'line')} of comment left out`);
  }
  if (report.rejectedRows > 0) {
    notes.push(`${counted(report.rejectedRows, 'bad row')} left out:`);
    for (const { line, column, reason } of report.rejected.slice(0, 5)) {
      notes.push(`  line ${line}${column === undefined ? '' : `, column ${column}`}: ${reason}`);
    }
    if (report.rejectedRows > 5) notes.push(`  and ${report.rejectedRows - 5} more`);
  }
  return notes;
}

const counted = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

export const describeFormat = ({ format, plan }: Source): string =>
  plan === undefined ? format : `${format}, ${nameOfSeparator(plan.dialect.separator)}, ${plan.dialect.encoding}`;
