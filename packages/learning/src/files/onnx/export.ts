// A network as an ONNX file: our architecture and its flat weights become a graph of opset 21.
//
// The file's input has the shape and order of ours, [batch, features] or [batch, rows, columns, channels]; ONNX's image operators want
// channels first, so the graph transposes before the first of them and back before a flatten, and weights keep the order of their rows.
// Outputs are the network's (before any softmax, unless one is asked for). Dropout is written, and does nothing when the file runs.

import { ParameterError } from '../../errors.ts';
import { type Architecture, parameterCount } from '../../model/architecture.ts';
import type { LayerSpec } from '../../model/layer-spec.ts';
import { convolutionExtent, describeLayer, type Shape, sizeOf } from '../../model/shapes.ts';
import { encodeOnnx } from './encode.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor } from './graph.ts';
import { channelsFirst, convolutionWeights } from './layout.ts';

export interface ExportOptions {
  /** Append a softmax over the outputs. */
  readonly isSoftmaxAppended?: boolean;
}

const OPSET = 21;

export function exportOnnx(
  model: Architecture,
  weights: Float32Array,
  options: ExportOptions = {},
): Uint8Array<ArrayBuffer> {
  return encodeOnnx(onnxGraph(model, weights, options));
}

export function onnxGraph(
  model: Architecture,
  weights: Float32Array,
  { isSoftmaxAppended = false }: ExportOptions = {},
): OnnxGraph {
  const count = parameterCount(model);
  if (weights.length !== count) throw new ParameterError(`${weights.length} weights for ${count} parameters`);
  const wrong = weights.findIndex((weight) => !Number.isFinite(weight));
  if (wrong >= 0) throw new ParameterError(`weight ${wrong} is ${weights[wrong]}`);
  const builder = new Builder(weights);
  const logits = builder.inRows(
    builder.layers(model.layers, { name: 'input', shape: model.input, isChannelsFirst: false }, ''),
  );
  const output = isSoftmaxAppended ? builder.node('Softmax', 'softmax', [logits.name], { axis: int(-1) }) : logits.name;
  builder.node('Identity', 'end', [output], {}, 'output');
  return {
    name: 'network',
    opset: OPSET,
    nodes: builder.nodes,
    initializers: builder.initializers,
    inputs: [{ name: 'input', elementType: 'float32', shape: ['batch', ...model.input] }],
    outputs: [{ name: 'output', elementType: 'float32', shape: ['batch', ...logits.shape] }],
  };
}

const int = (value: number): OnnxAttribute => ({ kind: 'int', value });
const ints = (...value: readonly number[]): OnnxAttribute => ({ kind: 'ints', value });
const float = (value: number): OnnxAttribute => ({ kind: 'float', value: Math.fround(value) });
const text = (value: string): OnnxAttribute => ({ kind: 'string', value });

/** A value of the graph; `shape` is ours (rows × columns × channels), whatever the order in the graph. */
interface Value {
  readonly name: string;
  readonly shape: Shape;
  readonly isChannelsFirst: boolean;
}

/** Operators that layers of the same kind become without attributes. */
const plainOperators = { relu: 'Relu', tanh: 'Tanh', sigmoid: 'Sigmoid', softplus: 'Softplus' } as const;

class Builder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: OnnxTensor[] = [];
  readonly #weights: Float32Array;
  readonly #transposes = new Map<string, string>();
  #at = 0;

  constructor(weights: Float32Array) {
    this.#weights = weights;
  }

  node(
    operator: string,
    path: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output = `${path}.${operator}`,
  ): string {
    const name = `${path}.${operator}`;
    this.nodes.push({ name, operator, inputs, outputs: [output], attributes: new Map(Object.entries(attributes)) });
    return output;
  }

  layers(specs: readonly LayerSpec[], input: Value, prefix: string): Value {
    return specs.reduce((value, spec, index) => {
      return this.#layer(spec, value, prefix === '' ? `${index}` : `${prefix}.${index}`);
    }, input);
  }

  /** The value in our order. */
  inRows(value: Value): Value {
    return value.isChannelsFirst ? this.#transposed(value, 'back', [0, 2, 3, 1]) : value;
  }

  #inChannels(value: Value): Value {
    return value.isChannelsFirst ? value : this.#transposed(value, 'forth', [0, 3, 1, 2]);
  }

  /** Both sides of a block may ask for the same value: it is transposed once. */
  #transposed(value: Value, way: 'back' | 'forth', permutation: readonly number[]): Value {
    const known = this.#transposes.get(value.name);
    const name = known ?? this.node('Transpose', `${value.name}.${way}`, [value.name], { perm: ints(...permutation) });
    this.#transposes.set(value.name, name);
    return { ...value, name, isChannelsFirst: way === 'forth' };
  }

  #layer(spec: LayerSpec, input: Value, path: string): Value {
    const { output: shape } = describeLayer(spec, input.shape, path);
    const same = (name: string): Value => ({ ...input, name });
    switch (spec.kind) {
      case 'dense': {
        const weight = this.#take(`${path}.weight`, [sizeOf(input.shape), spec.units]);
        const bias = spec.bias === false ? [] : [this.#take(`${path}.bias`, [spec.units])];
        return { ...input, shape, name: this.node('Gemm', path, [input.name, weight, ...bias]) };
      }
      case 'conv2d':
        return this.#convolution(spec, this.#inChannels(input), path, shape);
      case 'maxPool':
      case 'averagePool': {
        const { window, step = window } = spec;
        const from = this.#inChannels(input);
        const operator = spec.kind === 'maxPool' ? 'MaxPool' : 'AveragePool';
        const attributes = { kernel_shape: ints(window, window), strides: ints(step, step) };
        return { ...from, shape, name: this.node(operator, path, [from.name], attributes) };
      }
      case 'globalAveragePool': {
        const pooled = this.node('GlobalAveragePool', path, [this.#inChannels(input).name]);
        const name = this.node('Flatten', path, [pooled], { axis: int(1) });
        return { name, shape, isChannelsFirst: false };
      }
      case 'flatten': {
        if (input.shape.length === 1) return input;
        const rows = this.inRows(input);
        return { ...rows, shape, name: this.node('Flatten', path, [rows.name], { axis: int(1) }) };
      }
      case 'relu':
      case 'tanh':
      case 'sigmoid':
      case 'softplus':
        return same(this.node(plainOperators[spec.kind], path, [input.name]));
      case 'gelu':
        return same(this.node('Gelu', path, [input.name], { approximate: text('tanh') }));
      case 'square':
        return same(this.node('Mul', path, [input.name, input.name]));
      case 'leakyRelu':
        return same(this.node('LeakyRelu', path, [input.name], { alpha: float(spec.slope ?? 0.01) }));
      case 'polynomial':
        return same(this.#polynomial(spec.coefficients, input.name, path));
      case 'dropout': {
        const ratio = this.#constant(`${path}.ratio`, [], Float32Array.of(spec.rate));
        return same(this.node('Dropout', path, [input.name, ratio]));
      }
      case 'layerNorm': {
        const [gain, bias] = ['gain', 'bias'].map((role) => this.#takeLike(`${path}.${role}`, input));
        const attributes = { axis: int(1), epsilon: float(spec.epsilon ?? 1e-5) };
        return same(this.node('LayerNormalization', path, [input.name, gain, bias], attributes));
      }
      case 'groupNorm': {
        const from = this.#inChannels(input);
        const [gain, bias] = ['gain', 'bias'].map((role) => this.#take(`${path}.${role}`, [input.shape[2]]));
        const attributes = { num_groups: int(spec.groups), epsilon: float(spec.epsilon ?? 1e-5) };
        return { ...from, name: this.node('GroupNormalization', path, [from.name, gain, bias], attributes) };
      }
      case 'embedding': {
        const table = this.#take(`${path}.weight`, [spec.vocabulary, spec.width]);
        const tokens = this.node('Cast', path, [input.name], { to: int(7) });
        return { ...input, shape, name: this.node('Gather', path, [table, tokens], { axis: int(0) }) };
      }
      case 'residual': {
        const body = this.layers(spec.layers, input, `${path}.layers`);
        const aside = this.layers(spec.shortcut ?? [], input, `${path}.shortcut`);
        // Both in one order: channels first as soon as one of them is.
        const isMixed = body.isChannelsFirst !== aside.isChannelsFirst;
        const [a, b] = isMixed ? [this.#inChannels(body), this.#inChannels(aside)] : [body, aside];
        return { ...a, name: this.node('Add', path, [a.name, b.name]) };
      }
      default:
        return spec satisfies never;
    }
  }

  #convolution(spec: LayerSpec & { readonly kind: 'conv2d' }, input: Value, path: string, shape: Shape): Value {
    const { filters, kernel, step = 1, groups = 1 } = spec;
    const [rows, columns, channels] = input.shape;
    const own = channels / groups;
    const weights = convolutionWeights(
      this.#slice(kernel * kernel * own * filters),
      { kernel, channels: own, filters },
      'ours',
    );
    const weight = this.#constant(`${path}.weight`, [filters, own, kernel, kernel], weights);
    const bias = spec.bias === false ? [] : [this.#take(`${path}.bias`, [filters])];
    const [vertical, horizontal] = [convolutionExtent(rows, spec), convolutionExtent(columns, spec)];
    const name = this.node('Conv', path, [input.name, weight, ...bias], {
      kernel_shape: ints(kernel, kernel),
      strides: ints(step, step),
      pads: ints(vertical.before, horizontal.before, vertical.after, horizontal.after),
      group: int(groups),
    });
    return { ...input, shape, name };
  }

  /** Horner's scheme, the highest coefficient first. */
  #polynomial(coefficients: readonly number[], input: string, path: string): string {
    const constant = (i: number): string => this.#constant(`${path}.${i}`, [], Float32Array.of(coefficients[i]));
    let degree = coefficients.length - 1;
    let value =
      degree === 0
        ? this.node('Mul', `${path}.none`, [input, this.#constant(`${path}.zero`, [], Float32Array.of(0))])
        : this.node('Mul', `${path}.${degree}`, [input, constant(degree)]);
    while (degree > 1) {
      degree -= 1;
      value = this.node('Mul', `${path}.${degree}`, [
        this.node('Add', `${path}.${degree}`, [value, constant(degree)]),
        input,
      ]);
    }
    return this.node('Add', `${path}.0`, [value, constant(0)]);
  }

  #constant(name: string, shape: readonly number[], data: Float32Array): string {
    this.initializers.push({ name, shape, elementType: 'float32', data });
    return name;
  }

  /** The next weights of the flat vector, as they are. */
  #take(name: string, shape: readonly number[]): string {
    return this.#constant(name, shape, this.#slice(sizeOf(shape)));
  }

  /** The next weights, one for each element of `value`, in its order. */
  #takeLike(name: string, { shape, isChannelsFirst }: Value): string {
    if (!isChannelsFirst) return this.#take(name, shape);
    const [rows, columns, channels] = shape;
    return this.#constant(
      name,
      [channels, rows, columns],
      channelsFirst(this.#slice(sizeOf(shape)), { rows, columns, channels }),
    );
  }

  #slice(length: number): Float32Array {
    this.#at += length;
    return this.#weights.slice(this.#at - length, this.#at);
  }
}
