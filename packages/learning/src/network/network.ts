// A network: an architecture's layers and weights in an engine's memory, and its gradients in three grains: of a batch, of every example
// (norms, or the gradients themselves), and the sum of clipped gradients. It changes no weight; optimisers do.
//
// Refuses, before anything is computed with it: data of the wrong size, numbers that are not finite, labels out of range, no examples.
// Batches above `maxBatch` are cut into pieces of it, and sums are over pieces in order; so bits depend on maxBatch, on nothing else.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';
import type { Pass, Tensor } from '../layers/layer.ts';
import { checkTargets, computeLoss, type LossSpec, type Targets } from '../losses/loss.ts';
import { type Architecture, outputShape } from '../model/architecture.ts';
import { initialWeights } from '../model/initialise.ts';
import { sizeOf } from '../model/shapes.ts';
import { type Assembly, assemble } from './assemble.ts';
import { type Slice, slicesOf } from './slices.ts';

export interface Batch {
  /** Examples one after another. */
  readonly inputs: Float32Array;
  readonly targets: Targets;
}

export interface NetworkOptions {
  readonly seed: number;
  readonly maxBatch: number;
}

export interface GradientOptions {
  /** Makes dropout drop, in a way that this number decides; without it nothing is dropped. */
  readonly dropoutSeed?: number;
}

export interface ClippedOptions extends GradientOptions {
  /** Every example's gradient is scaled to at most this Euclidean norm. */
  readonly clippingNorm: number;
}

/** What a gradient call found; each loss and norm belongs to an example. */
export interface ExampleLosses {
  readonly losses: Float32Array<ArrayBuffer>;
  readonly meanLoss: number;
}

export interface ClippedLosses extends ExampleLosses {
  /** Before clipping. */
  readonly norms: Float64Array<ArrayBuffer>;
}

export class Network {
  readonly architecture: Architecture;
  readonly engine: Engine;
  readonly slices: readonly Slice[];
  readonly parameterCount: number;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly maxBatch: number;
  /** Addresses of the flat vectors, for optimisers. */
  readonly parametersAt: number;
  readonly gradientAt: number;
  readonly #assembly: Assembly;
  readonly #input: Tensor;
  readonly #targetsAt: number;
  readonly #lossesAt: number;
  readonly #factorsAt: number;
  #exampleAt = 0;

  constructor(engine: Engine, model: Architecture, { seed, maxBatch }: NetworkOptions) {
    if (!Number.isSafeInteger(maxBatch) || maxBatch < 1) {
      throw new ParameterError(`maxBatch must be a positive integer, not ${maxBatch}`);
    }
    const { memory } = engine;
    this.architecture = model;
    this.engine = engine;
    this.maxBatch = maxBatch;
    this.slices = slicesOf(model);
    this.parameterCount = this.slices.reduce((sum, { length }) => sum + length, 0);
    this.inputSize = sizeOf(model.input);
    this.outputSize = sizeOf(outputShape(model));
    this.parametersAt = memory.reserveFloats(this.parameterCount);
    this.gradientAt = memory.reserveFloats(this.parameterCount);
    this.#targetsAt = memory.reserveFloats(maxBatch * this.outputSize);
    this.#lossesAt = memory.reserveFloats(maxBatch);
    this.#factorsAt = memory.reserveFloats(maxBatch);
    this.#input = { value: memory.reserveFloats(maxBatch * this.inputSize), gradient: 0, size: this.inputSize };
    const slices = new Map(this.slices.map((slice) => [slice.name, slice]));
    const site = { engine, maxBatch, parameters: this.parametersAt, slices };
    this.#assembly = assemble(site, model.layers, model.input, this.#input);
    this.parameters.set(initialWeights(model, seed));
  }

  /** The weights themselves: a view, valid until the engine's memory grows. Ask again rather than keep it. */
  get parameters(): Float32Array<ArrayBuffer> {
    return this.engine.memory.f32(this.parametersAt, this.parameterCount);
  }

  /** The last gradient: a view, as `parameters`. */
  get gradient(): Float32Array<ArrayBuffer> {
    return this.engine.memory.f32(this.gradientAt, this.parameterCount);
  }

  /** Replaces all weights; refuses a wrong length and numbers that are not finite. */
  setParameters(weights: Float32Array): void {
    if (weights.length !== this.parameterCount) {
      throw new ParameterError(`${weights.length} weights for ${this.parameterCount} parameters`);
    }
    // A plain loop: five times as fast as findIndex, and workers come by here in every step.
    for (let i = 0; i < weights.length; i++) {
      if (!Number.isFinite(weights[i])) throw new ParameterError(`weight ${i} is ${weights[i]}`);
    }
    this.parameters.set(weights);
  }

  /** Outputs (before any softmax), one row an example. */
  predict(inputs: Float32Array): Float32Array<ArrayBuffer> {
    const count = this.#countOf(inputs);
    const outputs = new Float32Array(count * this.outputSize);
    for (let first = 0; first < count; first += this.maxBatch) {
      const size = Math.min(this.maxBatch, count - first);
      this.#forward(inputs, first, { count: size, training: false, dropoutSeed: 0 });
      const rows = this.engine.memory.f32(this.#assembly.output.value, size * this.outputSize);
      outputs.set(rows, first * this.outputSize);
    }
    return outputs;
  }

  /** Every example's loss. */
  losses(batch: Batch, loss: LossSpec): ExampleLosses {
    return this.#overPieces(batch, loss, {}, () => {});
  }

  /** Writes the gradient of the mean (or summed) loss to `gradient`. */
  batchGradient(
    batch: Batch,
    loss: LossSpec,
    options: GradientOptions & { readonly reduction?: 'mean' | 'sum' } = {},
  ): ExampleLosses {
    const { outputSize } = this;
    // The mean is taken where it is cheapest: at the outputs, before the gradient goes back through the layers.
    const share = options.reduction === 'sum' ? 1 : 1 / this.#countOf(batch.inputs);
    return this.#overPieces(batch, loss, options, (pass, first) => {
      const { gradient } = this.#assembly.output;
      if (share !== 1) this.engine.vectors.scale(gradient, gradient, share, pass.count * outputSize);
      this.#backward(pass);
      for (const { parameters } of this.#assembly.trainable) {
        parameters?.sum(this.gradientAt, 0, pass.count, first === 0);
      }
    });
  }

  /** The norm of every example's gradient, without any example's gradient where a closed form exists. */
  exampleNorms(batch: Batch, loss: LossSpec, options: GradientOptions = {}): Float64Array<ArrayBuffer> {
    const norms = new Float64Array(this.#countOf(batch.inputs));
    this.#overPieces(batch, loss, options, (pass, first) => {
      this.#backward(pass);
      this.#addNorms(norms.subarray(first, first + pass.count), pass.count);
    });
    return norms;
  }

  /** Writes Σ gᵢ·min(1, clippingNorm/|gᵢ|) to `gradient`, in one backward pass. */
  clippedSum(batch: Batch, loss: LossSpec, options: ClippedOptions): ClippedLosses {
    const { clippingNorm } = options;
    if (!(clippingNorm > 0 && Number.isFinite(clippingNorm))) {
      throw new ParameterError(`a clipping norm must be positive, not ${clippingNorm}`);
    }
    this.gradient.fill(0);
    const norms = new Float64Array(this.#countOf(batch.inputs));
    const result = this.#overPieces(batch, loss, options, (pass, first) => {
      this.#backward(pass);
      const own = norms.subarray(first, first + pass.count);
      this.#addNorms(own, pass.count);
      const factors = this.engine.memory.f32(this.#factorsAt, pass.count);
      for (let i = 0; i < pass.count; i++) factors[i] = clippingFactor(clippingNorm, own[i]);
      for (const { parameters } of this.#assembly.trainable) {
        parameters?.addWeightedSum(this.gradientAt, this.#factorsAt, pass.count);
      }
    });
    return { ...result, norms };
  }

  /** Every example's gradient as a row, for audits: slow, and examples × parameters floats large. `gradient` is left alone. */
  exampleGradients(batch: Batch, loss: LossSpec, options: GradientOptions = {}): Float32Array<ArrayBuffer> {
    const rows = new Float32Array(this.#countOf(batch.inputs) * this.parameterCount);
    const { memory } = this.engine;
    if (this.#exampleAt === 0) this.#exampleAt = memory.reserveFloats(this.parameterCount);
    this.#overPieces(batch, loss, options, (pass, first) => {
      this.#backward(pass);
      for (let i = 0; i < pass.count; i++) {
        for (const { parameters } of this.#assembly.trainable) parameters?.sum(this.#exampleAt, i, 1, true);
        rows.set(memory.f32(this.#exampleAt, this.parameterCount), (first + i) * this.parameterCount);
      }
    });
    return rows;
  }

  /** Checks everything, then runs forward and loss over pieces of at most maxBatch, and `then` after each. */
  #overPieces(
    { inputs, targets }: Batch,
    loss: LossSpec,
    { dropoutSeed }: GradientOptions,
    then: (pass: Pass, first: number) => void,
  ): ExampleLosses {
    const count = this.#countOf(inputs);
    checkTargets(loss, targets, count, this.outputSize);
    const losses = new Float32Array(count);
    const width = targets.length / count;
    const { memory } = this.engine;
    for (let first = 0; first < count; first += this.maxBatch) {
      const size = Math.min(this.maxBatch, count - first);
      const pass: Pass = {
        count: size,
        training: dropoutSeed !== undefined,
        dropoutSeed: ((dropoutSeed ?? 0) + Math.imul(first, 0x9e3779b1)) >>> 0,
      };
      this.#forward(inputs, first, pass);
      const own = targets.subarray(first * width, (first + size) * width);
      if (own instanceof Uint32Array) memory.u32(this.#targetsAt, own.length).set(own);
      else memory.f32(this.#targetsAt, own.length).set(own);
      const { value: outputs, gradient } = this.#assembly.output;
      const places = { losses: this.#lossesAt, gradient, outputs, targets: this.#targetsAt };
      computeLoss(this.engine, loss, places, size, this.outputSize);
      losses.set(memory.f32(this.#lossesAt, size), first);
      then(pass, first);
    }
    return { losses, meanLoss: losses.reduce((sum, value) => sum + value, 0) / count };
  }

  #countOf(inputs: Float32Array): number {
    const count = inputs.length / this.inputSize;
    if (!Number.isInteger(count)) {
      throw new ParameterError(`${inputs.length} numbers are no whole examples of ${this.inputSize}`);
    }
    if (count === 0) throw new ParameterError('a batch has at least one example');
    return count;
  }

  #forward(inputs: Float32Array, first: number, pass: Pass): void {
    const { memory, vectors } = this.engine;
    const n = pass.count * this.inputSize;
    const own = inputs.subarray(first * this.inputSize, first * this.inputSize + n);
    memory.f32(this.#input.value, n).set(own);
    if (vectors.allFinite(this.#input.value, n) === 0) {
      const bad = own.findIndex((x) => !Number.isFinite(x));
      const example = first + Math.floor(bad / this.inputSize);
      throw new ParameterError(`input ${bad % this.inputSize} of example ${example} is ${own[bad]}`);
    }
    const [layer] = this.architecture.layers;
    if (layer?.kind === 'embedding') {
      const bad = own.findIndex((token) => !(Number.isInteger(token) && token >= 0 && token < layer.vocabulary));
      if (bad >= 0) throw new ParameterError(`token ${own[bad]} is not below ${layer.vocabulary}`);
    }
    for (const one of this.#assembly.layers) one.forward(pass);
  }

  #backward(pass: Pass): void {
    for (let i = this.#assembly.layers.length - 1; i >= 0; i--) this.#assembly.layers[i].backward(pass);
  }

  #addNorms(norms: Float64Array, count: number): void {
    for (const { parameters } of this.#assembly.trainable) parameters?.addSquaredNorms(norms, count);
    for (let i = 0; i < count; i++) norms[i] = Math.sqrt(norms[i]);
  }
}

/**
 * min(1, C/norm) as a float that is never above it: rounding up would let a clipped gradient exceed C. A norm that is not finite gives
 * NaN, which the sum then shows.
 */
function clippingFactor(clippingNorm: number, norm: number): number {
  if (norm <= clippingNorm) return 1;
  const factor = clippingNorm / norm;
  const rounded = Math.fround(factor);
  return rounded <= factor || Number.isNaN(factor) ? rounded : Math.fround(rounded * (1 - 2 ** -24));
}
