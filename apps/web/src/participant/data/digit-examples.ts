// The digits that come with the page, as examples of a plan. Nobody knows whose digits they were: each counts as one person's, which is said
// where they are offered.

import { CLASSES, DIGIT_SIDE, type Digits } from '../../digits/digits.ts';
import { type Demand, type PictureShape, pictureShapeOf } from './demand.ts';
import { type Taken, takenAs } from './examples.ts';

export function examplesFromDigits({ count, labels, inputs }: Digits, name: string, demand: Demand): Taken {
  const shape = pictureShapeOf(demand);
  if (shape === undefined || shape.channels !== 1) return { kind: 'unfit', why: { kind: 'no pictures taken' } };
  if (shape.height < DIGIT_SIDE || shape.width < DIGIT_SIDE) {
    const found = DIGIT_SIDE * DIGIT_SIDE;
    return { kind: 'unfit', why: { kind: 'wrong width', found, needed: demand.inputSize } };
  }
  const examples = {
    name,
    count,
    labels,
    inputSize: demand.inputSize,
    inputs: padded(inputs, count, shape),
    classNames: Array.from({ length: CLASSES }, (_, digit) => String(digit)),
    unitOfRow: Uint32Array.from({ length: count }, (_, row) => row),
  };
  return takenAs(examples, demand, 0);
}

/** In the middle of a field of zeros, where a plan takes 32 × 32 as Shokri and Shmatikov do. */
function padded(
  inputs: Float32Array<ArrayBuffer>,
  count: number,
  { height, width }: PictureShape,
): Float32Array<ArrayBuffer> {
  if (height === DIGIT_SIDE && width === DIGIT_SIDE) return inputs;
  const out = new Float32Array(count * height * width);
  const [top, left] = [(height - DIGIT_SIDE) >> 1, (width - DIGIT_SIDE) >> 1];
  for (let row = 0; row < count * DIGIT_SIDE; row += 1) {
    const from = row * DIGIT_SIDE;
    const to = (Math.floor(row / DIGIT_SIDE) * height + top + (row % DIGIT_SIDE)) * width + left;
    out.set(inputs.subarray(from, from + DIGIT_SIDE), to);
  }
  return out;
}
