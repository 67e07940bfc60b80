// How like two pictures are, for who holds the truth: mean squared error, peak signal-to-noise ratio, and structural similarity (Wang,
// Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13, 2004). An attacker has none of these numbers.
//
// Values lie in [0, 1]. Refuses shapes that do not fit, and pictures smaller than the window of structural similarity.

import { ParameterError } from '../errors.ts';

export interface PictureShape {
  readonly rows: number;
  readonly columns: number;
  /** Vary fastest. */
  readonly channels: number;
}

export const pictureSize = ({ rows, columns, channels }: PictureShape): number => rows * columns * channels;

export function meanSquaredError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0)
    throw new ParameterError(`${a.length} and ${b.length} numbers to compare`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

/** 10·log₁₀(1/MSE) in decibels; infinite for equal pictures. */
export function peakSignalToNoise(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return -10 * Math.log10(meanSquaredError(a, b));
}

const RADIUS = 5;
const DEVIATION = 1.5;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** Gaussian weights of one axis; their sum is 1. Wang et al., section III.B: 11 × 11, deviation 1.5. */
const weights: readonly number[] = (() => {
  const plain = Array.from({ length: 2 * RADIUS + 1 }, (_, i) => Math.exp(-((i - RADIUS) ** 2) / (2 * DEVIATION ** 2)));
  const total = plain.reduce((sum, w) => sum + w, 0);
  return plain.map((w) => w / total);
})();

/**
 * The mean over all windows that lie in the picture, and over channels, of
 * (2·μ_a·μ_b + C1)(2·σ_ab + C2) / ((μ_a² + μ_b² + C1)(σ_a² + σ_b² + C2)), in [-1, 1] and 1 for equal pictures.
 */
export function structuralSimilarity(a: ArrayLike<number>, b: ArrayLike<number>, shape: PictureShape): number {
  const { rows, columns, channels } = shape;
  if (rows <= 2 * RADIUS || columns <= 2 * RADIUS) {
    throw new ParameterError(`a picture of ${rows} × ${columns} is smaller than the window of ${2 * RADIUS + 1}`);
  }
  if (a.length !== pictureSize(shape) || b.length !== pictureSize(shape)) {
    throw new ParameterError(`${a.length} and ${b.length} numbers are no pictures of ${pictureSize(shape)}`);
  }
  let sum = 0;
  for (let channel = 0; channel < channels; channel++) {
    const of = (values: (i: number) => number): Float64Array =>
      windowMeans(
        Float64Array.from({ length: rows * columns }, (_, i) => values(i * channels + channel)),
        rows,
        columns,
      );
    const [meanA, meanB] = [of((i) => a[i]), of((i) => b[i])];
    const [squareA, squareB, product] = [of((i) => a[i] ** 2), of((i) => b[i] ** 2), of((i) => a[i] * b[i])];
    let ofChannel = 0;
    for (let i = 0; i < meanA.length; i++) {
      const [ma, mb] = [meanA[i], meanB[i]];
      const [varA, varB, covariance] = [squareA[i] - ma * ma, squareB[i] - mb * mb, product[i] - ma * mb];
      ofChannel += ((2 * ma * mb + C1) * (2 * covariance + C2)) / ((ma * ma + mb * mb + C1) * (varA + varB + C2));
    }
    sum += ofChannel / meanA.length;
  }
  return sum / channels;
}

/** Gaussian means of all whole windows: along rows, then along columns. */
function windowMeans(values: Float64Array, rows: number, columns: number): Float64Array {
  const [high, wide] = [rows - 2 * RADIUS, columns - 2 * RADIUS];
  const along = new Float64Array(rows * wide);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < wide; x++) {
      for (let i = 0; i < weights.length; i++) along[y * wide + x] += weights[i] * values[y * columns + x + i];
    }
  }
  const means = new Float64Array(high * wide);
  for (let y = 0; y < high; y++) {
    for (let i = 0; i < weights.length; i++) {
      for (let x = 0; x < wide; x++) means[y * wide + x] += weights[i] * along[(y + i) * wide + x];
    }
  }
  return means;
}
