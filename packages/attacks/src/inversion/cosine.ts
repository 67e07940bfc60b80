// "Inverting gradients" (Geiping, Bauermeister, Dröge and Moeller, arXiv 2003.14053): pictures in [0, 1] whose gradient points where the
// observed one does, and that are smooth. One less the cosine, plus a little total variation, minimised by Adam on the signs of the
// gradient with a step that is cut to a tenth three times. Works on ReLU networks, and where the gradient was scaled or clipped.

import { ParameterError } from '../errors.ts';
import { type PictureShape, pictureSize } from '../pictures/likeness.ts';
import type { Uniform } from '../random/seeded.ts';
import { asCandidates, type Matched, type MatchingOptions, oneHot } from './deep-leakage.ts';
import { GradientDistance, type MatchingProblem } from './matching-problem.ts';

export interface CosineOptions extends MatchingOptions {
  /** Adam needs them: leaked ones will do. */
  readonly labels: Uint32Array;
  readonly shape: PictureShape;
  /** Weight of the total variation. */
  readonly smoothness?: number;
  readonly learningRate?: number;
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export function matchDirection(problem: MatchingProblem, uniform: Uniform, options: CosineOptions): Matched {
  const { labels, shape, steps, attempts = 1, smoothness = 3e-2, learningRate = 0.1, onProgress } = options;
  const distance = new GradientDistance(problem, 'cosine');
  const { network } = distance;
  if (labels.length !== problem.count)
    throw new ParameterError(`${labels.length} labels for ${problem.count} examples`);
  if (pictureSize(shape) !== network.inputSize) {
    throw new ParameterError(`pictures of ${pictureSize(shape)} numbers for inputs of ${network.inputSize}`);
  }
  const targets = oneHot(labels, network.classes);
  const length = problem.count * network.inputSize;
  let best: { readonly inputs: Float64Array<ArrayBuffer>; readonly distance: number } | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const inputs = Float64Array.from({ length }, () => uniform());
    const [first, second] = [new Float64Array(length), new Float64Array(length)];
    let ofAttempt = { inputs: inputs.slice(), distance: Number.POSITIVE_INFINITY };
    for (let step = 1; step <= steps; step++) {
      const guess = distance.at(inputs, targets);
      const total = guess.value + smoothness * totalVariation(inputs, shape, guess.inputs, smoothness);
      if (total < ofAttempt.distance) ofAttempt = { inputs: inputs.slice(), distance: total };
      const rate = learningRate * decay(step / steps);
      const [c1, c2] = [1 - BETA1 ** step, 1 - BETA2 ** step];
      for (let i = 0; i < length; i++) {
        const sign = Math.sign(guess.inputs[i]);
        first[i] = BETA1 * first[i] + (1 - BETA1) * sign;
        second[i] = BETA2 * second[i] + (1 - BETA2) * sign * sign;
        const moved = inputs[i] - (rate * (first[i] / c1)) / (Math.sqrt(second[i] / c2) + EPSILON);
        inputs[i] = Math.min(Math.max(moved, 0), 1);
      }
      onProgress?.({ attempt, step, steps, distance: guess.value, inputs });
    }
    if (best === undefined || ofAttempt.distance < best.distance) best = ofAttempt;
  }
  const found = best?.inputs ?? new Float64Array(0);
  const remaining = best === undefined ? 1 : distance.at(found, targets).value;
  return { candidates: asCandidates(found, network.inputSize), labels: Uint32Array.from(labels), distance: remaining };
}

/** As the paper has it: a tenth after 3/8, 5/8 and 7/8 of the steps. */
const decay = (progress: number): number => 0.1 ** [3 / 8, 5 / 8, 7 / 8].filter((mark) => progress > mark).length;

/** The mean absolute difference of neighbours along rows and columns; adds `weight` times its gradient to `gradient`. */
export function totalVariation(
  inputs: Float64Array,
  shape: PictureShape,
  gradient: Float64Array,
  weight: number,
): number {
  const { rows, columns, channels } = shape;
  const size = pictureSize(shape);
  const count = inputs.length / size;
  let sum = 0;
  const pair = (a: number, b: number, pairs: number): void => {
    const off = inputs[a] - inputs[b];
    sum += Math.abs(off) / pairs;
    const slope = (weight * Math.sign(off)) / pairs;
    gradient[a] += slope;
    gradient[b] -= slope;
  };
  const beside = count * rows * (columns - 1) * channels;
  const below = count * (rows - 1) * columns * channels;
  for (let at = 0; at < inputs.length; at++) {
    const within = at % size;
    const column = Math.floor(within / channels) % columns;
    if (column + 1 < columns) pair(at, at + channels, beside);
    if (within + columns * channels < size) pair(at, at + columns * channels, below);
  }
  return sum;
}
