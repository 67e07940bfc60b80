// A network that can be differentiated twice: by its weights, as a participant does, and that gradient again by the inputs, as an attacker
// does who asks which inputs would have given it. For a direction r in weight space,
//     ∂/∂x ⟨∇_θ ℓ(x, θ), r⟩ = d/dε ∇_x ℓ(x, θ + ε·r) at ε = 0,
// so one forward and one backward pass with tangents along r (Pearlmutter 1994) give what two nested backward passes would. For small networks,
// with the layouts of `@sumus/learning/network`.
//
// Refuses what it has no second derivative for: dropout, normalisation, residual blocks, embeddings, GELU, grouped convolutions.

import {
  type Architecture,
  architecture,
  type LayerSpec,
  outputShape,
  parametersOf,
  sizeOf,
} from '@sumus/learning/model';
import type { Slice } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';
import { affineLayer, filterPatches, wholeRows } from './affine.ts';
import { curves, elementwiseLayer, leakyCurve, polynomialCurve } from './elementwise.ts';
import { poolingLayer, windowsOf } from './pooling.ts';
import { type Products, plainProducts } from './products.ts';
import { makeRows, type Rows, type TwiceLayer } from './rows.ts';

export class TwiceDifferentiable {
  readonly count: number;
  readonly classes: number;
  readonly parameterCount: number;
  /** Of the mean cross-entropy by the weights; what `differentiate` left. */
  readonly gradient: Float64Array<ArrayBuffer>;
  readonly #parameters: Float64Array;
  readonly #targets: Float64Array<ArrayBuffer>;
  readonly #probabilities: Float64Array<ArrayBuffer>;
  readonly #layers: readonly TwiceLayer[];
  readonly #input: Rows;
  readonly #output: Rows;

  /** For batches of just `count` examples. */
  constructor(model: Architecture, weights: ArrayLike<number>, count: number, products: Products = plainProducts) {
    const slices = slicesOf(model);
    this.count = count;
    this.classes = sizeOf(outputShape(model));
    this.parameterCount = slices.reduce((sum, { length }) => sum + length, 0);
    if (!Number.isSafeInteger(count) || count < 1) throw new ParameterError(`${count} is no number of examples`);
    if (weights.length !== this.parameterCount) {
      throw new ParameterError(`${weights.length} weights for ${this.parameterCount} parameters`);
    }
    this.gradient = new Float64Array(this.parameterCount);
    this.#parameters = Float64Array.from(weights);
    this.#targets = new Float64Array(count * this.classes);
    this.#probabilities = new Float64Array(count * this.classes);
    this.#input = makeRows(count, sizeOf(model.input));
    this.#layers = layersOf(model, slices, this.#input, products);
    this.#output = this.#layers.at(-1)?.output ?? this.#input;
  }

  get inputSize(): number {
    return this.#input.size;
  }

  /** ∂loss/∂inputs of the last `differentiate`. */
  get inputGradient(): Float64Array<ArrayBuffer> {
    return this.#input.gradient;
  }

  /**
   * The mean of -Σ_c targets_c·log softmax_c over the batch; leaves its gradients. Targets are distributions over the classes, because an
   * attacker who does not know the labels searches for them, too.
   */
  differentiate(inputs: Float64Array, targets: Float64Array): number {
    if (inputs.length !== this.#input.value.length) {
      throw new ParameterError(`${inputs.length} numbers are not ${this.count} inputs of ${this.inputSize}`);
    }
    if (targets.length !== this.#targets.length) {
      throw new ParameterError(`${targets.length} targets are not ${this.count} times ${this.classes}`);
    }
    this.#input.value.set(inputs);
    this.#targets.set(targets);
    for (const layer of this.#layers) layer.forward(this.#parameters);
    const loss = this.#lossAndGradient();
    this.gradient.fill(0);
    for (const layer of this.#layers.toReversed()) layer.backward(this.#parameters, this.gradient);
    return loss;
  }

  /** ∂⟨gradient, direction⟩/∂inputs and /∂targets, at what was last differentiated. Views, until the next call. */
  alongWeights(direction: Float64Array): { readonly inputs: Float64Array; readonly targets: Float64Array } {
    if (direction.length !== this.parameterCount) {
      throw new ParameterError(`a direction of ${direction.length} numbers for ${this.parameterCount} parameters`);
    }
    for (const layer of this.#layers) layer.forwardTangent(this.#parameters, direction);
    const targets = this.#lossTangent();
    for (const layer of this.#layers.toReversed()) layer.backwardTangent(this.#parameters, direction);
    return { inputs: this.#input.gradientTangent, targets };
  }

  /** p = softmax(z); ∂ℓ/∂z_c = (p_c·Σt − t_c)/B. */
  #lossAndGradient(): number {
    const { classes, count } = this;
    const { value, gradient } = this.#output;
    let loss = 0;
    for (let at = 0; at < value.length; at += classes) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) largest = Math.max(largest, value[at + c]);
      let total = 0;
      for (let c = 0; c < classes; c++) total += this.#probabilities[at + c] = Math.exp(value[at + c] - largest);
      let mass = 0;
      for (let c = 0; c < classes; c++) {
        mass += this.#targets[at + c];
        loss -= (this.#targets[at + c] * (value[at + c] - largest - Math.log(total))) / count;
      }
      for (let c = 0; c < classes; c++) {
        this.#probabilities[at + c] /= total;
        gradient[at + c] = (this.#probabilities[at + c] * mass - this.#targets[at + c]) / count;
      }
    }
    return loss;
  }

  /** ṗ_c = p_c·(ż_c − Σ p·ż); what the targets get is d/dε of ∂ℓ/∂t_c = −log p_c/B, hence −(ż_c − Σ p·ż)/B. */
  #lossTangent(): Float64Array<ArrayBuffer> {
    const { classes, count } = this;
    const { tangent, gradientTangent } = this.#output;
    const ofTargets = new Float64Array(tangent.length);
    for (let at = 0; at < tangent.length; at += classes) {
      let [mean, mass] = [0, 0];
      for (let c = 0; c < classes; c++) {
        mean += this.#probabilities[at + c] * tangent[at + c];
        mass += this.#targets[at + c];
      }
      for (let c = 0; c < classes; c++) {
        const centred = tangent[at + c] - mean;
        gradientTangent[at + c] = (this.#probabilities[at + c] * centred * mass) / count;
        ofTargets[at + c] = -centred / count;
      }
    }
    return ofTargets;
  }
}

/** Names, shapes and places of the parameters, as a `Network` has them. */
function slicesOf(model: Architecture): readonly Slice[] {
  let offset = 0;
  return parametersOf(model).map(({ name, shape }) => {
    const length = sizeOf(shape);
    offset += length;
    return { name, shape, offset: offset - length, length };
  });
}

function layersOf(
  model: Architecture,
  slices: readonly Slice[],
  input: Rows,
  products: Products,
): readonly TwiceLayer[] {
  let rows = input;
  let shape = model.input;
  return model.layers.map((spec, place) => {
    const output = outputShape(architecture({ input: model.input, layers: model.layers.slice(0, place + 1) }));
    const own = (role: string): Slice | undefined =>
      slices.find(({ name }) => name === `${place}.${spec.kind}.${role}`);
    const layer = layerOf(spec, rows, shape, output, {
      weight: own('weight'),
      bias: own('bias'),
      isFirst: place === 0,
      products,
    });
    [rows, shape] = [layer.output, output];
    return layer;
  });
}

interface Own {
  readonly weight: Slice | undefined;
  readonly bias: Slice | undefined;
  readonly isFirst: boolean;
  readonly products: Products;
}

function layerOf(
  spec: LayerSpec,
  input: Rows,
  shape: readonly number[],
  output: readonly number[],
  { weight, bias, isFirst, products }: Own,
): TwiceLayer {
  switch (spec.kind) {
    case 'dense':
    case 'conv2d': {
      if (weight === undefined) throw new ParameterError(`a ${spec.kind} layer without weights`);
      const patches = spec.kind === 'dense' ? wholeRows(input) : filterPatches(input, shape, output, spec);
      const units = spec.kind === 'dense' ? spec.units : spec.filters;
      return affineLayer(input, sizeOf(output), patches, { weight, bias, units, isFirst, products });
    }
    case 'relu':
    case 'tanh':
    case 'sigmoid':
    case 'softplus':
    case 'square':
      return elementwiseLayer(input, curves[spec.kind]);
    case 'leakyRelu':
      return elementwiseLayer(input, leakyCurve(spec.slope ?? 0.01));
    case 'polynomial':
      return elementwiseLayer(input, polynomialCurve(spec.coefficients));
    case 'flatten':
      return elementwiseLayer(input, polynomialCurve([0, 1]));
    case 'maxPool':
    case 'averagePool': {
      const { window, step = window } = spec;
      const windows = windowsOf(shape, output, [window, window], step);
      return poolingLayer(input, windows, spec.kind === 'maxPool' ? 'largest' : 'average');
    }
    case 'globalAveragePool':
      return poolingLayer(input, windowsOf(shape, [1, 1], [shape[0], shape[1]], 1), 'average');
    default:
      throw new ParameterError(`a layer of kind ${spec.kind} cannot be attacked by matching gradients`);
  }
}
