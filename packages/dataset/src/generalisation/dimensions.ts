// What a search needs to know of the quasi-identifiers: for every column and level, how codes move up and what part of the
// domain they stand for, restricted to the values that occur. And how the values of all columns make one key.
import { ParameterError } from '../errors.ts';
import type { Hierarchy } from '../hierarchies/hierarchy.ts';

/** A quasi-identifying column: one base value of its hierarchy a row. */
export interface QuasiColumn {
  readonly name: string;
  readonly hierarchy: Hierarchy;
  /** Codes of level 0 of the hierarchy, one a row. */
  readonly codes: Uint32Array;
}

/** One column of the search. Codes are renumbered so that only values that occur have one. */
export interface Dimension {
  readonly name: string;
  readonly height: number;
  /** How many values of a level occur. */
  readonly sizes: readonly number[];
  /** steps[level][code of level − 1]: its code of `level`; steps[0] is empty. */
  readonly steps: readonly Uint32Array[];
  /** shares[level][code]: part of the hierarchy's values, in (0, 1]. */
  readonly shares: readonly Float64Array[];
  /** counts[level][code]: rows that have it. */
  readonly counts: readonly Float64Array[];
  /** hierarchyCodes[level][code]: the hierarchy's own code, for labels. */
  readonly hierarchyCodes: readonly Uint32Array[];
  /** Values on level 0 of the hierarchy, whether they occur or not. */
  readonly domainSize: number;
}

export interface Quasi {
  readonly rowCount: number;
  readonly dimensions: readonly Dimension[];
  /** codes[dimension][row], of level 0. */
  readonly codes: readonly Uint32Array[];
  /** The same of the population that the rows were drawn from, where one is given; it holds the rows themselves too. */
  readonly population?: readonly Uint32Array[];
}

/** `population`: base codes of every column, one a person of the population; its values occur, but are not counted. */
export function quasiOf(columns: readonly QuasiColumn[], population?: readonly Uint32Array[]): Quasi {
  const rowCount = columns[0]?.codes.length ?? 0;
  if (columns.length === 0) throw new ParameterError('no column is quasi-identifying: there is nothing to generalise');
  const dimensions: Dimension[] = [];
  const codes: Uint32Array[] = [];
  const people: Uint32Array[] = [];
  for (const [at, column] of columns.entries()) {
    if (column.codes.length !== rowCount) {
      throw new ParameterError(`column ${column.name} has ${column.codes.length} rows, the first column ${rowCount}`);
    }
    const { dimension, moved } = dimensionOf(column, population?.[at]);
    dimensions.push(dimension);
    codes.push(column.codes.map((code) => moved[code]));
    if (population !== undefined) people.push(population[at].map((code) => moved[code]));
  }
  return population === undefined
    ? { rowCount, dimensions, codes }
    : { rowCount, dimensions, codes, population: people };
}

function dimensionOf(
  { name, hierarchy, codes }: QuasiColumn,
  people: Uint32Array | undefined,
): { readonly dimension: Dimension; readonly moved: Uint32Array } {
  const domainSize = hierarchy.labels[0].length;
  const occurs = new Uint8Array(domainSize);
  for (const source of people === undefined ? [codes] : [codes, people]) {
    for (const code of source) {
      if (code >= domainSize) throw new ParameterError(`column ${name}: code ${code} of ${domainSize}`);
      occurs[code] = 1;
    }
  }
  const baseOf: number[] = [];
  const moved = new Uint32Array(domainSize);
  for (let code = 0; code < domainSize; code += 1) {
    moved[code] = baseOf.length;
    if (occurs[code] === 1) baseOf.push(code);
  }
  const sizes = [baseOf.length];
  const steps: Uint32Array[] = [new Uint32Array(0)];
  const hierarchyCodes = [Uint32Array.from(baseOf)];
  const counts = [new Float64Array(baseOf.length)];
  for (const code of codes) counts[0][moved[code]] += 1;
  // For each value of level 0 its code on the level reached so far.
  const current = Uint32Array.from(baseOf, (_, code) => code);
  for (let level = 1; level <= hierarchy.height; level += 1) {
    const step = new Uint32Array(sizes[level - 1]);
    const numbered = new Map<number, number>();
    for (const [value, base] of baseOf.entries()) {
      const own = hierarchy.codes[level][base];
      const known = numbered.get(own) ?? numbered.size;
      numbered.set(own, known);
      step[current[value]] = known;
      current[value] = known;
    }
    const count = new Float64Array(numbered.size);
    for (const [code, rows] of counts[level - 1].entries()) count[step[code]] += rows;
    sizes.push(numbered.size);
    steps.push(step);
    counts.push(count);
    hierarchyCodes.push(Uint32Array.from(numbered.keys()));
  }
  const shares = hierarchyCodes.map((own, level) => Float64Array.from(own, (code) => hierarchy.shares[level][code]));
  const dimension = {
    name,
    height: hierarchy.height,
    sizes,
    steps,
    shares,
    counts,
    hierarchyCodes,
    domainSize,
  };
  return { dimension, moved };
}

/** codes of `from` → codes of `to`, where from ≤ to. */
export function climb(dimension: Dimension, from: number, to: number): Uint32Array {
  let map = Uint32Array.from({ length: dimension.sizes[from] }, (_, code) => code);
  for (let level = from + 1; level <= to; level += 1) map = map.map((code) => dimension.steps[level][code]);
  return map;
}

/** Where the code of each column sits in the key of a class: a mixed-radix number, cut into words below 2^32. */
export interface KeyLayout {
  readonly wordCount: number;
  /** Per dimension. */
  readonly word: Uint32Array;
  readonly stride: Float64Array;
  readonly radix: Float64Array;
}

export function keyLayoutOf(dimensions: readonly Dimension[]): KeyLayout {
  const word = new Uint32Array(dimensions.length);
  const stride = new Float64Array(dimensions.length);
  const radix = new Float64Array(dimensions.length);
  let [current, next] = [0, 1];
  for (const [at, dimension] of dimensions.entries()) {
    const size = Math.max(1, dimension.sizes[0]);
    if (next * size > 2 ** 32) {
      current += 1;
      next = 1;
    }
    word[at] = current;
    stride[at] = next;
    radix[at] = size;
    next *= size;
  }
  return { wordCount: current + 1, word, stride, radix };
}

/** The code of a dimension in a key. */
export function codeInKey(layout: KeyLayout, words: readonly Uint32Array[], at: number, dimension: number): number {
  return ((words[layout.word[dimension]][at] / layout.stride[dimension]) >>> 0) % layout.radix[dimension];
}
