// What a server has to attack, in each of the settings that a trial compares: one participant's update, that update under a mask, or the
// opened sum of several participants; with or without noise on clipped gradients. Always read as the mean gradient of `count` examples,
// which is the attacker's best reading.

import type { Batch, Network } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';
import { normalFrom, type Uniform } from '../random/seeded.ts';
import { addMask, readWords, wordsOf } from '../sealed/words.ts';

export interface RecordNoise {
  /** Every example's gradient is scaled to at most this norm. */
  readonly clippingNorm: number;
  /** Deviation of the Gaussian noise over the clipping norm. */
  readonly noiseMultiplier: number;
}

export interface TrialSetting {
  /**
   * update: one participant's, in clear. sealed: the same as it is sent, words under a uniform mask. sum: what a secure sum over all
   * participants opens.
   */
  readonly seen: 'update' | 'sealed' | 'sum';
  /** Pictures of each participant. */
  readonly batch: number;
  /** Only a sum has more than one. */
  readonly participants: number;
  readonly noise?: RecordNoise;
}

export interface View {
  readonly gradient: Float32Array<ArrayBuffer>;
  /** Examples that are in it. */
  readonly count: number;
}

/** Fixed-point steps of an update's words: fine enough to lose nothing, wide enough for gradients below 8. */
const STEP = 2 ** -28;

export function examplesIn({ seen, batch, participants }: TrialSetting): number {
  for (const [name, value] of Object.entries({ batch, participants })) {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ParameterError(`${name} is a positive integer, not ${value}`);
  }
  return seen === 'sum' ? batch * participants : batch;
}

export function viewOf(network: Network, batch: Batch, { seen, noise }: TrialSetting, uniform: Uniform): View {
  const count = batch.inputs.length / network.inputSize;
  const gradient =
    noise === undefined ? meanGradient(network, batch) : noisyMean(network, batch, noise, { count, uniform });
  if (seen !== 'sealed') return { gradient, count };
  const words = wordsOf(gradient, STEP);
  const mask = Uint32Array.from(words, () => uniform() * 2 ** 32);
  return { gradient: readWords(addMask(words, mask), STEP), count };
}

function meanGradient(network: Network, batch: Batch): Float32Array<ArrayBuffer> {
  network.batchGradient(batch, { kind: 'crossEntropy' });
  return network.gradient.slice();
}

function noisyMean(
  network: Network,
  batch: Batch,
  { clippingNorm, noiseMultiplier }: RecordNoise,
  { count, uniform }: { readonly count: number; readonly uniform: Uniform },
): Float32Array<ArrayBuffer> {
  if (!(noiseMultiplier >= 0))
    throw new ParameterError(`a noise multiplier must not be negative, and ${noiseMultiplier} is`);
  network.clippedSum(batch, { kind: 'crossEntropy' }, { clippingNorm });
  const normal = normalFrom(uniform);
  return network.gradient.map((value) => (value + noiseMultiplier * clippingNorm * normal()) / count);
}
