// Which of an attacker's candidates is which of the true pictures. An attack on a batch gives its pictures in no order, and often more or
// fewer than there were; every true picture gets the candidate that is nearest to it, and how near that is.

import type { Candidates } from '../first-layer/quotients.ts';
import {
  meanSquaredError,
  type PictureShape,
  peakSignalToNoise,
  pictureSize,
  structuralSimilarity,
} from './likeness.ts';

export interface Likeness {
  /** Structural similarity, in [-1, 1]. */
  readonly ssim: number;
  /** Decibels. */
  readonly psnr: number;
  /** Mean absolute error of a pixel. */
  readonly absoluteError: number;
}

export interface Nearest extends Likeness {
  /** Place among the candidates. */
  readonly candidate: number;
  /** What the attacker shows, in [0, 1]. */
  readonly picture: Float32Array<ArrayBuffer>;
}

/** By the squared error of what is shown; undefined where there is no candidate at all. */
export function nearest(truth: Float32Array, candidates: Candidates, shape: PictureShape): Nearest | undefined {
  const size = pictureSize(shape);
  let best:
    | { readonly candidate: number; readonly picture: Float32Array<ArrayBuffer>; readonly error: number }
    | undefined;
  for (let candidate = 0; candidate < candidates.count; candidate++) {
    const picture = shownPicture(candidates.values.subarray(candidate * size, (candidate + 1) * size));
    const error = meanSquaredError(truth, picture);
    if (best === undefined || error < best.error) best = { candidate, picture, error };
  }
  if (best === undefined) return undefined;
  const { candidate, picture } = best;
  return { candidate, picture, ...likeness(truth, picture, shape) };
}

export function likeness(truth: Float32Array, picture: Float32Array, shape: PictureShape): Likeness {
  return {
    ssim: structuralSimilarity(truth, picture, shape),
    psnr: peakSignalToNoise(truth, picture),
    absoluteError: truth.reduce((sum, value, i) => sum + Math.abs(value - picture[i]), 0) / truth.length,
  };
}

/** Cut to [0, 1]; what is no number is black. */
export function shownPicture(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: values.length }, (_, i) => {
    const value = values[i];
    return value > 0 ? Math.min(value, 1) : 0;
  });
}
