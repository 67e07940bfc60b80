// One model trained on some of the examples, and what it thinks of each of them. With noise the training is DP-SGD (Abadi and others,
// arXiv 1607.00133): batches by Poisson sampling, every example's gradient clipped, Gaussian noise on the sum, a fixed divisor; then an
// accountant can say what the training costs, which is why both kinds of training sample alike.

import type { Engine } from '@sumus/learning/engine';
import type { Architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { Optimiser, type OptimiserSpec } from '@sumus/learning/optimisers';
import { ParameterError } from '../errors.ts';
import { normalFrom, seededUniform } from '../random/seeded.ts';
import type { RecordNoise } from '../trial/view.ts';

export interface Examples {
  readonly inputs: Float32Array;
  readonly labels: Uint32Array;
}

export interface ShadowTraining {
  readonly steps: number;
  /** Expected size of a batch. */
  readonly batch: number;
  readonly optimiser: OptimiserSpec;
  readonly noise?: RecordNoise;
}

/** Where a training begins, and how it draws. */
export interface ShadowStart {
  /** First weights. */
  readonly first: Float32Array;
  readonly seed: number;
  /** Chance of each example to be in a batch. */
  readonly rate: number;
}

/** What a model thinks of examples. */
export interface Opinions {
  readonly confidences: Float64Array<ArrayBuffer>;
  /** 1: the label is the likeliest class. */
  readonly right: Uint8Array<ArrayBuffer>;
}

export class ShadowModel {
  readonly #network: Network;
  readonly #optimiser: Optimiser;
  readonly #training: ShadowTraining;

  /** Memory for one model after another: `train` begins anew. */
  constructor(engine: Engine, model: Architecture, training: ShadowTraining) {
    this.#network = new Network(engine, model, { seed: 0, maxBatch: Math.max(1, Math.ceil(1.5 * training.batch)) });
    this.#optimiser = new Optimiser(this.#network, training.optimiser);
    this.#training = training;
  }

  /** On the examples at `places`, each of which is in a batch with chance `rate`, from the first weights `first`. */
  train({ inputs, labels }: Examples, places: readonly number[], start: ShadowStart): void {
    const { first, seed, rate } = start;
    const { steps, batch, noise } = this.#training;
    const network = this.#network;
    const { inputSize } = network;
    if (!(rate > 0 && rate <= 1))
      throw new ParameterError(`batches of ${batch} are of no share of the examples: ${rate}`);
    network.setParameters(first);
    this.#optimiser.restart();
    const uniform = seededUniform(seed, 11);
    const normal = normalFrom(seededUniform(seed, 12));
    for (let step = 0; step < steps; step++) {
      const own = places.filter(() => uniform() < rate);
      const chosen = new Float32Array(own.length * inputSize);
      own.forEach((place, i) => {
        chosen.set(inputs.subarray(place * inputSize, (place + 1) * inputSize), i * inputSize);
      });
      const data = { inputs: chosen, targets: Uint32Array.from(own, (place) => labels[place]) };
      const { gradient } = network;
      if (own.length === 0) gradient.fill(0);
      else if (noise === undefined) network.batchGradient(data, { kind: 'crossEntropy' }, { reduction: 'sum' });
      else network.clippedSum(data, { kind: 'crossEntropy' }, { clippingNorm: noise.clippingNorm });
      const stddev = noise === undefined ? 0 : noise.noiseMultiplier * noise.clippingNorm;
      const sum = network.gradient;
      if (stddev > 0) for (let i = 0; i < sum.length; i++) sum[i] += stddev * normal();
      for (let i = 0; i < sum.length; i++) sum[i] /= batch;
      this.#optimiser.step();
    }
  }

  /**
   * log(p/(1 − p)) of every example's own label, p being the softmax: near normal over models, and without the cancellation that 1 − p has
   * (arXiv 2112.03570, section VI.A): z_y − log Σ_{c≠y} e^{z_c}. And whether no other class is likelier.
   */
  opinions({ inputs, labels }: Examples): Opinions {
    const { outputSize } = this.#network;
    const outputs = this.#network.predict(inputs);
    const confidences = new Float64Array(labels.length);
    const right = new Uint8Array(labels.length);
    labels.forEach((label, i) => {
      const row = outputs.subarray(i * outputSize, (i + 1) * outputSize);
      let most = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < outputSize; c++) if (c !== label) most = Math.max(most, row[c]);
      let total = 0;
      for (let c = 0; c < outputSize; c++) if (c !== label) total += Math.exp(row[c] - most);
      confidences[i] = row[label] - most - Math.log(total);
      right[i] = row[label] > most ? 1 : 0;
    });
    return { confidences, right };
  }
}
