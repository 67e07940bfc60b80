// Mondrian (LeFevre, DeWitt, Ramakrishnan 2006): cuts the table in two along one column, and the halves again, as long as every
// part satisfies the models. Each class gets its own generalisation (local recoding), so far less is lost than when a
// whole column must take one level; the same original value may appear under different labels.
//
// strict: rows of one value stay together, so classes do not overlap. relaxed: where no strict cut is left, rows of the median
// value are dealt to both halves, so classes may overlap.
// A column that is ordered is cut at a value; a column with a hierarchy alone is cut into the children of its lowest common
// ancestor. Nothing is suppressed. The order of rows decides nothing in strict mode.
import { ParameterError } from '../errors.ts';
import type { ClassTable } from '../generalisation/classes.ts';
import type { Hierarchy } from '../hierarchies/hierarchy.ts';
import type { ClassTest, SensitiveValues } from '../models/class-tests.ts';
import { classesOfLabels, type RecodedColumn, type Release } from './release.ts';

export type MondrianColumn = OrderedColumn | TreeColumn;

/** Codes go up with the values. */
export interface OrderedColumn {
  readonly kind: 'ordered';
  readonly name: string;
  readonly codes: Uint32Array;
  readonly labels: readonly string[];
  /** The value of every code, where values are numbers: widths are then differences, else counts of values. */
  readonly values?: Float64Array;
}

export interface TreeColumn {
  readonly kind: 'tree';
  readonly name: string;
  /** Codes of level 0 of the hierarchy. */
  readonly codes: Uint32Array;
  readonly hierarchy: Hierarchy;
}

export interface MondrianOptions {
  readonly columns: readonly MondrianColumn[];
  readonly sensitive: readonly SensitiveValues[];
  readonly tests: readonly ClassTest[];
  readonly mode: 'strict' | 'relaxed';
}

export interface MondrianResult {
  readonly release: Release;
  /** Normalised certainty penalty (Xu et al. 2006): the mean width of a cell, 0 for a single value, 1 for the whole column. */
  readonly penalty: number;
}

/** The extent of one column in one part. */
interface Extent {
  /** Ordered: the least and the greatest code. Tree: the level and the code of the lowest common ancestor. */
  readonly a: number;
  readonly b: number;
  /** In [0, 1]. */
  readonly width: number;
}

/** Undefined: even the whole table as one class breaks the models. */
export function mondrian(options: MondrianOptions): MondrianResult | undefined {
  const { columns, tests } = options;
  const rowCount = columns[0]?.codes.length ?? 0;
  if (columns.length === 0) throw new ParameterError('no column is quasi-identifying: there is nothing to generalise');
  if (tests.some(({ model }) => model.kind === 'k-map' || model.kind === 'delta-presence')) {
    throw new ParameterError('Mondrian cuts the table alone and knows no population: use the full-domain search');
  }
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
  const satisfies = satisfiesTests(options);
  if (!satisfies(rows)) return undefined;
  const cutters = columns.map((column) => (column.kind === 'ordered' ? orderedCutter(column) : treeCutter(column)));
  const partOfRow = new Uint32Array(rowCount);
  const extents: Extent[][] = [];
  const open: Uint32Array[] = [rows];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const own = cutters.map((cutter) => cutter.extent(part));
    const halves =
      firstAllowedCut(own, (d) => cutters[d].cuts(part, own[d]), satisfies) ??
      (options.mode === 'strict' ? undefined : firstAllowedCut(own, (d) => cutters[d].deals(part, own[d]), satisfies));
    if (halves !== undefined) {
      open.push(...halves);
      continue;
    }
    for (const row of part) partOfRow[row] = extents.length;
    extents.push(own);
  }
  return resultOf(columns, rowCount, partOfRow, extents);
}

interface Cutter {
  extent(part: Uint32Array): Extent;
  /** Ways to cut so that rows of one value stay together; better balanced ones come first. */
  cuts(part: Uint32Array, extent: Extent): Iterable<readonly Uint32Array[]>;
  /** Ways to cut that deal the rows of one value to both sides. */
  deals(part: Uint32Array, extent: Extent): Iterable<readonly Uint32Array[]>;
}

function firstAllowedCut(
  extents: readonly Extent[],
  waysOf: (d: number) => Iterable<readonly Uint32Array[]>,
  satisfies: (rows: Uint32Array) => boolean,
): readonly Uint32Array[] | undefined {
  const widest = [...extents.keys()].filter((d) => extents[d].width > 0);
  widest.sort((x, y) => extents[y].width - extents[x].width);
  for (const d of widest) {
    for (const halves of waysOf(d)) if (halves.every(satisfies)) return halves;
  }
  return undefined;
}

function orderedCutter({ codes, labels, values }: OrderedColumn): Cutter {
  const value = (code: number): number => (values === undefined ? code : values[code]);
  const [least, greatest] = spanOf(codes, undefined);
  const whole = value(greatest) - value(least);
  const counts = new Uint32Array(labels.length);
  return {
    extent: (part) => {
      const [a, b] = spanOf(codes, part);
      return { a, b, width: whole > 0 ? (value(b) - value(a)) / whole : 0 };
    },
    *cuts(part, { a, b }) {
      counts.fill(0, a, b + 1);
      for (const row of part) counts[codes[row]] += 1;
      // The two cuts around the median; further out one half is smaller still.
      let [below, median] = [0, a];
      while (2 * (below + counts[median]) < part.length) below += counts[median++];
      const above = part.length - below - counts[median];
      const cutBelow = median > a ? median - 1 : undefined;
      const cutAt = above > 0 ? median : undefined;
      const first = below > above ? cutBelow : cutAt;
      for (const last of [first, first === cutAt ? cutBelow : cutAt]) {
        if (last !== undefined)
          yield [part.filter((row) => codes[row] <= last), part.filter((row) => codes[row] > last)];
      }
    },
    *deals(part, { a, b }) {
      counts.fill(0, a, b + 1);
      for (const row of part) counts[codes[row]] += 1;
      yield halvesOf(part, codes, counts, a);
    },
  };
}

/** The lower and the upper half; rows of the median value fill the lower one up. */
function halvesOf(part: Uint32Array, codes: Uint32Array, counts: Uint32Array, from: number): readonly Uint32Array[] {
  const half = part.length >>> 1;
  let [below, median] = [0, from];
  while (below + counts[median] <= half) below += counts[median++];
  let room = half - below;
  const [left, right] = [new Uint32Array(half), new Uint32Array(part.length - half)];
  let [l, r] = [0, 0];
  for (const row of part) {
    const goesLeft = codes[row] < median || (codes[row] === median && room > 0);
    if (goesLeft && codes[row] === median) room -= 1;
    if (goesLeft) left[l++] = row;
    else right[r++] = row;
  }
  return [left, right];
}

function spanOf(codes: Uint32Array, rows: Uint32Array | undefined): readonly [number, number] {
  let [least, greatest] = [0xffffffff, 0];
  for (const at of rows ?? codes.keys()) {
    if (codes[at] < least) least = codes[at];
    if (codes[at] > greatest) greatest = codes[at];
  }
  return [least, greatest];
}

function treeCutter({ name, codes, hierarchy }: TreeColumn): Cutter {
  const top = hierarchy.labels[hierarchy.height].length;
  if (top !== 1) throw new ParameterError(`column ${name}: the hierarchy ends in ${top} values, not in one`);
  const domain = hierarchy.labels[0].length;
  return {
    extent: (part) => {
      let level = 0;
      let ancestor = codes[part[0]];
      for (const row of part) {
        while (hierarchy.codes[level][codes[row]] !== ancestor) {
          level += 1;
          ancestor = hierarchy.codes[level][codes[part[0]]];
        }
      }
      const leaves = hierarchy.shares[level][ancestor] * domain;
      return { a: level, b: ancestor, width: leaves > 1 ? leaves / domain : 0 };
    },
    *cuts(part, { a: level }) {
      if (level === 0) return;
      const below = hierarchy.codes[level - 1];
      const groups = new Map<number, number[]>();
      for (const row of part) {
        const child = below[codes[row]];
        const group = groups.get(child);
        if (group === undefined) groups.set(child, [row]);
        else group.push(row);
      }
      yield [...groups.values()].map((group) => Uint32Array.from(group));
    },
    // Both sides would keep the label of the whole part: nothing is gained.
    deals: () => [],
  };
}

/** Whether a set of rows, taken as one class, satisfies every model. */
function satisfiesTests({ sensitive, tests }: MondrianOptions): (rows: Uint32Array) => boolean {
  // The smallest class that k asks for is checked first and needs no histogram.
  const least = tests.reduce((most, { model }) => (model.kind === 'k-anonymity' ? Math.max(most, model.k) : most), 1);
  const others = tests.filter(({ model }) => model.kind !== 'k-anonymity');
  const totals = sensitive.map(({ labels }) => new Uint32Array(labels.length));
  return (rows) => {
    if (rows.length < least) return false;
    if (others.length === 0) return true;
    const histograms = sensitive.map(({ codes }, at) => {
      const total = totals[at].fill(0);
      for (const row of rows) total[codes[row]] += 1;
      const values = Uint32Array.from(total.keys()).filter((value) => total[value] > 0);
      const counts = values.map((value) => total[value]);
      return { start: Uint32Array.of(0, values.length), values, counts };
    });
    const table: ClassTable = {
      classCount: 1,
      words: [],
      sizes: Uint32Array.of(rows.length),
      population: undefined,
      histograms,
    };
    return others.every((test) => test.holds(table, 0));
  };
}

function resultOf(
  columns: readonly MondrianColumn[],
  rowCount: number,
  partOfRow: Uint32Array,
  extents: readonly (readonly Extent[])[],
): MondrianResult {
  const widths = new Float64Array(extents.length);
  for (const [part, own] of extents.entries()) for (const { width } of own) widths[part] += width;
  let penalty = 0;
  for (const part of partOfRow) penalty += widths[part];
  const recoded = columns.map((column, d) =>
    recodedColumn(
      column,
      partOfRow,
      extents.map((own) => own[d]),
    ),
  );
  // Parts of relaxed Mondrian may carry the same labels: for whoever sees the release they are one class.
  const { classOfRow, classSizes } = classesOfLabels(recoded, rowCount);
  const release: Release = {
    rowCount,
    columns: recoded,
    suppressed: new Uint8Array(rowCount),
    suppressedRows: 0,
    classOfRow,
    classSizes,
    populationSizes: undefined,
  };
  return { release, penalty: rowCount === 0 ? 0 : penalty / rowCount / columns.length };
}

function recodedColumn(column: MondrianColumn, partOfRow: Uint32Array, extents: readonly Extent[]): RecodedColumn {
  const describe = column.kind === 'ordered' ? orderedLabels(column) : treeLabels(column);
  const known = new Map<string, number>();
  const labels: string[] = [];
  const shares: number[] = [];
  const heights: number[] = [];
  const codeOfPart = Uint32Array.from(extents, ({ a, b }) => {
    const key = `${a} ${b}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const { label, share, height } = describe(a, b);
    known.set(key, labels.length);
    labels.push(label);
    shares.push(share);
    heights.push(height);
    return labels.length - 1;
  });
  const originalCount = column.kind === 'ordered' ? column.labels.length : column.hierarchy.labels[0].length;
  return {
    name: column.name,
    codes: partOfRow.map((part) => codeOfPart[part]),
    labels,
    shares: Float64Array.from(shares),
    heights: Float64Array.from(heights),
    originals: column.codes,
    originalCount,
    domainSize: originalCount,
  };
}

type Describe = (a: number, b: number) => { readonly label: string; readonly share: number; readonly height: number };

function orderedLabels({ labels, values }: OrderedColumn): Describe {
  return (a, b) => {
    const share = (b - a + 1) / labels.length;
    const height = labels.length > 1 ? (b - a) / (labels.length - 1) : 0;
    if (a === b) return { label: labels[a], share, height };
    // "17 to 25" is read as a date or a difference by no spreadsheet.
    const label = values === undefined ? labels.slice(a, b + 1).join(' | ') : `${labels[a]} to ${labels[b]}`;
    return { label, share, height };
  };
}

function treeLabels({ hierarchy }: TreeColumn): Describe {
  return (level, code) => ({
    label: hierarchy.labels[level][code],
    share: hierarchy.shares[level][code],
    height: hierarchy.height === 0 ? 0 : level / hierarchy.height,
  });
}
