// Equivalence classes: the rows that agree in every quasi-identifier. Built once from the rows; after that every node of the
// lattice gets its classes from those of a node below by joining, never from the rows again (roll-up, Incognito §3.2).
import type { KeyLayout, Quasi } from './dimensions.ts';
import { keyLayoutOf } from './dimensions.ts';

/** How often each value of one sensitive column occurs in each class; values that do not occur are not listed. */
export interface Histograms {
  /** Those of class c are at [start[c], start[c + 1]). */
  readonly start: Uint32Array;
  readonly values: Uint32Array;
  readonly counts: Uint32Array;
}

export interface ClassTable {
  readonly classCount: number;
  /** The keys, see KeyLayout. */
  readonly words: readonly Uint32Array[];
  /** Rows in each class. With a population a class may have none. */
  readonly sizes: Uint32Array;
  /** Members of the population in each class. */
  readonly population: Uint32Array | undefined;
  /** One a sensitive column. */
  readonly histograms: readonly Histograms[];
}

export interface SensitiveColumn {
  readonly name: string;
  /** In [0, valueCount). */
  readonly codes: Uint32Array;
  readonly valueCount: number;
}

export interface Grouped {
  readonly layout: KeyLayout;
  readonly classes: ClassTable;
  /** The class of every row. */
  readonly classOfRow: Uint32Array;
}

/** The classes of the rows as they are: level 0 everywhere. */
export function groupRows(quasi: Quasi, sensitive: readonly SensitiveColumn[]): Grouped {
  const layout = keyLayoutOf(quasi.dimensions);
  const people = quasi.population?.[0]?.length ?? 0;
  const keyCount = quasi.rowCount + people;
  const words = Array.from({ length: layout.wordCount }, () => new Uint32Array(keyCount));
  for (let at = 0; at < quasi.dimensions.length; at += 1) {
    const word = words[layout.word[at]];
    const stride = layout.stride[at];
    const codes = quasi.codes[at];
    for (let row = 0; row < quasi.rowCount; row += 1) word[row] += codes[row] * stride;
    const others = quasi.population?.[at];
    for (let person = 0; person < people; person += 1) word[quasi.rowCount + person] += others![person] * stride;
  }
  const joined = joinEqual(words, keyCount);
  const sizes = new Uint32Array(joined.classCount);
  for (let row = 0; row < quasi.rowCount; row += 1) sizes[joined.classOf[row]] += 1;
  let population: Uint32Array | undefined;
  if (quasi.population !== undefined) {
    population = new Uint32Array(joined.classCount);
    for (let at = quasi.rowCount; at < keyCount; at += 1) population[joined.classOf[at]] += 1;
  }
  const classOfRow = joined.classOf.slice(0, quasi.rowCount);
  const histograms = sensitive.map((column) => histogramsOfRows(classOfRow, joined.classCount, column));
  return {
    layout,
    classes: { classCount: joined.classCount, words: joined.words, sizes, population, histograms },
    classOfRow,
  };
}

/** The change of one dimension: `map` from its codes now to its codes then. */
export interface Climb {
  readonly dimension: number;
  readonly map: Uint32Array;
}

/** The classes after some dimensions were generalised, and where each class went. */
export function rollUp(
  table: ClassTable,
  layout: KeyLayout,
  climbs: readonly Climb[],
  valueCounts: readonly number[],
): { readonly classes: ClassTable; readonly classOf: Uint32Array } {
  const words = table.words.map((word) => word.slice());
  for (const { dimension, map } of climbs) {
    const word = words[layout.word[dimension]];
    const stride = layout.stride[dimension];
    const radix = layout.radix[dimension];
    for (let at = 0; at < table.classCount; at += 1) {
      const code = ((word[at] / stride) >>> 0) % radix;
      word[at] += (map[code] - code) * stride;
    }
  }
  const joined = joinEqual(words, table.classCount);
  const sizes = new Uint32Array(joined.classCount);
  for (let at = 0; at < table.classCount; at += 1) sizes[joined.classOf[at]] += table.sizes[at];
  let population: Uint32Array | undefined;
  if (table.population !== undefined) {
    population = new Uint32Array(joined.classCount);
    for (let at = 0; at < table.classCount; at += 1) population[joined.classOf[at]] += table.population[at];
  }
  const histograms = table.histograms.map((one, at) =>
    joinHistograms(one, joined.classOf, joined.classCount, valueCounts[at]),
  );
  return {
    classes: { classCount: joined.classCount, words: joined.words, sizes, population, histograms },
    classOf: joined.classOf,
  };
}

interface Joined {
  readonly classCount: number;
  readonly words: readonly Uint32Array[];
  readonly classOf: Uint32Array;
}

// One table of places, kept between calls and cleared by a number of its own for each call: clearing by filling would cost
// as much as the joining.
let places = new Uint32Array(0);
let stamps = new Uint32Array(0);
let stamp = 0;

/** Equal keys become one class, in order of first appearance. Open addressing, at most half full. */
function joinEqual(words: readonly Uint32Array[], count: number): Joined {
  let capacity = 16;
  while (capacity < 2 * count) capacity *= 2;
  if (places.length < capacity) {
    places = new Uint32Array(capacity);
    stamps = new Uint32Array(capacity);
    stamp = 0;
  }
  stamp += 1;
  if (stamp === 0xffffffff) {
    stamps.fill(0);
    stamp = 1;
  }
  const classOf = new Uint32Array(count);
  const first = new Uint32Array(count);
  let classCount = 0;
  const mask = capacity - 1;
  const [head] = words;
  const tail = words.slice(1);
  for (let at = 0; at < count; at += 1) {
    let hash = Math.imul(head[at], 0x9e3779b1);
    for (const word of tail) hash = Math.imul(hash ^ (hash >>> 15) ^ word[at], 0x85ebca6b);
    let place = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      if (stamps[place] !== stamp) {
        stamps[place] = stamp;
        places[place] = classCount;
        first[classCount] = at;
        classOf[at] = classCount;
        classCount += 1;
        break;
      }
      const other = first[places[place]];
      let equal = head[other] === head[at];
      for (let word = 0; equal && word < tail.length; word += 1) equal = tail[word][other] === tail[word][at];
      if (equal) {
        classOf[at] = places[place];
        break;
      }
      place = (place + 1) & mask;
    }
  }
  const kept = words.map((word) => {
    const own = new Uint32Array(classCount);
    for (let at = 0; at < classCount; at += 1) own[at] = word[first[at]];
    return own;
  });
  return { classCount, words: kept, classOf };
}

function histogramsOfRows(classOfRow: Uint32Array, classCount: number, column: SensitiveColumn): Histograms {
  // Each row is a histogram of one value.
  const rows = classOfRow.length;
  const single: Histograms = {
    start: Uint32Array.from({ length: rows + 1 }, (_, row) => row),
    values: column.codes,
    counts: new Uint32Array(rows).fill(1),
  };
  return joinHistograms(single, classOfRow, classCount, column.valueCount);
}

function joinHistograms(
  { start, values, counts }: Histograms,
  classOf: Uint32Array,
  classCount: number,
  valueCount: number,
): Histograms {
  const oldCount = classOf.length;
  // Members of each new class as linked lists; classes were numbered by first appearance.
  const head = new Int32Array(classCount).fill(-1);
  const next = new Int32Array(oldCount);
  for (let old = oldCount - 1; old >= 0; old -= 1) {
    next[old] = head[classOf[old]];
    head[classOf[old]] = old;
  }
  const total = new Uint32Array(valueCount);
  const touched = new Uint32Array(valueCount);
  const newStart = new Uint32Array(classCount + 1);
  const newValues = new Uint32Array(values.length);
  const newCounts = new Uint32Array(values.length);
  let end = 0;
  for (let at = 0; at < classCount; at += 1) {
    let seen = 0;
    for (let old = head[at]; old >= 0; old = next[old]) {
      for (let entry = start[old]; entry < start[old + 1]; entry += 1) {
        const value = values[entry];
        if (total[value] === 0) touched[seen++] = value;
        total[value] += counts[entry];
      }
    }
    for (let one = 0; one < seen; one += 1) {
      const value = touched[one];
      newValues[end] = value;
      newCounts[end] = total[value];
      total[value] = 0;
      end += 1;
    }
    newStart[at + 1] = end;
  }
  return { start: newStart, values: newValues.slice(0, end), counts: newCounts.slice(0, end) };
}
