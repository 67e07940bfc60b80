// A table under a policy, before anything is generalised: rows that the policy drops, columns with coded tails or noise, and every
// quasi-identifying and sensitive column in the shape that searches and models take.
import { ParameterError } from '../errors.ts';
import type { QuasiColumn } from '../generalisation/dimensions.ts';
import {
  boundColumn,
  builtHierarchy,
  distinctCells,
  type HierarchySpec,
  resolvedSpec,
} from '../hierarchies/columns.ts';
import type { Hierarchy } from '../hierarchies/hierarchy.ts';
import type { SensitiveValues } from '../models/class-tests.ts';
import type { NoiseSamplers } from '../perturbation/perturbation.ts';
import type { HierarchyChoice, OtherColumn, Policy, QuasiIdentifyingColumn, Tails } from '../policy/policy.ts';
import {
  appendRows,
  type Column,
  columnNames,
  columnOf,
  filterRows,
  isMissing,
  numericColumn,
  selectColumns,
  type Table,
  withColumns,
} from '../table/index.ts';
import { type NoiseReport, noisyTable } from './noise.ts';

export interface Prepared {
  /** Without the rows that were dropped and the columns that leave, tails coded, with noise where the policy asks for it. */
  readonly table: Table;
  readonly droppedRows: number;
  readonly removedColumns: readonly string[];
  readonly quasiNames: readonly string[];
  readonly sensitive: readonly SensitiveValues[];
  readonly noise: readonly NoiseReport[];
}

export type HierarchyFiles = Readonly<Record<string, Hierarchy>>;

export function prepare(
  table: Table,
  policy: Policy,
  files: HierarchyFiles,
  samplers: NoiseSamplers | undefined,
): Prepared {
  const kept: string[] = [];
  const removed: string[] = [];
  for (const name of Object.keys(policy.columns)) columnOf(table, name);
  for (const name of columnNames(table)) {
    const own = Object.hasOwn(policy.columns, name) ? policy.columns[name] : undefined;
    if (own === undefined) {
      if (policy.otherColumns === 'refuse') {
        throw new ParameterError(`the policy says nothing about column ${name}: give it a role, or say otherColumns`);
      }
      (policy.otherColumns === 'keep' ? kept : removed).push(name);
    } else (own.role === 'identifying' && own.action === 'remove' ? removed : kept).push(name);
  }
  const coded = codedTails(selectColumns(table, kept), policy);
  const quasiNames = namesOfRole(policy, 'quasi-identifying', kept);
  const inUse = [...quasiNames, ...namesOfRole(policy, 'sensitive', kept)].map((name) => columnOf(table, name));
  const complete = policy.missing === 'keep' ? [] : policy.missing === 'drop-rows' ? table.columns : inUse;
  const clear = filterRows(coded, (row) => complete.every((column) => !isMissing(column, row)));
  if (clear.rowCount === 0) throw new ParameterError('no rows are left to anonymise');
  const { table: rows, noise } = noisyTable(clear, policy, samplers);
  return {
    table: rows,
    droppedRows: table.rowCount - rows.rowCount,
    removedColumns: removed,
    quasiNames,
    sensitive: namesOfRole(policy, 'sensitive', kept).map((name) =>
      sensitiveValues(columnOf(rows, name), otherColumnOf(policy, name), files),
    ),
    noise,
  };
}

function namesOfRole(policy: Policy, role: string, among: readonly string[]): string[] {
  // In the order of the policy: levels and reports list columns as its author did.
  return Object.keys(policy.columns).filter((name) => policy.columns[name].role === role && among.includes(name));
}

function otherColumnOf(policy: Policy, name: string): OtherColumn {
  const own = policy.columns[name];
  if (own.role !== 'sensitive' && own.role !== 'insensitive') throw new ParameterError(`${name} is ${own.role}`);
  return own;
}

export function quasiPolicyOf(policy: Policy, name: string): QuasiIdentifyingColumn {
  const own = policy.columns[name];
  if (own.role !== 'quasi-identifying') throw new ParameterError(`${name} is ${own.role}, not quasi-identifying`);
  return own;
}

/** Bottom and top coding: what lies outside becomes the bound itself. */
export function withTails(column: Column, { lower, upper }: Tails): Column {
  if (column.type !== 'integer' && column.type !== 'number') {
    throw new ParameterError(`column ${column.name} holds no numbers: it has no tails`);
  }
  if (lower !== undefined && upper !== undefined && !(lower < upper)) {
    throw new ParameterError(`column ${column.name}: the tails start at ${lower} and ${upper}`);
  }
  const [least, most] = [lower ?? Number.NEGATIVE_INFINITY, upper ?? Number.POSITIVE_INFINITY];
  // A missing value is NaN and stays so.
  const values = Float64Array.from(column.values, (value) => Math.min(Math.max(value, least), most));
  const whole = [lower, upper].every((bound) => bound === undefined || Number.isInteger(bound));
  return numericColumn(column.name, column.type === 'integer' && whole ? 'integer' : 'number', values);
}

export function hierarchyFor(column: Column, choice: HierarchyChoice, files: HierarchyFiles): Hierarchy {
  if (choice.kind !== 'file') return builtHierarchy(column, choice);
  const found = Object.hasOwn(files, choice.file) ? files[choice.file] : undefined;
  if (found === undefined) throw new ParameterError(`column ${column.name}: the hierarchy ${choice.file} was not read`);
  return found;
}

export interface QuasiColumns {
  readonly columns: readonly QuasiColumn[];
  /** Base codes of the population, where there is one, by column. */
  readonly population: readonly Uint32Array[] | undefined;
}

/** Hierarchies are built over the table and the population together: every value of either has its place. */
export function quasiColumns(
  table: Table,
  names: readonly string[],
  policy: Policy,
  files: HierarchyFiles,
  population: Table | undefined,
): QuasiColumns {
  const people = population && codedTails(selectColumns(population, names), policy);
  const all = withPeople(table, names, people);
  const bound = names.map((name) => {
    const column = columnOf(all, name);
    return boundColumn(column, hierarchyFor(column, quasiPolicyOf(policy, name).hierarchy, files));
  });
  return {
    columns: bound.map((column) => ({ ...column, codes: column.codes.slice(0, table.rowCount) })),
    population: people && bound.map(({ codes }) => codes.slice(table.rowCount)),
  };
}

function withPeople(table: Table, names: readonly string[], people: Table | undefined): Table {
  const own = selectColumns(table, names);
  return people === undefined ? own : appendRows(own, people);
}

/**
 * Every hierarchy that a full-domain search built, said in full: tails, dropped rows and the population had their part in it, so
 * that the table as it was read would not give the same intervals.
 */
export function builtSpecs(
  { table, quasiNames }: Prepared,
  policy: Policy,
  population: Table | undefined,
): Readonly<Record<string, HierarchySpec>> {
  if (policy.method.kind !== 'full-domain') return {};
  const people = population && codedTails(selectColumns(population, quasiNames), policy);
  const all = withPeople(table, quasiNames, people);
  return Object.fromEntries(
    quasiNames.flatMap((name): [string, HierarchySpec][] => {
      const { hierarchy } = quasiPolicyOf(policy, name);
      return hierarchy.kind === 'file' ? [] : [[name, resolvedSpec(columnOf(all, name), hierarchy)]];
    }),
  );
}

function codedTails(table: Table, policy: Policy): Table {
  return withColumns(
    table,
    table.columns.flatMap((column) => {
      const own = policy.columns[column.name];
      return own !== undefined && 'tails' in own && own.tails ? [withTails(column, own.tails)] : [];
    }),
  );
}

function sensitiveValues(column: Column, own: OtherColumn, files: HierarchyFiles): SensitiveValues {
  const { texts, values, codes } = distinctCells(column);
  const { name } = column;
  const bound = own.hierarchy && boundColumn(column, hierarchyFor(column, own.hierarchy, files));
  const baseOf = new Uint32Array(texts.length);
  if (bound !== undefined) for (const [row, code] of codes.entries()) baseOf[code] = bound.codes[row];
  const tree = bound && { hierarchy: bound.hierarchy, baseOf };
  if (own.order === undefined) {
    // A missing cell has no place in an order.
    const ordered = values !== undefined && !texts.includes('');
    return { name, codes, labels: texts, ordered, ...(tree && { tree }) };
  }
  const place = new Map(own.order.map((text, at) => [text, at]));
  if (place.size !== own.order.length) throw new ParameterError(`column ${name}: a value is in the order twice`);
  const moved = Uint32Array.from(texts, (text) => {
    const at = place.get(text);
    if (at === undefined) throw new ParameterError(`column ${name}: the order lacks "${text}"`);
    return at;
  });
  const inOrder = new Uint32Array(own.order.length);
  for (const [code, at] of moved.entries()) inOrder[at] = baseOf[code];
  return {
    name,
    codes: codes.map((code) => moved[code]),
    labels: own.order,
    ordered: true,
    ...(tree && { tree: { hierarchy: tree.hierarchy, baseOf: inOrder } }),
  };
}
