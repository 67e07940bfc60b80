// Sufficient statistics of a ridge: the sums XᵀX and XᵀY as one vector that is summed once. X are features of norm at most R, Y centred
// one-hot targets (e_y − 1/K). Of XᵀX goes the upper triangle, its off-diagonal entries times √2: then one record moves the vector by
// exactly R·√(R² + ‖y‖²) in the Euclidean norm, as much as it moves both whole matrices, and the noise of the rest is halved in variance.
//
//   [ g_00, √2·g_01 … √2·g_0(d−1), g_11, … , h_00 … h_(d−1)(K−1) ],  d(d+1)/2 + d·K numbers

import { ParameterError } from '../errors.ts';

export interface StatisticsShape {
  readonly featureCount: number;
  readonly classes: number;
}

export interface Statistics {
  /** XᵀX: featureCount × featureCount, symmetric. */
  readonly gram: Float64Array;
  /** XᵀY: featureCount × classes. */
  readonly cross: Float64Array;
}

export const statisticsLength = ({ featureCount: d, classes }: StatisticsShape): number =>
  (d * (d + 1)) / 2 + d * classes;

/** A participant's own sums. Refuses features longer than the radius: the noise would not cover them. */
export function statisticsOf(
  features: Float32Array,
  labels: Uint32Array,
  { featureCount: d, classes, radius }: StatisticsShape & { readonly radius: number },
): Float32Array<ArrayBuffer> {
  if (features.length !== labels.length * d) {
    throw new ParameterError(`${labels.length} labels have ${features.length} features, not ${d} each`);
  }
  const sums = new Float64Array(statisticsLength({ featureCount: d, classes }));
  const crossAt = (d * (d + 1)) / 2;
  labels.forEach((label, row) => {
    if (label >= classes) throw new ParameterError(`a label is not below ${classes}`);
    const x = features.subarray(row * d, (row + 1) * d);
    let squares = 0;
    for (const value of x) squares += value * value;
    if (!(squares <= radius * radius)) throw new ParameterError('the features of a record are longer than the radius');
    addRow(sums, x);
    for (let i = 0; i < d; i++) {
      const at = crossAt + i * classes;
      for (let k = 0; k < classes; k++) sums[at + k] += x[i] * ((k === label ? 1 : 0) - 1 / classes);
    }
  });
  return Float32Array.from(sums);
}

function addRow(sums: Float64Array, x: Float32Array): void {
  const d = x.length;
  let at = 0;
  for (let i = 0; i < d; i++) {
    sums[at++] += x[i] * x[i];
    const scaled = Math.SQRT2 * x[i];
    for (let j = i + 1; j < d; j++) sums[at++] += scaled * x[j];
  }
}

/** The matrices back from a sum, or from a mean: then both are divided alike. */
export function matricesOf(vector: Float32Array, shape: StatisticsShape): Statistics {
  const { featureCount: d, classes } = shape;
  if (vector.length !== statisticsLength(shape)) {
    throw new ParameterError(`${vector.length} numbers are no statistics of ${d} features and ${classes} classes`);
  }
  const gram = new Float64Array(d * d);
  let at = 0;
  for (let i = 0; i < d; i++) {
    gram[i * d + i] = vector[at++];
    for (let j = i + 1; j < d; j++) {
      gram[i * d + j] = vector[at] / Math.SQRT2;
      gram[j * d + i] = vector[at++] / Math.SQRT2;
    }
  }
  return { gram, cross: Float64Array.from(vector.subarray(at)) };
}
