// Count sketch: a long vector as a few rows of sums (Charikar and others 2002; FetchSGD, Rothchild and others 2020). Each row puts every
// coordinate into one of its columns, with a sign, both public and from the beacon; sketches add up, so the sum of sketches is the sketch of
// the sum, and no index depends on anybody's data. The largest coordinates are read back as medians over the rows.
// It keeps less of a gradient than a guided support (specification §4.1: 0.24–0.78 against 0.92–0.95); it needs no history.

import type { Context } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import { largestIndices } from './largest.ts';
import { publicWords, type StreamPrimitives } from './public-words.ts';
import { requireVector } from './support.ts';

export interface SketchShape {
  readonly vectorLength: number;
  /** Odd, so that there is a median; at most 15. */
  readonly rows: number;
  readonly columns: number;
}

/** Public: where each coordinate goes. */
export interface SketchPlan extends SketchShape {
  /** For each row, each coordinate's column · 2 + (1 for a minus). */
  readonly places: readonly Uint32Array[];
}

export function drawSketch(primitives: StreamPrimitives, context: Context, shape: SketchShape): SketchPlan {
  const { vectorLength, rows, columns } = shape;
  const fits =
    Number.isInteger(rows) &&
    rows % 2 === 1 &&
    rows >= 1 &&
    rows <= 15 &&
    Number.isInteger(columns) &&
    columns >= 1 &&
    columns <= 2 ** 24 &&
    Number.isInteger(vectorLength) &&
    vectorLength >= 1 &&
    vectorLength <= 2 ** 25;
  if (!fits) throw new ParameterError(`a sketch of ${rows} rows and ${columns} columns for ${vectorLength} values`);
  const places = Array.from({ length: rows }, (_, row) => {
    const words = publicWords(primitives, context, 'support/sketch', [`row-${row}`]);
    // The upper 31 bits choose the column: a column's share is off by less than columns / 2^31 of itself. The lowest bit is the sign.
    return Uint32Array.from({ length: vectorLength }, () => {
      const word = words();
      return Math.floor(((word >>> 1) * columns) / 2 ** 31) * 2 + (word & 1);
    });
  });
  return Object.freeze({ vectorLength, rows, columns, places });
}

/** rows · columns values, row after row. Each row's norm is that of the vector on average, not always: the encoding clips the sketch. */
export function sketchOf(
  { vectorLength, rows, columns, places }: SketchPlan,
  values: Float32Array,
): Float32Array<ArrayBuffer> {
  requireVector(values, vectorLength);
  const sums = new Float64Array(rows * columns);
  places.forEach((placesOfRow, row) => {
    for (let i = 0; i < values.length; i++) {
      const place = placesOfRow[i];
      sums[row * columns + (place >>> 1)] += place & 1 ? -values[i] : values[i];
    }
  });
  return Float32Array.from(sums);
}

/** The `count` coordinates that look largest with their estimates, zeros elsewhere. */
export function unsketched(
  { vectorLength, rows, columns, places }: SketchPlan,
  sketch: Float32Array,
  count: number,
): Float32Array<ArrayBuffer> {
  requireVector(sketch, rows * columns);
  const estimates = new Float32Array(vectorLength);
  const ofRows = new Float32Array(rows);
  for (let i = 0; i < vectorLength; i++) {
    for (let row = 0; row < rows; row++) {
      const place = places[row][i];
      const sum = sketch[row * columns + (place >>> 1)];
      ofRows[row] = place & 1 ? -sum : sum;
    }
    estimates[i] = ofRows.sort()[rows >> 1];
  }
  const kept = new Float32Array(vectorLength);
  for (const index of largestIndices(estimates, count)) kept[index] = estimates[index];
  return kept;
}
