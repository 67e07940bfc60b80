// A column meets a hierarchy: every cell gets its place on level 0. A cell that is missing is a value of its own, the empty text,
// which generalises to the top; a cell that the hierarchy does not know is refused with its row.
import { ParameterError } from '../errors.ts';
import type { QuasiColumn } from '../generalisation/dimensions.ts';
import { type Column, isMissing, lengthOf, textOf } from '../table/index.ts';
import {
  anything,
  categoryHierarchy,
  dateHierarchy,
  maskingHierarchy,
  type NumberLevels,
  numberHierarchy,
  usualWidth,
} from './built.ts';
import { type Hierarchy, hierarchyOfRows } from './hierarchy.ts';

/** How a hierarchy is to be made, as a policy says it. */
export type HierarchySpec =
  | ({ readonly kind: 'numbers' } & NumberLevels)
  | { readonly kind: 'dates' }
  | { readonly kind: 'masking'; readonly from?: 'right' | 'left' }
  | { readonly kind: 'categories'; readonly groups?: Readonly<Record<string, readonly string[]>> }
  /** By the column's type; texts that look like postcodes are masked. */
  | { readonly kind: 'automatic' };

/** The distinct cells of a column, in order of value where they have one, and the place of each row among them. */
export interface DistinctCells {
  readonly texts: readonly string[];
  /** For numbers and dates, else undefined. Missing: NaN, and last. */
  readonly values: Float64Array | undefined;
  readonly codes: Uint32Array;
  readonly missingCode: number | undefined;
}

export function distinctCells(column: Column): DistinctCells {
  const count = lengthOf(column);
  const codes = new Uint32Array(count);
  const firstRow = new Map<number, number>();
  const keyAt = (row: number): number => (column.type === 'category' ? column.codes[row] : column.values[row]);
  let missing = false;
  for (let row = 0; row < count; row += 1) {
    if (isMissing(column, row)) missing = true;
    else if (!firstRow.has(keyAt(row))) firstRow.set(keyAt(row), row);
  }
  const keys = [...firstRow.keys()].sort((a, b) => a - b);
  const codeOf = new Map(keys.map((key, code) => [key, code]));
  for (let row = 0; row < count; row += 1) codes[row] = isMissing(column, row) ? keys.length : codeOf.get(keyAt(row))!;
  const texts = keys.map((key) => textOf(column, firstRow.get(key)!));
  if (missing) texts.push('');
  const values =
    column.type === 'category' ? undefined : Float64Array.from([...keys, ...(missing ? [Number.NaN] : [])]);
  return { texts, values, codes, missingCode: missing ? keys.length : undefined };
}

const postcode = /^[A-Z]{0,3}[- ]?\d[\dA-Z]{1,5}(?:[- ]?\d[\dA-Z]{0,4})?$/i;

export function builtHierarchy(column: Column, spec: HierarchySpec): Hierarchy {
  const { name } = column;
  const { texts, values } = distinctCells(column);
  const known = texts.filter((text) => text !== '');
  switch (spec.kind) {
    case 'numbers': {
      if (values === undefined) throw new ParameterError(`column ${name} holds texts, not numbers`);
      const { kind: _, ...levels } = spec;
      return numberHierarchy(
        name,
        known.map((text, at) => ({ text, value: values[at] })),
        levels,
      );
    }
    case 'dates':
      if (column.type !== 'date') throw new ParameterError(`column ${name} holds no dates`);
      return dateHierarchy(
        name,
        known.map((text, at) => ({ text, milliseconds: values![at] })),
      );
    case 'masking':
      return maskingHierarchy(name, known, spec.from);
    case 'categories':
      return categoryHierarchy(name, known, spec.groups);
    case 'automatic':
      return builtHierarchy(column, resolvedSpec(column, spec));
    default:
      return spec satisfies never;
  }
}

/**
 * What `automatic` comes to for this very column, and the width of intervals where none is stated: written down, the same policy
 * makes the same intervals out of next month's numbers.
 */
export function resolvedSpec(
  column: Column,
  spec: HierarchySpec,
): Exclude<HierarchySpec, { readonly kind: 'automatic' }> {
  if (spec.kind === 'numbers' && column.type !== 'category') {
    return { ...spec, width: spec.width ?? usualWidth(column.values) };
  }
  if (spec.kind !== 'automatic') return spec;
  if (column.type === 'date') return { kind: 'dates' };
  if (column.type !== 'category') return { kind: 'numbers', width: usualWidth(column.values) };
  const texts = distinctCells(column).texts.filter((text) => text !== '');
  return { kind: texts.length > 20 && texts.every((text) => postcode.test(text)) ? 'masking' : 'categories' };
}

/** The column with its place in the hierarchy. */
export function boundColumn(column: Column, hierarchy: Hierarchy): QuasiColumn {
  const { name } = column;
  const { texts, codes, missingCode } = distinctCells(column);
  const complete = missingCode === undefined ? hierarchy : withMissing(hierarchy);
  const baseOf = new Map(complete.labels[0].map((text, base) => [text, base]));
  const bases = Uint32Array.from(texts, (text, code) => {
    const base = baseOf.get(text);
    if (base === undefined) {
      throw new ParameterError(
        `column ${name}: the hierarchy has no "${text}", which stands first in row ${codes.indexOf(code) + 1}`,
      );
    }
    return base;
  });
  return { name, hierarchy: complete, codes: codes.map((code) => bases[code]) };
}

/** The same hierarchy with the empty text as one more value, which stays itself up to the top. */
export function withMissing(hierarchy: Hierarchy): Hierarchy {
  if (hierarchy.labels[0].includes('')) return hierarchy;
  const rows: string[][] = [];
  for (let base = 0; base < hierarchy.labels[0].length; base += 1) {
    rows.push(hierarchy.codes.map((codes, level) => hierarchy.labels[level][codes[base]]));
  }
  const top = hierarchy.labels[hierarchy.height];
  const row = new Array<string>(hierarchy.height + 1).fill('');
  if (hierarchy.height > 0) row[hierarchy.height] = top.length === 1 ? top[0] : anything;
  return hierarchyOfRows(hierarchy.name, hierarchy.origin, [...rows, row]);
}
