// The insider's generator (Hitaj, Ateniese and Perez-Cruz, CCS 2017, arXiv 1702.07464): pictures from noise, trained until the shared model
// takes them for the class that the insider wants to see. The generator and the shared model stand in one network, one behind the other;
// the model's part is written in anew before every training and its gradient is set to zero, so only the generator learns.
//
// Pictures are drawn at half their size and interpolated. Neighbouring pixels of a picture are alike, which is all that the insider knows
// beforehand; without it, a model of dense layers is satisfied by specks.

import type { Engine } from '@sumus/learning/engine';
import { type Architecture, architecture, type LayerSpec } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { Optimiser } from '@sumus/learning/optimisers';
import { ParameterError } from '../errors.ts';
import { type PictureShape, pictureSize } from '../pictures/likeness.ts';
import { normalFrom, type Uniform } from '../random/seeded.ts';

/** Numbers of noise behind one picture. */
const LATENT = 16;
const HIDDEN = 64;
const BATCH = 32;
/** What a pixel is before anything is learnt, as a logit: dark. */
const DARK = -2;

export interface GeneratorOptions {
  readonly shape: PictureShape;
  readonly seed: number;
  readonly learningRate: number;
}

export class Generator {
  readonly #stacked: Network;
  readonly #alone: Network;
  readonly #optimiser: Optimiser;
  readonly #normal: () => number;
  /** Of the stacked network: from where on nothing is learnt, which is the interpolation and the shared model. */
  readonly #fixedFrom: number;

  /** `shared` must take flat pictures of the shape. */
  constructor(engine: Engine, shared: Architecture, uniform: Uniform, { shape, seed, learningRate }: GeneratorOptions) {
    const size = pictureSize(shape);
    if (shared.input.length !== 1 || shared.input[0] !== size) {
      throw new ParameterError(`the generator stands before a model that takes flat pictures of ${size} numbers`);
    }
    const half = halved(shape);
    const layers: readonly LayerSpec[] = [
      { kind: 'dense', units: HIDDEN },
      { kind: 'leakyRelu', slope: 0.2 },
      { kind: 'dense', units: pictureSize(half) },
      { kind: 'dense', units: size, bias: false },
      { kind: 'sigmoid' },
    ];
    const own = architecture({ input: [LATENT], layers });
    const stacked = architecture({ input: [LATENT], layers: [...layers, ...shared.layers] });
    this.#alone = new Network(engine, own, { seed, maxBatch: BATCH });
    this.#stacked = new Network(engine, stacked, { seed, maxBatch: BATCH });
    this.#optimiser = new Optimiser(this.#stacked, { kind: 'adamW', learningRate, beta1: 0.5, weightDecay: 0 });
    this.#normal = normalFrom(uniform);
    this.#fixedFrom = this.#alone.parameterCount - size * pictureSize(half);
    const { parameters } = this.#alone;
    parameters.fill(DARK, this.#fixedFrom - pictureSize(half), this.#fixedFrom);
    parameters.set(interpolation(shape), this.#fixedFrom);
    this.#stacked.parameters.set(parameters);
  }

  /** Steps that make the shared model say `target`; the mean loss of the last one. */
  train(sharedWeights: Float32Array, target: number, steps: number): number {
    this.#stacked.parameters.set(sharedWeights, this.#alone.parameterCount);
    const targets = new Uint32Array(BATCH).fill(target);
    let last = 0;
    for (let step = 0; step < steps; step++) {
      const { meanLoss } = this.#stacked.batchGradient(
        { inputs: this.#noise(BATCH), targets },
        { kind: 'crossEntropy' },
      );
      this.#stacked.gradient.fill(0, this.#fixedFrom);
      this.#optimiser.step();
      last = meanLoss;
    }
    return last;
  }

  /** Pictures, one after another. */
  draw(count: number): Float32Array<ArrayBuffer> {
    this.#alone.setParameters(this.#stacked.parameters.slice(0, this.#alone.parameterCount));
    return this.#alone.predict(this.#noise(count));
  }

  #noise(count: number): Float32Array<ArrayBuffer> {
    return Float32Array.from({ length: count * LATENT }, this.#normal);
  }
}

const halved = ({ rows, columns, channels }: PictureShape): PictureShape => ({
  rows: Math.ceil(rows / 2),
  columns: Math.ceil(columns / 2),
  channels,
});

/** From half the size to the whole, linear along rows and columns: pixels of the half × pixels. */
function interpolation(shape: PictureShape): Float32Array<ArrayBuffer> {
  const half = halved(shape);
  const { channels } = shape;
  const size = pictureSize(shape);
  const matrix = new Float32Array(pictureSize(half) * size);
  /** What the coarse pixel gives to the fine one: 1 where centres meet, 0 from the next centre on. */
  const share = (fine: number, coarse: number): number => Math.max(0, 1 - Math.abs((fine - 0.5) / 2 - coarse));
  for (let row = 0; row < half.rows; row++) {
    for (let column = 0; column < half.columns; column++) {
      for (let y = Math.max(0, 2 * row - 1); y < Math.min(shape.rows, 2 * row + 3); y++) {
        for (let x = Math.max(0, 2 * column - 1); x < Math.min(shape.columns, 2 * column + 3); x++) {
          for (let c = 0; c < channels; c++) {
            const from = (row * half.columns + column) * channels + c;
            matrix[from * size + (y * shape.columns + x) * channels + c] = share(y, row) * share(x, column);
          }
        }
      }
    }
  }
  return matrix;
}
