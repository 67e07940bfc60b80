// What of a round's updates the model is made of: their sum, and nothing else. Each participant's words go out under a mask, the masks cancel,
// and only then are words read as numbers; so the opened sum is the same with masks and without, to the last bit, and whoever holds the
// model afterwards holds the same model. That is why no encryption of updates can stop an insider.
//
// A participant's clipping and the noise on the sum are the one thing here that changes what the model says of any one participant.

import { ParameterError } from '../errors.ts';
import { normalFrom, type Uniform } from '../random/seeded.ts';
import { addMask, readWords, wordsOf } from '../sealed/words.ts';

export interface ParticipantNoise {
  /** Every participant's update is scaled to at most this norm. */
  readonly clippingNorm: number;
  /** Deviation of the Gaussian noise in the sum over the clipping norm. */
  readonly noiseMultiplier: number;
}

export interface SumOptions {
  readonly protection: 'none' | 'masks';
  readonly noise?: ParticipantNoise;
  /** Of masks and noise. */
  readonly uniform: Uniform;
}

const STEP = 2 ** -22;

export interface OpenedSum {
  readonly sum: Float32Array<ArrayBuffer>;
  /** What the server was sent of the first update. */
  readonly firstWords: Uint32Array<ArrayBuffer>;
}

export function openSum(updates: readonly Float32Array[], { protection, noise, uniform }: SumOptions): OpenedSum {
  const [first] = updates;
  if (first === undefined) throw new ParameterError('a sum of no updates');
  const words = updates.map((update) => wordsOf(noise === undefined ? update : clipped(update, noise), STEP));
  if (protection === 'masks') maskInPlace(words, uniform);
  const sum = readWords(
    words.reduce((total, one) => addMask(total, one)),
    STEP,
  );
  const firstWords = words[0] ?? new Uint32Array(0);
  if (noise === undefined) return { sum, firstWords };
  const normal = normalFrom(uniform);
  return { sum: sum.map((value) => value + noise.noiseMultiplier * noise.clippingNorm * normal()), firstWords };
}

function clipped(update: Float32Array, { clippingNorm }: ParticipantNoise): Float32Array {
  if (!(clippingNorm > 0)) throw new ParameterError(`a clipping norm must be positive, not ${clippingNorm}`);
  const norm = Math.sqrt(update.reduce((squares, value) => squares + value * value, 0));
  return norm <= clippingNorm ? update : update.map((value) => (value * clippingNorm) / norm);
}

/** Uniform masks that add up to zero modulo 2^32. Mutates `words`, an array of its own. */
function maskInPlace(words: Uint32Array<ArrayBuffer>[], uniform: Uniform): void {
  const last = words.length - 1;
  let total = new Uint32Array(words[0]?.length ?? 0);
  for (let i = 0; i < last; i++) {
    const mask = Uint32Array.from(total, () => uniform() * 2 ** 32);
    total = addMask(total, mask);
    words[i] = addMask(words[i], mask);
  }
  words[last] = addMask(
    words[last],
    total.map((word) => -word),
  );
}
