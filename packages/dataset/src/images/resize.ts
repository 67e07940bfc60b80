// Resizing by the mean of the area that each new pixel covers: exact for shrinking by whole factors, smooth otherwise, and a
// picture of one colour stays that colour. Enlarging repeats pixels (with shares at the edges between them).
import { ParameterError } from '../errors.ts';
import type { Image } from './image.ts';

export function resized(image: Image, size: { readonly width: number; readonly height: number }): Image {
  const { width, height } = size;
  if (
    !(Number.isInteger(width) && Number.isInteger(height) && width >= 1 && height >= 1 && width * height <= 2 ** 26)
  ) {
    throw new ParameterError(`a picture of ${width} × ${height} pixels`);
  }
  if (image.width === width && image.height === height) return image;
  const { channels } = image;
  // Rows first, then columns: the mean over a rectangle is the mean of means.
  const across = new Float64Array(width * image.height * channels);
  shrinkAxis(
    image.samples,
    across,
    {
      length: image.width,
      newLength: width,
      lines: image.height,
      lineStep: image.width,
      step: 1,
      newLineStep: width,
      newStep: 1,
    },
    channels,
  );
  const down = new Float64Array(width * height * channels);
  shrinkAxis(
    across,
    down,
    { length: image.height, newLength: height, lines: width, lineStep: 1, step: width, newLineStep: 1, newStep: width },
    channels,
  );
  return { width, height, channels, samples: Uint8Array.from(down, Math.round) };
}

/** How pixels lie along one axis: a line's pixels are `step` apart, lines `lineStep` apart. */
interface Axis {
  readonly length: number;
  readonly newLength: number;
  readonly lines: number;
  readonly lineStep: number;
  readonly step: number;
  readonly newLineStep: number;
  readonly newStep: number;
}

/** new[i] = ∫ old over [i·r, (i+1)·r) / r with r = length / newLength, old being constant over each pixel. Mutates `to`. */
function shrinkAxis(from: ArrayLike<number>, to: Float64Array, axis: Axis, channels: number): void {
  const ratio = axis.length / axis.newLength;
  for (let at = 0; at < axis.newLength; at += 1) {
    const start = at * ratio;
    const end = Math.min(axis.length, (at + 1) * ratio);
    for (let pixel = Math.floor(start); pixel < Math.ceil(end - 1e-9); pixel += 1) {
      const share = (Math.min(pixel + 1, end) - Math.max(pixel, start)) / (end - start);
      for (let line = 0; line < axis.lines; line += 1) {
        const source = (line * axis.lineStep + pixel * axis.step) * channels;
        const target = (line * axis.newLineStep + at * axis.newStep) * channels;
        for (let channel = 0; channel < channels; channel += 1) to[target + channel] += share * from[source + channel];
      }
    }
  }
}
