// What became of the quasi-identifiers of a table, whichever algorithm did it: a label for every cell, which rows are
// suppressed, and the classes of the rest. Measures of loss and of risk, the report and the output all start from this.
import type { ClassTable } from '../generalisation/classes.ts';
import { groupRows, rollUp } from '../generalisation/classes.ts';
import { climb, type Quasi, type QuasiColumn } from '../generalisation/dimensions.ts';
import type { Optimum } from '../generalisation/search.ts';

/** One quasi-identifying column after generalisation. */
export interface RecodedColumn {
  readonly name: string;
  /** A label a row, for suppressed rows the one they would have had. */
  readonly codes: Uint32Array;
  readonly labels: readonly string[];
  /** Per label: the part of the domain it stands for, in (0, 1]. */
  readonly shares: Float64Array;
  /** Per label: how far up it is, 0 for an original value, 1 for nothing left. */
  readonly heights: Float64Array;
  /** The original value of every row, as a code below `originalCount`. */
  readonly originals: Uint32Array;
  readonly originalCount: number;
  /** Values of the domain, whether they occur or not. */
  readonly domainSize: number;
}

export interface Release {
  readonly rowCount: number;
  readonly columns: readonly RecodedColumn[];
  /** 1: the row is not released. */
  readonly suppressed: Uint8Array;
  readonly suppressedRows: number;
  /** The class of every row; that of a suppressed row is meaningless. */
  readonly classOfRow: Uint32Array;
  /** Rows of every class, 0 for one that is suppressed. */
  readonly classSizes: Uint32Array;
  /** Members of the population in every class, where there is a population. */
  readonly populationSizes: Uint32Array | undefined;
}

/** The release that a node of the lattice stands for. */
export function releaseOfOptimum(columns: readonly QuasiColumn[], quasi: Quasi, optimum: Optimum): Release {
  const grouped = groupRows(quasi, []);
  const climbs = quasi.dimensions.map((dimension, d) => ({
    dimension: d,
    map: climb(dimension, 0, optimum.levels[d]),
  }));
  const { classes, classOf } = rollUp(grouped.classes, grouped.layout, climbs, []);
  // Classes are numbered by whoever joined them: find each one of ours by its key among the optimum's.
  const violating = violatingKeys(optimum.classes, optimum.violates);
  const violates = Uint8Array.from({ length: classes.classCount }, (_, at) =>
    violating.has(keyOf(classes, at)) ? 1 : 0,
  );
  const classOfRow = grouped.classOfRow.map((one) => classOf[one]);
  const recoded = quasi.dimensions.map((dimension, d): RecodedColumn => {
    const level = optimum.levels[d];
    const { map } = climbs[d];
    const { hierarchy } = columns[d];
    const labels = [...dimension.hierarchyCodes[level]].map((code) => hierarchy.labels[level][code]);
    return {
      name: dimension.name,
      codes: quasi.codes[d].map((code) => map[code]),
      labels,
      shares: dimension.shares[level],
      heights: new Float64Array(labels.length).fill(dimension.height === 0 ? 0 : level / dimension.height),
      originals: quasi.codes[d],
      originalCount: dimension.sizes[0],
      domainSize: dimension.domainSize,
    };
  });
  return {
    rowCount: quasi.rowCount,
    columns: recoded,
    suppressed: Uint8Array.from(classOfRow, (at) => violates[at]),
    suppressedRows: optimum.suppressedRows,
    classOfRow,
    classSizes: classes.sizes.map((size, at) => (violates[at] === 1 ? 0 : size)),
    populationSizes: classes.population,
  };
}

function violatingKeys(classes: ClassTable, violates: Uint8Array): ReadonlySet<string> {
  const keys = new Set<string>();
  for (let at = 0; at < classes.classCount; at += 1) if (violates[at] === 1) keys.add(keyOf(classes, at));
  return keys;
}

const keyOf = (classes: ClassTable, at: number): string => classes.words.map((word) => word[at]).join(' ');

/** Groups rows by their labels: the classes that an outsider sees, whatever algorithm made them. */
export function classesOfLabels(
  columns: readonly { readonly codes: Uint32Array }[],
  rowCount: number,
): { readonly classOfRow: Uint32Array; readonly classSizes: Uint32Array } {
  let classOfRow = new Uint32Array(rowCount);
  let count = 1;
  for (const { codes } of columns) {
    const numbered = new Map<number, number>();
    const span = codes.reduce((most, code) => Math.max(most, code), 0) + 1;
    const joined = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row += 1) {
      const key = classOfRow[row] * span + codes[row];
      let own = numbered.get(key);
      if (own === undefined) {
        own = numbered.size;
        numbered.set(key, own);
      }
      joined[row] = own;
    }
    classOfRow = joined;
    count = numbered.size;
  }
  const classSizes = new Uint32Array(count);
  for (const at of classOfRow) classSizes[at] += 1;
  return { classOfRow, classSizes };
}
