// Apache Arrow IPC files and streams (Feather 2 as well, where it is not compressed) through flechette: columns typed by the file's
// own schema. Buffers are read where they lie, so the bytes bound the memory; the number of rows is a claim and is bounded. Nested
// columns are refused: the extents of their lists are claims as well, one a cell. What the file's description of itself claims is
// walked first (claims.ts), for flechette believes it.
import { Type, tableFromIPC } from '@uwdata/flechette';
import type { RejectedRow, Tolerance } from '../csv/index.ts';
import { MalformedData, ParameterError } from '../errors.ts';
import { type ColumnSchema, type ColumnType, filterRows, type Schema, type Table, tableOf } from '../table/index.ts';
import { atomFrom } from '../values/plain-atom.ts';
import { type Atom, columnFromAtoms } from '../values/value-column.ts';
import { checkClaims, freeText } from './claims.ts';

export interface ArrowOptions {
  readonly file?: string;
  readonly schema?: Schema;
  readonly tolerance?: Tolerance;
}

export interface ArrowReading {
  readonly table: Table;
  readonly columns: readonly { readonly schema: ColumnSchema; readonly evidence: string }[];
  readonly rejected: readonly RejectedRow[];
}

export function readArrow(bytes: Uint8Array, options: ArrowOptions = {}): ArrowReading {
  const place = options.file === undefined ? {} : { file: options.file };
  located(place, () => checkClaims(bytes));
  const arrow = guarded(place, () => tableFromIPC(bytes, { useDate: true, useBigInt: true }));
  // Even a column of single bits takes a byte for eight rows; only columns of nothing take none.
  if (arrow.numRows > bytes.length * 8)
    throw new MalformedData(`Arrow: ${arrow.numRows} rows in ${bytes.length} bytes`, place);
  const declared = new Map((options.schema?.columns ?? []).map((column) => [column.name, column]));
  const reasons = new Map<number, RejectedRow>();
  const paid = payer(4 * bytes.length + freeText);
  const columns = arrow.schema.fields.map((field, at) => {
    const name = String(field.name);
    const column = arrow.getChildAt(at);
    const type = nameOf(field.type.typeId);
    if (!flat.has(field.type.typeId)) {
      throw new MalformedData(`Arrow: a ${type} column is not read; flatten it first`, { ...place, column: name });
    }
    if (column.length !== arrow.numRows) {
      throw new MalformedData(`Arrow: ${column.length} rows, elsewhere ${arrow.numRows}`, { ...place, column: name });
    }
    const stated = declared.get(name);
    declared.delete(name);
    const schema = stated ?? { name, type: typeOf(field.type.typeId) };
    const atoms = guarded(place, () =>
      // The texts of a dictionary are there once, however often they are pointed to.
      Array.from(column, field.type.typeId === Type.Dictionary ? atomFrom : (value) => paid(atomFrom(value))),
    );
    const typed = columnFromAtoms(schema, atoms, (row, reason) => {
      if (!reasons.has(row)) reasons.set(row, { line: row + 1, column: name, reason });
    });
    return {
      typed,
      schema,
      evidence: stated === undefined ? `the file says ${nameOf(field.type.typeId)}` : 'declared',
    };
  });
  const [stray] = declared.keys();
  if (stray !== undefined) throw new ParameterError(`the schema declares ${stray}, which the file does not have`);
  const table = guarded(place, () => tableOf(columns.map((one) => one.typed)));
  const rejected = [...reasons.values()].sort((a, b) => a.line - b.line);
  const { rows, share } = options.tolerance ?? {};
  const endured = Math.min(rows ?? (share === undefined ? 0 : Number.POSITIVE_INFINITY), (share ?? 1) * table.rowCount);
  const [first] = rejected;
  if (first !== undefined && rejected.length > endured) throw new MalformedData(first.reason, { ...place, ...first });
  return {
    table: rejected.length === 0 ? table : filterRows(table, (row) => !reasons.has(row)),
    columns: columns.map(({ schema, evidence }) => ({ schema, evidence })),
    rejected,
  };
}

/** Texts may point to the same bytes, each of them to all: what they hold together is bounded. */
function payer(most: number): (atom: Atom) => Atom {
  let left = most;
  return (atom) => {
    if (typeof atom === 'string') left -= atom.length;
    if (left < 0) throw new MalformedData(`its texts hold more than ${most} signs`);
    return atom;
  };
}

function located(place: { readonly file?: string }, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof MalformedData) throw new MalformedData(error.reason, place, { cause: error });
    throw error;
  }
}

function guarded<T>(place: { readonly file?: string }, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const hint = /codec/i.test(reason) ? '; write it without compression, or as Parquet' : '';
    throw new MalformedData(`Arrow: ${reason}${hint}`, place, { cause: error });
  }
}

/** What holds one value a row. */
const flat: ReadonlySet<number> = new Set([
  Type.Dictionary,
  Type.Null,
  Type.Int,
  Type.Float,
  Type.Binary,
  Type.Utf8,
  Type.Bool,
  Type.Decimal,
  Type.Date,
  Type.Time,
  Type.Timestamp,
  Type.Duration,
  Type.LargeBinary,
  Type.LargeUtf8,
  Type.BinaryView,
  Type.Utf8View,
]);

function typeOf(typeId: number): ColumnType {
  switch (typeId) {
    case Type.Int:
      return 'integer';
    case Type.Float:
    case Type.Decimal:
      return 'number';
    case Type.Date:
    case Type.Timestamp:
      return 'date';
    default:
      return 'category';
  }
}

const nameOf = (typeId: number): string => Object.entries(Type).find(([, id]) => id === typeId)?.[0] ?? String(typeId);
