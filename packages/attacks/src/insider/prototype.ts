// Whether made pictures show what a class looks like: their correlation with the mean picture of every class. A classifier would not do as a
// judge, since it can be satisfied by specks. Asked by who holds the pictures; the insider only looks.

import { ParameterError } from '../errors.ts';
import { type PictureShape, pictureSize } from '../pictures/likeness.ts';
import type { LabelledPictures } from '../trial/trial.ts';

export interface Prototype {
  /** The class whose mean picture the made ones are most like. */
  readonly nearestClass: number;
  /** Mean correlation with the mean picture of each class, in [-1, 1]. */
  readonly correlations: Float64Array<ArrayBuffer>;
}

export function prototypeOf(
  made: Float32Array,
  { inputs, labels }: LabelledPictures,
  { shape, classes }: { readonly shape: PictureShape; readonly classes: number },
): Prototype {
  const size = pictureSize(shape);
  const count = made.length / size;
  if (!Number.isInteger(count) || count === 0)
    throw new ParameterError(`${made.length} numbers are no pictures of ${size}`);
  const means = Array.from({ length: classes }, () => new Float64Array(size));
  labels.forEach((label, place) => {
    const mean = means[label];
    for (let i = 0; i < size; i++) mean[i] += inputs[place * size + i];
  });
  const correlations = Float64Array.from(means, (mean) => {
    let sum = 0;
    for (let place = 0; place < count; place++)
      sum += correlation(made.subarray(place * size, (place + 1) * size), mean);
    return sum / count;
  });
  return { nearestClass: correlations.indexOf(Math.max(...correlations)), correlations };
}

/** Pearson's; scale and offset of either do not matter, and a constant has none. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0)
    throw new ParameterError(`${a.length} and ${b.length} numbers to compare`);
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    meanA += a[i] / a.length;
    meanB += b[i] / a.length;
  }
  let [both, squareA, squareB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    both += (a[i] - meanA) * (b[i] - meanB);
    squareA += (a[i] - meanA) ** 2;
    squareB += (b[i] - meanB) ** 2;
  }
  const product = Math.sqrt(squareA * squareB);
  return product === 0 ? 0 : both / product;
}
