// From noisy statistics to a linear classifier: everybody computes it from the published sum, and it costs nothing more.
//
//   W = (G⁺ + n·λ·I)⁻¹·H        G⁺: the noisy XᵀX with its negative eigenvalues set to 0, which it can have through noise alone
//   n = trace(G) / R²           records in the sum, where features have length R: nobody has to publish a count
//
// λ is relative to the mean of squares, so a sum and a mean of statistics give the same classifier.

import { ParameterError } from '../errors.ts';
import type { OneRound } from '../plan/plan.ts';
import { matricesOf } from './statistics.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** Scores of a record are features · weights; the highest is its class. */
export interface LinearClassifier {
  readonly featureCount: number;
  readonly classes: number;
  /** featureCount × classes, row by row. */
  readonly weights: Float64Array;
}

export function ridgeOf(
  statistics: Float32Array,
  { featureCount: d, classes, radius, ridge }: Pick<OneRound, 'featureCount' | 'classes' | 'radius' | 'ridge'>,
): LinearClassifier {
  const { gram, cross } = matricesOf(statistics, { featureCount: d, classes });
  let trace = 0;
  for (let i = 0; i < d; i++) trace += gram[i * d + i];
  if (!(trace > 0)) throw new ParameterError('the noise of these statistics is larger than what they are of');
  const penalty = (ridge * trace) / (radius * radius);
  const { values, vectors } = symmetricEigen(gram, d);
  const weights = new Float64Array(d * classes);
  const projected = new Float64Array(classes);
  for (let row = 0; row < d; row++) {
    const vector = vectors.subarray(row * d, (row + 1) * d);
    projected.fill(0);
    for (let i = 0; i < d; i++) for (let k = 0; k < classes; k++) projected[k] += vector[i] * cross[i * classes + k];
    const inverse = 1 / (Math.max(0, values[row]) + penalty);
    for (let i = 0; i < d; i++) {
      const factor = inverse * vector[i];
      for (let k = 0; k < classes; k++) weights[i * classes + k] += factor * projected[k];
    }
  }
  return { featureCount: d, classes, weights };
}

/** The class of each record. */
export function classesOf(
  { featureCount: d, classes, weights }: LinearClassifier,
  features: Float32Array,
): Uint32Array {
  if (features.length % d !== 0) throw new ParameterError(`${features.length} numbers are no rows of ${d}`);
  const scores = new Float64Array(classes);
  return Uint32Array.from({ length: features.length / d }, (_, row) => {
    scores.fill(0);
    for (let i = 0; i < d; i++) {
      const x = features[row * d + i];
      for (let k = 0; k < classes; k++) scores[k] += x * weights[i * classes + k];
    }
    return scores.indexOf(Math.max(...scores));
  });
}
