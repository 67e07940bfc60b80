// y = W·x + b with few entries a row: what every layer without an activation is, and what layers one after another are together.
//
// Rows are stored one after another (compressed sparse rows). A network's dense and convolutional layers, average pools and flattenings
// become one of these between two activations, so that a run of linear layers costs one level and not one each.

import { ParameterError } from '../errors.ts';

export interface AffineMap {
  readonly inputs: number;
  readonly outputs: number;
  /** Entries of row i stand at [rowStarts[i], rowStarts[i + 1]) of columns and weights; columns rise within a row. */
  readonly rowStarts: Uint32Array;
  readonly columns: Uint32Array;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
}

export interface AffineRow {
  /** Input → weight. */
  readonly terms: ReadonlyMap<number, number>;
  readonly bias: number;
}

/** Zeros are left out; refuses inputs that are not there and numbers that are not finite. */
export function affineMap(inputs: number, rows: readonly AffineRow[]): AffineMap {
  const rowStarts = new Uint32Array(rows.length + 1);
  const columns: number[] = [];
  const weights: number[] = [];
  rows.forEach(({ terms }, row) => {
    const present = [...terms].filter(([, weight]) => weight !== 0).sort(([a], [b]) => a - b);
    for (const [column, weight] of present) {
      if (!Number.isInteger(column) || column < 0 || column >= inputs) {
        throw new ParameterError(`row ${row} reads input ${column} of ${inputs}`);
      }
      if (!Number.isFinite(weight))
        throw new ParameterError(`the weight of input ${column} in row ${row} is ${weight}`);
      columns.push(column);
      weights.push(weight);
    }
    rowStarts[row + 1] = columns.length;
  });
  const bias = Float64Array.from(rows, (row) => row.bias);
  const bad = bias.findIndex((b) => !Number.isFinite(b));
  if (bad >= 0) throw new ParameterError(`the bias of row ${bad} is ${bias[bad]}`);
  return {
    inputs,
    outputs: rows.length,
    rowStarts,
    columns: Uint32Array.from(columns),
    weights: Float64Array.from(weights),
    bias,
  };
}

/** The map with zeros in every row that nobody reads. */
export function withRows(map: AffineMap, read: ReadonlySet<number>): AffineMap {
  const rows = Array.from({ length: map.outputs }, (_, row) => ({
    terms: new Map<number, number>(),
    bias: read.has(row) ? map.bias[row] : 0,
  }));
  eachEntry(map, (row, column, weight) => {
    if (read.has(row)) rows[row].terms.set(column, weight);
  });
  return affineMap(map.inputs, rows);
}

/** Calls visit(row, column, weight) for every entry, row by row. */
export function eachEntry(
  { outputs, rowStarts, columns, weights }: AffineMap,
  visit: (row: number, column: number, weight: number) => void,
): void {
  for (let row = 0; row < outputs; row++) {
    const end = rowStarts[row + 1];
    for (let at = rowStarts[row]; at < end; at++) visit(row, columns[at], weights[at]);
  }
}

export function entryCount({ columns }: AffineMap): number {
  return columns.length;
}

/** x ↦ after(before(x)). */
export function compose(after: AffineMap, before: AffineMap): AffineMap {
  if (after.inputs !== before.outputs) {
    throw new ParameterError(`a map of ${after.inputs} inputs cannot follow one of ${before.outputs} outputs`);
  }
  const rows = Array.from({ length: after.outputs }, (_, row) => ({
    terms: new Map<number, number>(),
    bias: after.bias[row],
  }));
  eachEntry(after, (row, middle, weight) => {
    const into = rows[row];
    const end = before.rowStarts[middle + 1];
    for (let at = before.rowStarts[middle]; at < end; at++) {
      const column = before.columns[at];
      into.terms.set(column, (into.terms.get(column) ?? 0) + weight * before.weights[at]);
    }
    into.bias += weight * before.bias[middle];
  });
  return affineMap(before.inputs, rows);
}

/** y_i ↦ rowFactors[i]·y_i, with the inputs x_j replaced by columnFactors[j]·x_j. */
export function scaled(
  map: AffineMap,
  factors: { readonly rows?: ArrayLike<number>; readonly columns?: ArrayLike<number> },
): AffineMap {
  const weights = map.weights.slice();
  let at = 0;
  eachEntry(map, (row, column, weight) => {
    weights[at++] = weight * (factors.rows?.[row] ?? 1) * (factors.columns?.[column] ?? 1);
  });
  return { ...map, weights, bias: map.bias.map((b, row) => b * (factors.rows?.[row] ?? 1)) };
}

/** In doubles, in the order of the rows' entries. */
export function applyAffine(map: AffineMap, x: ArrayLike<number>): Float64Array<ArrayBuffer> {
  if (x.length !== map.inputs) throw new ParameterError(`${x.length} numbers for a map of ${map.inputs} inputs`);
  const y = Float64Array.from(map.bias);
  eachEntry(map, (row, column, weight) => {
    y[row] += weight * x[column];
  });
  return y;
}

/**
 * The largest |y_i| over all x with |x_j| ≤ bounds[j]: Σ_j |w_ij|·bounds[j] + |b_i|, which is reached (interval arithmetic on one
 * linear map is exact).
 */
export function largestOutputs(map: AffineMap, bounds: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const largest = Float64Array.from(map.bias, Math.abs);
  eachEntry(map, (row, column, weight) => {
    largest[row] += Math.abs(weight) * bounds[column];
  });
  return largest;
}
