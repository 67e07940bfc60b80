// A table made into examples: which column is the answer, whose rows they are, which columns are looked at, and how numbers are scaled. A
// first mapping is suggested; whoever owns the table decides. Where the plan itself says what becomes of the columns, only the person is left to
// name. Statistics that nobody agreed on (means, deviations, the usual value) come from this participant's own rows and stay here.
//
// Refuses, as values, tables that the plan cannot take. Rows without an answer are left out and counted.

import { applyRecipe, featuresOf, fitRecipe, type Step } from '@sumus/dataset/prepare';
import {
  type Column,
  columnNames,
  columnOf,
  isMissing,
  missingCountOf,
  selectColumns,
  selectRows,
  type Table,
  textOf,
} from '@sumus/dataset/table';
import type { Demand, TableDemand } from './demand.ts';
import { type Taken, takenAs } from './examples.ts';

export type Scaling = 'standardise' | 'divide by 255' | 'as they are';

export interface Mapping {
  readonly answer: string;
  /** The column that says whose row it is; null where no column does. */
  readonly person: string | null;
  readonly looked: readonly string[];
  readonly scaling: Scaling;
}

export interface ColumnLook {
  readonly name: string;
  readonly type: Column['type'];
  readonly missing: number;
  /** Different values, up to a hundred. */
  readonly different: number;
}

export interface TableLook {
  readonly rowCount: number;
  readonly columns: readonly ColumnLook[];
  /** The first rows, as texts. */
  readonly preview: readonly (readonly string[])[];
}

const PREVIEWED = 5;
const COUNTED = 100;

export function lookAt(table: Table): TableLook {
  const preview = Array.from({ length: Math.min(PREVIEWED, table.rowCount) }, (_, row) =>
    table.columns.map((column) => textOf(column, row)),
  );
  return {
    rowCount: table.rowCount,
    columns: table.columns.map((column) => lookAtColumn(column, table.rowCount)),
    preview,
  };
}

function lookAtColumn(column: Column, rowCount: number): ColumnLook {
  const seen = new Set<number>();
  const values = column.type === 'category' ? column.codes : column.values;
  for (let row = 0; row < rowCount && seen.size < COUNTED; row += 1)
    if (!isMissing(column, row)) seen.add(values[row] ?? 0);
  return { name: column.name, type: column.type, missing: missingCountOf(column), different: seen.size };
}

const ANSWERS = /^(label|class|target|answer|y|digit|outcome|diagnosis|income)$/i;
const PEOPLE = /^(person|patient|user|subject|customer|client)([_ -]?(id|number|no))?$|^(id|uid)$/i;

/** A guess to begin with: the plan's own, or the column called like an answer, else the last; pixels are divided, all else is standardised. */
export function suggestMapping(table: Table, demand: Demand): Mapping {
  const names = columnNames(table);
  const answer = demand.table?.target.column ?? names.find((name) => ANSWERS.test(name)) ?? names.at(-1) ?? '';
  const person = names.find((name) => name !== answer && PEOPLE.test(name)) ?? null;
  const looked =
    demand.table?.columns.map(({ name }) => name) ?? names.filter((name) => name !== answer && name !== person);
  if (demand.table !== undefined) return { answer, person, looked, scaling: 'as they are' };
  const arePixels = looked.length === demand.inputSize && looked.every((name) => isPixel(columnOf(table, name)));
  return { answer, person, looked, scaling: arePixels ? 'divide by 255' : 'standardise' };
}

function isPixel(column: Column): boolean {
  if (column.type !== 'integer') return false;
  for (const value of column.values) if (!(value >= 0 && value <= 255)) return false;
  return true;
}

export function examplesFromTable(table: Table, name: string, mapping: Mapping, demand: Demand): Taken {
  const missing = [mapping.answer, ...mapping.looked].find((one) => !columnNames(table).includes(one));
  if (missing !== undefined) return { kind: 'unfit', why: { kind: 'column missing', column: missing } };
  const answer = columnOf(table, mapping.answer);
  const known = demand.table?.target.classes;
  const kept = Array.from({ length: table.rowCount }, (_, row) => row).filter(
    (row) => !isMissing(answer, row) && (known === undefined || known.includes(textOf(answer, row))),
  );
  if (kept.length === 0) return { kind: 'unfit', why: { kind: 'no rows' } };
  const rows = selectRows(table, kept);
  const leftOut = table.rowCount - rows.rowCount;
  const classNames = known ?? classesOf(columnOf(rows, mapping.answer), rows.rowCount, demand.classes);
  const codeOf = new Map(classNames.map((text, code) => [text, code]));
  const own = columnOf(rows, mapping.answer);
  const shared = {
    name,
    count: rows.rowCount,
    classNames,
    labels: Uint32Array.from({ length: rows.rowCount }, (_, row) => codeOf.get(textOf(own, row)) ?? 0),
    unitOfRow: mapping.person === null ? undefined : peopleOf(columnOf(rows, mapping.person), rows.rowCount),
  };
  if (demand.table !== undefined) {
    const other = otherType(rows, demand.table);
    if (other !== undefined) return { kind: 'unfit', why: { kind: 'column of another type', ...other } };
    return takenAs({ ...shared, inputSize: 0, inputs: new Float32Array(0), table: rows }, demand, leftOut);
  }
  const plain = selectColumns(rows, mapping.looked);
  const { values, names } = featuresOf(applyRecipe(fitRecipe(stepsFor(plain, mapping.scaling), plain), plain));
  const factor = mapping.scaling === 'divide by 255' ? 1 / 255 : 1;
  const inputs = Float32Array.from(values, (value) => value * factor);
  return takenAs({ ...shared, inputSize: names.length, inputs }, demand, leftOut);
}

function otherType(
  table: Table,
  { columns }: TableDemand,
): { readonly column: string; readonly needed: string } | undefined {
  const found = columns.find(({ name, type }) => {
    const own = columnOf(table, name).type;
    return type === 'number' ? own !== 'integer' && own !== 'number' : own !== type;
  });
  return found === undefined ? undefined : { column: found.name, needed: found.type };
}

/** Dates become days, categories columns of their own; what is missing gets the usual value. */
function stepsFor(table: Table, scaling: Scaling): readonly Step[] {
  return table.columns.flatMap((column): readonly Step[] => {
    const { name } = column;
    if (column.type === 'category') {
      return [
        { kind: 'impute', column: name, with: 'most frequent' },
        { kind: 'one-hot', column: name, unknown: 'zeros' },
      ];
    }
    return [
      ...(column.type === 'date' ? [{ kind: 'days', column: name } as const] : []),
      { kind: 'impute', column: name, with: 'median' },
      ...(scaling === 'standardise' ? [{ kind: 'standard', column: name } as const] : []),
    ];
  });
}

/**
 * In their natural order: numbers by value, texts by the alphabet. Whole numbers below the number of classes are classes already: who has no
 * zeros must not call its ones zeros.
 */
function classesOf(column: Column, rowCount: number, classes: number): readonly string[] {
  const texts = [...new Set(Array.from({ length: rowCount }, (_, row) => textOf(column, row)))];
  const areNumbered = column.type === 'integer' && texts.every((text) => Number(text) >= 0 && Number(text) < classes);
  if (areNumbered) return Array.from({ length: classes }, (_, code) => String(code));
  return texts.sort(column.type === 'category' ? undefined : (a, b) => Number(a) - Number(b));
}

/** A missing name is a person by itself. */
function peopleOf(column: Column, rowCount: number): Uint32Array<ArrayBuffer> {
  const known = new Map<string, number>();
  let next = 0;
  return Uint32Array.from({ length: rowCount }, (_, row) => {
    const text = textOf(column, row);
    const found = text === '' ? undefined : known.get(text);
    if (found !== undefined) return found;
    known.set(text, next);
    next += 1;
    return next - 1;
  });
}
