// Images for a network: resized, with as many channels as it takes, samples in [0, 1] or standardised channel by channel by the
// training images' means and deviations.
import { ParameterError } from '../errors.ts';
import { type Image, type ImageSet, resized, withChannels } from '../images/index.ts';

export interface ImageStep {
  readonly width: number;
  readonly height: number;
  readonly channels: Image['channels'];
  readonly normalise: 'unit' | 'standard';
}

/** A JSON value. (sample / 255 − mean) / stddev, channel by channel. */
export interface ImageRecipe {
  readonly version: 1;
  readonly width: number;
  readonly height: number;
  readonly channels: Image['channels'];
  readonly means: readonly number[];
  readonly stddevs: readonly number[];
}

export interface ImageFeatures {
  /** count × channels × height × width. */
  readonly shape: readonly [number, number, number, number];
  readonly values: Float32Array;
}

export function fitImages(step: ImageStep, train: ImageSet): ImageRecipe {
  const { width, height, channels } = step;
  const plain = {
    version: 1,
    width,
    height,
    channels,
    means: new Array<number>(channels).fill(0),
    stddevs: new Array<number>(channels).fill(1),
  } as const;
  if (step.normalise === 'unit') return plain;
  if (train.count === 0) throw new ParameterError('no image to fit on');
  const { values } = applyImages(plain, train);
  const size = width * height;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let at = 0; at < values.length; at += 1) {
    const channel = Math.floor(at / size) % channels;
    sums[channel] += values[at];
    squares[channel] += values[at] * values[at];
  }
  const count = train.count * size;
  const means = Array.from(sums, (sum) => sum / count);
  // A channel of one value is left at its distance from the mean: 0.
  const stddevs = Array.from(squares, (sum, channel) => Math.sqrt(Math.max(0, sum / count - means[channel] ** 2)) || 1);
  return { ...plain, means, stddevs };
}

export function applyImages(recipe: ImageRecipe, images: ImageSet): ImageFeatures {
  const { width, height, channels, means, stddevs } = recipe;
  const values = new Float32Array(images.count * channels * width * height);
  const sourceSize = images.width * images.height * images.channels;
  for (let at = 0; at < images.count; at += 1) {
    const samples = images.samples.subarray(at * sourceSize, (at + 1) * sourceSize);
    const source: Image = { width: images.width, height: images.height, channels: images.channels, samples };
    const image = resized(withChannels(source, channels), { width, height });
    for (let pixel = 0; pixel < width * height; pixel += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const value = (image.samples[pixel * channels + channel] / 255 - means[channel]) / stddevs[channel];
        values[(at * channels + channel) * height * width + pixel] = value;
      }
    }
  }
  return { shape: [images.count, channels, height, width], values };
}
