// Microaggregation by MDAV (Domingo-Ferrer and Mateo-Sanz 2002; Domingo-Ferrer and Torra 2005): rows that lie close together
// are joined into groups of k to 2k − 1 and each number becomes its group's mean. Means, and sums up to rounding, stay right;
// the quasi-identifiers are numbers still. Every combination of them is shared by k rows, so the release is k-anonymous.
import { ParameterError } from '../errors.ts';

export interface NumbersToAggregate {
  readonly name: string;
  /** No NaN. */
  readonly values: Float64Array;
}

export interface Microaggregation {
  readonly groupOfRow: Uint32Array;
  readonly groupSizes: Uint32Array;
  /** Per column the mean of each group. */
  readonly means: readonly Float64Array[];
  /** Squared distance within groups over that in the whole table, columns standardised: 0 lost nothing, 1 everything. */
  readonly lostVariance: number;
}

/** Time grows with the square of the rows: 30,000 rows and k = 5 take about a second. */
export function microaggregate(columns: readonly NumbersToAggregate[], k: number): Microaggregation {
  const rowCount = columns[0]?.values.length ?? 0;
  if (!(Number.isInteger(k) && k >= 1)) throw new ParameterError(`k is a whole number from 1, not ${k}`);
  if (rowCount < k) throw new ParameterError(`${rowCount} rows make no group of ${k}`);
  const points = standardised(columns, rowCount);
  const left = Uint32Array.from({ length: rowCount }, (_, row) => row);
  let count = rowCount;
  const groupOfRow = new Uint32Array(rowCount);
  let groups = 0;
  const distances = new Float64Array(rowCount);
  /** Takes the k rows nearest to a row out of those left and makes them a group. */
  const group = (around: number): void => {
    for (let at = 0; at < count; at += 1) distances[at] = distance(points, left[at], points, around);
    const nearest = smallest(distances, count, k);
    for (const at of nearest) groupOfRow[left[at]] = groups;
    groups += 1;
    // From the back, so that the places still to go stay right.
    for (const at of nearest.sort((a, b) => b - a)) left[at] = left[--count];
  };
  while (count >= 3 * k) {
    const far = farthest(points, left, count, centre(points, left, count));
    const farthestFromFar = farthest(points, left, count, pointOf(points, far));
    group(far);
    group(
      stillLeft(left, count, farthestFromFar) ? farthestFromFar : farthest(points, left, count, pointOf(points, far)),
    );
  }
  if (count >= 2 * k) group(farthest(points, left, count, centre(points, left, count)));
  for (let at = 0; at < count; at += 1) groupOfRow[left[at]] = groups;
  if (count > 0) groups += 1;
  return resultOf(columns, points, groupOfRow, groups);
}

interface Points {
  readonly width: number;
  /** Row by row. */
  readonly coordinates: Float64Array;
}

function standardised(columns: readonly NumbersToAggregate[], rowCount: number): Points {
  const width = columns.length;
  const coordinates = new Float64Array(rowCount * width);
  for (const [d, { name, values }] of columns.entries()) {
    let [sum, squares] = [0, 0];
    for (const value of values) {
      if (Number.isNaN(value)) throw new ParameterError(`column ${name} has missing cells: they have no mean`);
      sum += value;
    }
    const mean = sum / rowCount;
    for (const value of values) squares += (value - mean) ** 2;
    const deviation = Math.sqrt(squares / rowCount) || 1;
    for (let row = 0; row < rowCount; row += 1) coordinates[row * width + d] = (values[row] - mean) / deviation;
  }
  return { width, coordinates };
}

function distance(a: Points, row: number, b: Points, other: number): number {
  let sum = 0;
  for (let d = 0; d < a.width; d += 1) {
    sum += (a.coordinates[row * a.width + d] - b.coordinates[other * a.width + d]) ** 2;
  }
  return sum;
}

function centre(points: Points, left: Uint32Array, count: number): Points {
  const coordinates = new Float64Array(points.width);
  for (let at = 0; at < count; at += 1) {
    for (let d = 0; d < points.width; d += 1) coordinates[d] += points.coordinates[left[at] * points.width + d];
  }
  return { width: points.width, coordinates: coordinates.map((sum) => sum / count) };
}

const pointOf = (points: Points, row: number): Points => ({
  width: points.width,
  coordinates: points.coordinates.subarray(row * points.width, (row + 1) * points.width),
});

function farthest(points: Points, left: Uint32Array, count: number, from: Points): number {
  let [best, row] = [-1, 0];
  for (let at = 0; at < count; at += 1) {
    const own = distance(points, left[at], from, 0);
    if (own > best) [best, row] = [own, left[at]];
  }
  return row;
}

function stillLeft(left: Uint32Array, count: number, row: number): boolean {
  const at = left.indexOf(row);
  return at >= 0 && at < count;
}

/** The places of the k smallest, by a heap of the k best so far. */
function smallest(distances: Float64Array, count: number, k: number): number[] {
  const heap: number[] = [];
  const sink = (from: number): void => {
    let at = from;
    for (;;) {
      let largest = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && distances[heap[child]] > distances[heap[largest]]) largest = child;
      }
      if (largest === at) return;
      [heap[at], heap[largest]] = [heap[largest], heap[at]];
      at = largest;
    }
  };
  for (let place = 0; place < count; place += 1) {
    if (heap.length < k) {
      heap.push(place);
      if (heap.length === k) for (let at = (k >> 1) - 1; at >= 0; at -= 1) sink(at);
    } else if (distances[place] < distances[heap[0]]) {
      heap[0] = place;
      sink(0);
    }
  }
  return heap;
}

function resultOf(
  columns: readonly NumbersToAggregate[],
  points: Points,
  groupOfRow: Uint32Array,
  groups: number,
): Microaggregation {
  const groupSizes = new Uint32Array(groups);
  for (const group of groupOfRow) groupSizes[group] += 1;
  const meansOf = (valueAt: (row: number) => number): Float64Array => {
    const sums = new Float64Array(groups);
    for (let row = 0; row < groupOfRow.length; row += 1) sums[groupOfRow[row]] += valueAt(row);
    return sums.map((sum, group) => sum / groupSizes[group]);
  };
  let [within, whole] = [0, 0];
  for (let d = 0; d < points.width; d += 1) {
    const at = (row: number): number => points.coordinates[row * points.width + d];
    const means = meansOf(at);
    for (let row = 0; row < groupOfRow.length; row += 1) {
      within += (at(row) - means[groupOfRow[row]]) ** 2;
      whole += at(row) ** 2;
    }
  }
  return {
    groupOfRow,
    groupSizes,
    means: columns.map(({ values }) => meansOf((row) => values[row])),
    lostVariance: whole === 0 ? 0 : within / whole,
  };
}
