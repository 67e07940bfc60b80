// A Parquet file's description of itself, at its end: fetched, walked, then read by hyparquet, and held against the file. A schema that
// is no tree, chunks that are not the schema's columns or share bytes, and more cells than the file can have reasons for are refused.
// What leaves this file can be believed, but for the pages (pages.ts).
import { parquetMetadata } from 'hyparquet/src/index.js';
import type { PhysicalType } from './encodings.ts';
import type { ParquetLimits } from './limits.ts';
import type { Leaf } from './pages.ts';
import { refuse, ThriftWalk } from './thrift.ts';

/** Bytes that can be read from anywhere. */
export interface RandomAccess {
  readonly byteLength: number;
  slice(start: number, end?: number): ArrayBuffer | Promise<ArrayBuffer>;
}

export type Metadata = ReturnType<typeof parquetMetadata>;
export type SchemaElement = Metadata['schema'][number];
type RowGroup = Metadata['row_groups'][number];

export interface ChunkPlace {
  readonly leaf: Leaf;
  readonly codec: string;
  readonly start: number;
  readonly end: number;
}

export interface Group {
  readonly rows: number;
  readonly chunks: readonly ChunkPlace[];
  readonly bytes: number;
  /** The file as if it had this group alone. */
  readonly metadata: Metadata;
}

export interface Footer {
  readonly topLevel: readonly SchemaElement[];
  readonly rows: number;
  readonly groups: readonly Group[];
}

const trailerBytes = 8;
const deepestSchema = 16;

export async function readFooter(source: RandomAccess, limits: ParquetLimits): Promise<Footer> {
  const size = source.byteLength;
  if (size < trailerBytes + 4) refuse(`${size} bytes are no file`);
  const trailer = new Uint8Array(await source.slice(size - trailerBytes, size));
  if (trailer.length !== trailerBytes || String.fromCharCode(...trailer.subarray(4)) !== 'PAR1') {
    refuse('it does not end with PAR1');
  }
  const length = (trailer[0] | (trailer[1] << 8) | (trailer[2] << 16) | (trailer[3] << 24)) >>> 0;
  if (length > size - trailerBytes) refuse(`a description of itself of ${length} bytes in a file of ${size}`);
  if (length > limits.footerBytes)
    refuse(`a description of itself of ${length} bytes; at most ${limits.footerBytes} are read`);
  const bytes = await source.slice(size - trailerBytes - length, size);
  walk(new Uint8Array(bytes), limits);
  return held(parquetMetadata(bytes, { geoparquet: false }), source, limits);
}

/** FileMetaData: 2 the schema (1 a type, 6 how it is converted), 4 row groups, 1 chunks, 3 their metadata, 12 statistics. */
function walk(bytes: Uint8Array, limits: ParquetLimits): void {
  const decimal = 5;
  const leaves: { at: number; decimal: boolean }[] = [];
  const statistics: { column: number; length: number }[] = [];
  new ThriftWalk(bytes, 0, limits.footerEntries, (path, value, kind) => {
    if (path[0] === 2 && path.length === 3) {
      if (path[2] === 1) leaves.push({ at: path[1], decimal: false });
      const last = leaves.at(-1);
      if (path[2] === 6 && value === decimal && last?.at === path[1]) last.decimal = true;
    }
    if (kind === 'binary' && path.length === 7 && path[4] === 3 && path[5] === 12) {
      statistics.push({ column: path[3], length: value });
    }
  }).struct();
  // hyparquet turns the bytes of a decimal number into one in steps that are in the square of their number.
  for (const { column, length } of statistics) {
    if (length > 64 && leaves[column]?.decimal === true) refuse(`statistics with a decimal number of ${length} bytes`);
  }
}

function held(metadata: Metadata, source: RandomAccess, limits: ParquetLimits): Footer {
  const { topLevel, leaves } = treeOf(metadata.schema, limits);
  const groups: Group[] = [];
  let rows = 0;
  let bytes = 0;
  for (const group of metadata.row_groups) {
    if (typeof group.num_rows !== 'bigint') refuse('a row group does not say how many rows it has');
    if (group.num_rows < 0n || group.num_rows > BigInt(limits.groupRows)) {
      refuse(`a row group of ${group.num_rows} rows; at most ${limits.groupRows} are read`);
    }
    const chunks = chunksOf(group, leaves, source.byteLength);
    const own = chunks.reduce((sum, { start, end }) => sum + end - start, 0);
    rows += Number(group.num_rows);
    bytes += own;
    const alone = { ...metadata, num_rows: group.num_rows, row_groups: [group] };
    groups.push({ rows: Number(group.num_rows), chunks, bytes: own, metadata: alone });
  }
  if (BigInt(rows) !== metadata.num_rows) refuse(`it claims ${metadata.num_rows} rows, its groups ${rows}`);
  if (bytes > source.byteLength) refuse(`columns of ${bytes} bytes in a file of ${source.byteLength}`);
  const mostCells = limits.cells + 64 * source.byteLength;
  if (rows * Math.max(1, leaves.length) > mostCells) {
    refuse(
      `${rows} rows of ${leaves.length} columns in ${source.byteLength} bytes; at most ${mostCells} cells are read`,
    );
  }
  return { topLevel, rows, groups };
}

function chunksOf(group: RowGroup, leaves: readonly Leaf[], fileBytes: number): ChunkPlace[] {
  if (group.columns.length !== leaves.length) {
    refuse(`a row group of ${group.columns.length} columns where the schema has ${leaves.length}`);
  }
  return leaves.map((leaf, at) => {
    const name = leaf.path.join('.');
    const chunk = group.columns[at];
    const meta = chunk.meta_data;
    if (meta === undefined) return refuse(`column ${name} has no description`);
    if (chunk.file_path !== undefined) refuse(`column ${name} lies in another file`);
    const same = meta.path_in_schema.length === leaf.path.length;
    if (!same || leaf.path.some((part, depth) => part !== meta.path_in_schema[depth]) || meta.type !== leaf.type) {
      refuse(`column ${name} of a row group is not the schema's`);
    }
    // hyparquet's rule for where a chunk begins.
    const begin: unknown = meta.dictionary_page_offset || meta.data_page_offset;
    const size: unknown = meta.total_compressed_size;
    if (typeof begin !== 'bigint' || typeof size !== 'bigint')
      return refuse(`column ${name} does not say where it lies`);
    if (begin < 0n || size < 0n || begin + size > BigInt(fileBytes)) {
      refuse(`column ${name}: ${size} bytes at ${begin} in a file of ${fileBytes}`);
    }
    return { leaf, codec: meta.codec, start: Number(begin), end: Number(begin + size) };
  });
}

/** The schema lies flat, in depth-first order, each element with the number of its children. */
function treeOf(
  elements: readonly SchemaElement[],
  limits: ParquetLimits,
): { topLevel: SchemaElement[]; leaves: Leaf[] } {
  const topLevel: SchemaElement[] = [];
  const leaves: Leaf[] = [];
  let next = 0;
  const visit = (path: readonly string[], definition: number, repetition: number): string => {
    const element = elements[next];
    if (element === undefined) return refuse('its schema has fewer elements than it claims');
    next += 1;
    const isRoot = next === 1;
    if (typeof element.name !== 'string') refuse('an element of the schema has no name');
    const own = isRoot ? [] : [...path, element.name];
    if (own.length === 1) topLevel.push(element);
    if (own.length > deepestSchema) refuse(`a schema more than ${deepestSchema} deep`);
    const logical = element.logical_type?.type;
    if (logical === 'VARIANT' || logical === 'GEOMETRY' || logical === 'GEOGRAPHY') {
      refuse(`column ${own.join('.')}: ${logical} is not read`);
    }
    if (isRoot && element.repetition_type === 'REPEATED') refuse('its schema is a list');
    const maxDefinition = definition + (isRoot || element.repetition_type === 'REQUIRED' ? 0 : 1);
    const maxRepetition = repetition + (element.repetition_type === 'REPEATED' ? 1 : 0);
    const children: unknown = element.num_children ?? 0;
    if (typeof children !== 'number' || children < 0) return refuse('a number of children that is none');
    if (children === 0 && !isRoot) leaves.push(leafOf(element, own, maxDefinition, maxRepetition));
    if (leaves.length > limits.columns) refuse(`more than ${limits.columns} columns`);
    const names = new Set<string>();
    for (let child = 0; child < children; child += 1) names.add(visit(own, maxDefinition, maxRepetition));
    if (names.size < children) refuse('two columns have one name');
    return element.name;
  };
  visit([], 0, 0);
  if (next !== elements.length) refuse(`its schema has ${elements.length} elements and claims ${next}`);
  return { topLevel, leaves };
}

function leafOf(element: SchemaElement, path: readonly string[], maxDefinition: number, maxRepetition: number): Leaf {
  const type: PhysicalType | undefined = element.type;
  if (type === undefined) return refuse(`column ${path.join('.')} has no type`);
  const width: unknown = element.type_length ?? 0;
  if (typeof width !== 'number') return refuse(`column ${path.join('.')}: a width that is none`);
  return { path, type, width, maxDefinition, maxRepetition, decimal: element.converted_type === 'DECIMAL' };
}
