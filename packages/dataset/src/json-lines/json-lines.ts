// JSON lines (one object a line, UTF-8): columns by key, objects within objects by dotted keys, lists kept as their JSON text. Keys
// are only ever looked up in maps, so `__proto__` is a key like any other.
import type { ByteStream, Tolerance } from '../csv/index.ts';
import { MalformedData } from '../errors.ts';
import type { ColumnSchema, Schema, Table } from '../table/index.ts';
import { decodeUtf8 } from '../text/utf8.ts';
import { RecordCollector, type RecordReport } from '../values/records.ts';
import { type Atom, ValueInference } from '../values/value-column.ts';
import { LineCutter } from './lines.ts';

export interface JsonLinesOptions {
  readonly file?: string;
  readonly tolerance?: Tolerance;
  /** A longer line is refused. */
  readonly lineBytes?: number;
  readonly onProgress?: (bytes: number) => void;
}

export interface JsonLinesInspection {
  readonly schema: Schema;
  readonly columns: readonly { readonly schema: ColumnSchema; readonly evidence: string }[];
  readonly preview: readonly (readonly string[])[];
  readonly rowsSeen: number;
}

const usualLineBytes = 1 << 24;
const maxColumns = 1 << 15;
const maxDepth = 16;
const maxListDepth = 64;
const previewRows = 10;

/** One line as a record, or why it is none. */
function recordFrom(bytes: Uint8Array): ReadonlyMap<string, Atom> | string {
  const text = decodeUtf8(bytes, 0, bytes.length);
  if (text === undefined) return 'the line is no UTF-8';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `the line is no JSON: ${error instanceof Error ? error.message.slice(0, 100) : ''}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'the line is no JSON object';
  const record = new Map<string, Atom>();
  return flatten('', value, record, 0) ?? record;
}

/** Whether lists and objects lie within each other deeper than that; looks no deeper itself, on any engine's stack. */
const isDeeperThan = (levels: number, value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner)));

function flatten(prefix: string, object: object, record: Map<string, Atom>, depth: number): string | undefined {
  if (depth > maxDepth) return `objects within objects more than ${maxDepth} deep`;
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = prefix + key;
    if (record.has(name)) return `the key ${name} is there twice`;
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      record.set(name, value);
    } else if (Array.isArray(value)) {
      // A list is spelt again as text; hundreds of thousands of brackets are no table.
      if (isDeeperThan(maxListDepth, value)) return `lists within lists more than ${maxListDepth} deep`;
      record.set(name, JSON.stringify(value));
    } else if (typeof value === 'object') {
      const trouble = flatten(`${name}.`, value, record, depth + 1);
      if (trouble !== undefined) return trouble;
    }
  }
  return undefined;
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 32 || byte === 9);

/** Finds the columns and their types in the whole stream; a declared schema's columns stand first and win. */
export async function inspectJsonLines(
  stream: ByteStream,
  options: JsonLinesOptions & { readonly schema?: Schema } = {},
): Promise<JsonLinesInspection> {
  const declared = new Map((options.schema?.columns ?? []).map((column) => [column.name, column]));
  const inferences = new Map([...declared.keys()].map((name) => [name, new ValueInference(name)]));
  const firstRecords: ReadonlyMap<string, Atom>[] = [];
  let rowsSeen = 0;
  const cutter = new LineCutter((bytes) => {
    // What is wrong with a line is told when it is read; here it says nothing about the columns.
    const record = isBlank(bytes) ? '' : recordFrom(bytes);
    if (typeof record === 'string') return;
    rowsSeen += 1;
    if (firstRecords.length < previewRows) firstRecords.push(record);
    for (const [name, atom] of record) {
      let inference = inferences.get(name);
      if (inference === undefined) {
        if (inferences.size >= maxColumns) throw new MalformedData(`more than ${maxColumns} columns`);
        inference = new ValueInference(name);
        inferences.set(name, inference);
      }
      inference.observe(atom);
    }
  }, options.lineBytes ?? usualLineBytes);
  for await (const chunk of stream) cutter.push(chunk);
  cutter.finish();
  const columns = [...inferences].map(([name, inference]) => {
    const schema = declared.get(name);
    return schema === undefined ? inference.conclude() : { schema, evidence: 'declared' };
  });
  const place = options.file === undefined ? {} : { file: options.file };
  if (columns.length === 0) throw new MalformedData('there is no record in it', place);
  const preview = firstRecords.map((record) => columns.map(({ schema }) => String(record.get(schema.name) ?? '')));
  return { schema: { columns: columns.map((column) => column.schema) }, columns, preview, rowsSeen };
}

/** Table after table; the report comes back when there are no more. */
export async function* readJsonLinesBatches(
  stream: ByteStream,
  schema: Schema,
  options: JsonLinesOptions & { readonly batchRows?: number } = {},
): AsyncGenerator<Table, RecordReport, undefined> {
  const batchRows = options.batchRows ?? 1 << 13;
  const collector = new RecordCollector(schema, options.tolerance ?? {}, options.file);
  const cutter = new LineCutter((bytes, line) => {
    if (isBlank(bytes)) {
      collector.blankLines += 1;
      return;
    }
    const record = recordFrom(bytes);
    if (typeof record === 'string') collector.reject({ line, reason: record });
    else collector.add(line, record);
  }, options.lineBytes ?? usualLineBytes);
  for await (const chunk of stream) {
    cutter.push(chunk);
    options.onProgress?.(cutter.bytes);
    if (collector.waiting >= batchRows) yield collector.take();
  }
  cutter.finish();
  if (collector.waiting > 0) yield collector.take();
  collector.finish();
  return collector.report;
}
