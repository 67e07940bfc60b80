// A generalisation hierarchy: for every value of a column, what it becomes on each level, from itself (level 0) to the most
// general. Levels must nest: two values that are one on a level stay one on every level above. Only then does a class grow by
// union when a column is generalised, which is what every search here relies on; a hierarchy that does not nest is refused.
import { ParameterError } from '../errors.ts';

export type HierarchyOrigin = 'file' | 'numbers' | 'dates' | 'masking' | 'categories';

export interface Hierarchy {
  readonly name: string;
  readonly origin: HierarchyOrigin;
  /** The number of the highest level; there are height + 1 of them. */
  readonly height: number;
  /** labels[level][code]: the text of a value of that level. */
  readonly labels: readonly (readonly string[])[];
  /** codes[level][base]: what the value `base` of level 0 becomes. codes[0] is the identity. */
  readonly codes: readonly Uint32Array[];
  /** shares[level][code]: the part of level 0's values that this value stands for, in (0, 1]. */
  readonly shares: readonly Float64Array[];
}

/** Out of rows that each list one value's texts from level 0 up. `where` names a row in messages, as a person counts. */
export function hierarchyOfRows(
  name: string,
  origin: HierarchyOrigin,
  rows: readonly (readonly string[])[],
  where: (row: number) => string = (row) => `row ${row + 1}`,
): Hierarchy {
  const width = rows[0]?.length ?? 0;
  if (width === 0) throw new ParameterError(`the hierarchy of ${name} is empty`);
  const labels: string[][] = [];
  const codes: Uint32Array[] = [];
  for (let level = 0; level < width; level += 1) {
    const codeOf = new Map<string, number>();
    const column = new Uint32Array(rows.length);
    for (const [row, texts] of rows.entries()) {
      if (texts.length !== width) {
        throw new ParameterError(
          `the hierarchy of ${name}: ${where(row)} has ${texts.length} levels, the first has ${width}`,
        );
      }
      const text = texts[level];
      const known = codeOf.get(text);
      if (known !== undefined && level === 0) {
        throw new ParameterError(`the hierarchy of ${name}: ${where(row)} repeats a value of ${where(known)}`);
      }
      column[row] = known ?? codeOf.size;
      if (known === undefined) codeOf.set(text, codeOf.size);
    }
    labels.push([...codeOf.keys()]);
    codes.push(column);
    if (level > 0) requireNested(name, codes[level - 1], column, level, where);
  }
  return hierarchyOf(name, origin, labels, codes);
}

/** Out of labels and codes that are known to nest. */
export function hierarchyOf(
  name: string,
  origin: HierarchyOrigin,
  labels: readonly (readonly string[])[],
  codes: readonly Uint32Array[],
): Hierarchy {
  const shares = codes.map((column, level) => {
    const share = new Float64Array(labels[level].length);
    for (const code of column) share[code] += 1;
    // Counts first, one division last: equal counts give equal shares.
    for (let code = 0; code < share.length; code += 1) share[code] /= column.length;
    return share;
  });
  return Object.freeze({ name, origin, height: labels.length - 1, labels, codes, shares });
}

function requireNested(
  name: string,
  below: Uint32Array,
  above: Uint32Array,
  level: number,
  where: (row: number) => string,
): void {
  const first = new Map<number, number>();
  for (let row = 0; row < below.length; row += 1) {
    const earlier = first.get(below[row]);
    if (earlier === undefined) first.set(below[row], row);
    else if (above[earlier] !== above[row]) {
      throw new ParameterError(
        `the hierarchy of ${name} does not nest: ${where(earlier)} and ${where(row)} are one value on level ${level - 1} and two on level ${level}`,
      );
    }
  }
}

/** A hierarchy of level 0 alone: the column is kept as it is. */
export function isFlat(hierarchy: Hierarchy): boolean {
  return hierarchy.height === 0;
}
