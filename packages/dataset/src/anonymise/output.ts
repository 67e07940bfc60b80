// The table that leaves: generalised columns in place of the quasi-identifying ones, pseudonyms in place of names, suppressed rows
// gone or masked.
import { ParameterError } from '../errors.ts';
import { anything } from '../hierarchies/built.ts';
import type { NoiseSamplers } from '../perturbation/perturbation.ts';
import type { Policy } from '../policy/policy.ts';
import type { PseudonymKey } from '../pseudonyms/pseudonyms.ts';
import {
  type Column,
  categoricalColumn,
  categoriesOf,
  isMissing,
  missingCode,
  selectRows,
  type Table,
  textOf,
  withColumns,
  withoutUnusedCategories,
} from '../table/index.ts';
import type { Release } from './release.ts';

export interface OutputTools {
  readonly pseudonymKey?: PseudonymKey;
  readonly samplers?: NoiseSamplers;
}

export interface Output {
  readonly table: Table;
  /** For every row of `table` its place in the release. */
  readonly rows: Uint32Array;
}

export function outputOf(
  table: Table,
  release: Release,
  policy: Policy,
  tools: OutputTools,
  { replaced, keepsMasked }: { readonly replaced: ReadonlyMap<string, Column>; readonly keepsMasked: boolean },
): Output {
  const changed = table.columns.map((column): Column => {
    const recoded = release.columns.find(({ name }) => name === column.name);
    if (recoded !== undefined) {
      const own = replaced.get(column.name);
      if (own !== undefined) return own;
      // Where nothing was generalised the column stays what it is: numbers stay numbers.
      return !keepsMasked && recoded.heights.every((height) => height === 0) ? column : labelsOf(column.name, release);
    }
    const own = policy.columns[column.name];
    if (own === undefined) return column;
    if (own.role === 'identifying') return pseudonymsOf(column, tools.pseudonymKey);
    return column;
  });
  const all = withColumns(table, changed);
  const rows = rowsToRelease(release, policy, keepsMasked, tools.samplers);
  const released = selectRows(all, rows);
  return { table: withColumns(released, released.columns.map(tidy)), rows };
}

/** A dictionary may hold values of rows that are gone: they must not travel along. */
const tidy = (column: Column): Column => (column.type === 'category' ? withoutUnusedCategories(column) : column);

function rowsToRelease(
  release: Release,
  policy: Policy,
  keepsMasked: boolean,
  samplers: NoiseSamplers | undefined,
): Uint32Array {
  const all = Uint32Array.from({ length: release.rowCount }, (_, row) => row);
  const rows = keepsMasked ? all : all.filter((row) => release.suppressed[row] === 0);
  if (policy.rowOrder === 'kept') return rows;
  if (samplers === undefined) throw new ParameterError('shuffling rows needs randomness');
  // Fisher and Yates, from the back.
  for (let at = rows.length - 1; at > 0; at -= 1) {
    const other = samplers.below(at + 1);
    [rows[at], rows[other]] = [rows[other], rows[at]];
  }
  return rows;
}

function labelsOf(name: string, release: Release): Column {
  const recoded = release.columns.find((column) => column.name === name);
  if (recoded === undefined) throw new ParameterError(`${name} was not generalised`);
  const dictionary = [...new Set([...recoded.labels, anything])];
  const place = new Map(dictionary.map((text, at) => [text, at]));
  const codeOf = Int32Array.from(recoded.labels, (text) => (text === '' ? missingCode : place.get(text)!));
  const masked = place.get(anything)!;
  const codes = Int32Array.from(recoded.codes, (code, row) => (release.suppressed[row] === 1 ? masked : codeOf[code]));
  return withoutUnusedCategories(categoricalColumn(name, codes, dictionary));
}

function pseudonymsOf(column: Column, key: PseudonymKey | undefined): Column {
  if (key === undefined) throw new ParameterError(`column ${column.name} becomes pseudonyms: that needs a key`);
  const known = new Map<string, string>();
  const texts = Array.from(
    { length: column.type === 'category' ? column.codes.length : column.values.length },
    (_, row) => {
      if (isMissing(column, row)) return null;
      const text = textOf(column, row);
      const found = known.get(text) ?? key.pseudonymOf(column.name, text);
      known.set(text, found);
      return found;
    },
  );
  return categoriesOf(column.name, texts);
}
