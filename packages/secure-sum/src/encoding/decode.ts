// An opened sum of words becomes a mean of vectors. Public from end to end. A sum that participants who keep to the encoding cannot
// have made is refused: masks that did not cancel, another context, or a participant that broke out of its range show here.

import type { Engine } from '../engine/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { type PlacedCounter, readCounter } from './counters.ts';
import { type Encoding, SQUARED_NORM_STEPS } from './encoding.ts';
import { placeSigns, type Rotation, requireRotation, rotateBackInPlace } from './rotation.ts';

export interface OpenedSum {
  /** Σ of the participants' words, wrapped into signed numbers by the protocol. */
  readonly words: Int32Array;
  /** How many participants' words are in it. */
  readonly contributors: number;
  /** Where the mean goes instead of a new array. */
  readonly into?: Float32Array | undefined;
}

export interface DecodedSum {
  /** Σ x / contributors, or Σ weight · x / Σ weight, of the clipped vectors. */
  readonly mean: Float32Array;
  readonly contributors: number;
  /** Σ weight, where the encoding has weights. */
  readonly totalWeight: number | undefined;
  /** Σ ‖x‖² before weighting and clipping, cut at the encoding's maximum each; within contributors / 2 steps of 2^-24 of it. */
  readonly squaredNorms: number | undefined;
  readonly counts: Readonly<Record<string, number>>;
}

export function decode(engine: Engine, encoding: Encoding, rotation: Rotation, sum: OpenedSum): DecodedSum {
  requireRotation(rotation, encoding.windows);
  const { words, contributors } = sum;
  if (!Number.isSafeInteger(contributors) || contributors < 1 || contributors > encoding.maximumContributors) {
    throw new ParameterError(
      `a sum of ${contributors} is not one of 1 to ${encoding.maximumContributors} contributions`,
    );
  }
  if (!(words instanceof Int32Array) || words.length !== encoding.words) {
    throw new MalformedMessage('E_LEN', `the sum has ${words.length} words, not ${encoding.words}`);
  }
  const read = (counter: PlacedCounter): number => readCounter(words, counter, encoding.largestWord + 1, contributors);
  const counts = Object.fromEntries(encoding.counters.map((counter) => [counter.name, read(counter)]));
  const totalWeight = encoding.weightCounter && read(encoding.weightCounter);
  const steps = encoding.squaredNormCounter && read(encoding.squaredNormCounter);
  return {
    mean: meanOf(engine, encoding, rotation, sum, divisorOf(encoding, contributors, totalWeight)),
    contributors,
    totalWeight,
    squaredNorms: steps === undefined ? undefined : (steps / SQUARED_NORM_STEPS) * (encoding.maximumSquaredNorm ?? 0),
    counts,
  };
}

/** The sum of vectors is divided by the opened Σ of weights, never by the number of contributors (the specification's point 29). */
function divisorOf({ maximumWeight }: Encoding, contributors: number, totalWeight: number | undefined): number {
  if (maximumWeight === undefined || totalWeight === undefined) return contributors;
  if (totalWeight < contributors) {
    throw new MalformedMessage('E_RANGE', `${contributors} weights of at least 1 have the sum ${totalWeight}`);
  }
  return totalWeight / maximumWeight;
}

function meanOf(
  engine: Engine,
  encoding: Encoding,
  rotation: Rotation,
  { words, contributors, into }: OpenedSum,
  divisor: number,
): Float32Array {
  const { windows, vectorLength, scale } = encoding;
  const mean = into ?? new Float32Array(vectorLength);
  if (mean.length !== vectorLength)
    throw new ParameterError(`there are ${mean.length} places for ${vectorLength} floats`);
  const { memory, rounding } = engine;
  return memory.scope(() => {
    const at = memory.allocate(4 * windows.length);
    memory.i32(at, windows.length).set(words.subarray(0, windows.length));
    requirePossible(encoding, contributors, {
      magnitude: rounding.largestMagnitude(at, windows.length) >>> 0,
      norm: Math.sqrt(rounding.squaredNormOfWords(at, windows.length)),
    });
    rounding.wordsToFloats(at, at, windows.length);
    rotateBackInPlace(engine, at, windows, placeSigns(engine, rotation), 1 / (scale * divisor));
    mean.set(memory.f32(at, vectorLength));
    return mean;
  });
}

/**
 * No word is beyond the sum of the largest ones, and the norm of a sum is at most the sum of norms: ‖Σ q‖ ≤ n · (s · clip + √d). Noise of
 * variance n·σ² a word adds to it: twice its expected norm, and 100 σ√n for short vectors, which it exceeds with probability < 2^-40.
 */
function requirePossible(
  { windows, noise, largestWord, largestSignal, scale, clippingNorm }: Encoding,
  contributors: number,
  { magnitude, norm }: { readonly magnitude: number; readonly norm: number },
): void {
  if (magnitude > contributors * largestWord) {
    throw new MalformedMessage('E_RANGE', `a word of the sum is ${magnitude}, more than ${contributors} can make`);
  }
  const root = Math.sqrt(windows.length);
  const signal = Math.min(scale * clippingNorm * (1 + 2 ** -16), largestSignal * root) + root;
  const noiseNorm = noise === undefined ? 0 : Math.sqrt(contributors * noise.variance) * (2 * root + 100);
  const possible = contributors * signal + noiseNorm;
  if (!(norm <= possible)) {
    throw new MalformedMessage(
      'E_RANGE',
      `the sum has the norm ${norm}, more than ${contributors} can make (${possible})`,
    );
  }
}
