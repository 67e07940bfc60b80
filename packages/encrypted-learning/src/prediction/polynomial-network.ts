// A network that can be computed on ciphertexts: affine maps and polynomials in turns. Made from an architecture and weights of
// `learning`; what lies between two activations is one affine map, and so is one level deep whatever it was made of.
//
// A square or any polynomial of degree 2 becomes a pure square: a·x² + b·x + c = a·(x + b/2a)² + (c − b²/4a), whose two
// affine parts go into the maps before and after. Dropout is nothing at prediction. Softmax and argmax are the client's.
//
// Refused, by the layer's place and name: activations that are no polynomials (with what to train instead), maximum pools,
// normalisations that depend on the example, embeddings, residual blocks.

import { type Architecture, type LayerSpec, parametersOf, type Shape, sizeOf } from '@sumus/learning/model';
import { ParameterError } from '../errors.ts';
import { type AffineMap, affineMap, applyAffine, compose } from './affine-map.ts';
import { averagePoolMap, convolutionMap, denseMap, type Image } from './layer-maps.ts';

export type Stage =
  | {
      readonly kind: 'affine';
      readonly map: AffineMap;
      /** Where the map's rows look, if it is one convolution of the network's input: for packing (feature-layout.ts). */
      readonly convolution?: ConvolutionGeometry;
    }
  /** Σ coefficients[i]·xⁱ of every number; [0, 0, 1] is the square. */
  | { readonly kind: 'polynomial'; readonly coefficients: readonly number[] };

export interface ConvolutionGeometry {
  readonly image: Image;
  readonly kernel: number;
  readonly step: number;
  readonly before: readonly [number, number];
  readonly output: readonly [number, number];
  readonly filters: number;
}

export interface PolynomialNetwork {
  readonly inputs: number;
  readonly outputs: number;
  /** Begins and ends with an affine map; between two of them stands a polynomial. */
  readonly stages: readonly Stage[];
}

export function polynomialNetwork(model: Architecture, weights: ArrayLike<number>): PolynomialNetwork {
  const parts = cutWeights(model, weights);
  const stages: Stage[] = [];
  let shape = model.input;
  model.layers.forEach((layer, place) => {
    const made = stageOf(layer, shape, place, parts);
    if (made.stage !== undefined) append(stages, made.stage, sizeOf(shape));
    shape = made.output;
  });
  const outputs = sizeOf(shape);
  if (stages.at(-1)?.kind !== 'affine') append(stages, everywhere(outputs, 1, 0), outputs);
  return { inputs: sizeOf(model.input), outputs, stages };
}

/** In doubles: what the encrypted network computes, but for its errors. */
export function evaluateNetwork({ stages }: PolynomialNetwork, x: ArrayLike<number>): Float64Array {
  let values = Float64Array.from(x);
  for (const stage of stages) {
    values =
      stage.kind === 'affine' ? applyAffine(stage.map, values) : values.map((z) => horner(stage.coefficients, z));
  }
  return values;
}

export function horner(coefficients: readonly number[], at: number): number {
  return coefficients.reduceRight((sum, coefficient) => sum * at + coefficient, 0);
}

const SQUARE: readonly number[] = Object.freeze([0, 0, 1]);

/** y_i ↦ factor·y_i + shift. */
function everywhere(n: number, factor: number, shift: number): Stage {
  const rows = Array.from({ length: n }, (_, i) => ({ terms: new Map([[i, factor]]), bias: shift }));
  return { kind: 'affine', map: affineMap(n, rows) };
}

/** `size`: how many numbers arrive. Two affine maps in a row become one; a polynomial of degree 1 is one, and one of degree 2 is two around a square. */
function append(stages: Stage[], stage: Stage, size: number): void {
  const last = stages.at(-1);
  if (stage.kind === 'affine') {
    if (last?.kind === 'affine') stages[stages.length - 1] = { kind: 'affine', map: compose(stage.map, last.map) };
    else stages.push(stage);
    return;
  }
  if (last?.kind !== 'affine') stages.push(everywhere(size, 1, 0));
  const { coefficients } = stage;
  const degree = coefficients.findLastIndex((c) => c !== 0);
  const [c = 0, b = 0, a = 0] = coefficients;
  if (degree <= 1) {
    append(stages, everywhere(size, b, c), size);
  } else if (degree === 2) {
    if (b !== 0) append(stages, everywhere(size, 1, b / (2 * a)), size);
    stages.push({ kind: 'polynomial', coefficients: SQUARE });
    if (a !== 1 || b !== 0 || c !== 0) append(stages, everywhere(size, a, c - (b * b) / (4 * a)), size);
  } else {
    stages.push({ kind: 'polynomial', coefficients: Object.freeze(coefficients.slice(0, degree + 1)) });
  }
}

type Parts = ReadonlyMap<string, Float64Array>;

function cutWeights(model: Architecture, weights: ArrayLike<number>): Parts {
  const parts = new Map<string, Float64Array>();
  let at = 0;
  for (const { name, shape } of parametersOf(model)) {
    const size = sizeOf(shape);
    parts.set(
      name,
      Float64Array.from({ length: Math.max(0, Math.min(size, weights.length - at)) }, (_, i) => weights[at + i]),
    );
    at += size;
  }
  if (at !== weights.length) throw new ParameterError(`${weights.length} weights for an architecture of ${at}`);
  return parts;
}

interface Made {
  readonly stage?: Stage;
  readonly output: Shape;
}

function stageOf(layer: LayerSpec, shape: Shape, place: number, parts: Parts): Made {
  const refuse = (why: string): never => {
    throw new ParameterError(`layer ${place} (${layer.kind}) cannot be computed on ciphertexts: ${why}`);
  };
  const part = (role: string): Float64Array | undefined => parts.get(`${place}.${layer.kind}.${role}`);
  switch (layer.kind) {
    case 'dense':
      return {
        stage: { kind: 'affine', map: denseMap(sizeOf(shape), layer.units, part('weight') ?? [], part('bias')) },
        output: [layer.units],
      };
    case 'conv2d':
      return convolution(layer, imageOf(shape), place === 0, part('weight') ?? new Float64Array(), part('bias'));
    case 'averagePool': {
      const image = imageOf(shape);
      const { window, step = window } = layer;
      const outputs = [image.rows, image.columns].map((size) => Math.floor((size - window) / step) + 1);
      const map = averagePoolMap(image, [window, window], step);
      return { stage: { kind: 'affine', map }, output: [...outputs, image.channels] };
    }
    case 'globalAveragePool': {
      const image = imageOf(shape);
      const map = averagePoolMap(image, [image.rows, image.columns], Math.max(image.rows, image.columns));
      return { stage: { kind: 'affine', map }, output: [image.channels] };
    }
    case 'flatten':
      return { output: [sizeOf(shape)] };
    case 'dropout':
      return { output: shape };
    case 'square':
      return { stage: { kind: 'polynomial', coefficients: SQUARE }, output: shape };
    case 'polynomial':
      return { stage: { kind: 'polynomial', coefficients: layer.coefficients }, output: shape };
    case 'relu':
    case 'leakyRelu':
    case 'tanh':
    case 'sigmoid':
    case 'softplus':
    case 'gelu':
      return refuse("it is no polynomial; train the network with 'square' or 'polynomial' in its place");
    case 'maxPool':
      return refuse("a maximum is no polynomial; train the network with 'averagePool' in its place");
    case 'layerNorm':
    case 'groupNorm':
      return refuse('it divides by what it computes from the example');
    case 'embedding':
      return refuse('it looks a token up, and the token is encrypted');
    case 'residual':
      return refuse('blocks with shortcuts are not supported');
    default:
      return layer satisfies never;
  }
}

function imageOf([rows, columns, channels]: Shape): Image {
  return { rows, columns, channels };
}

function convolution(
  layer: Extract<LayerSpec, { kind: 'conv2d' }>,
  image: Image,
  isFirst: boolean,
  weight: Float64Array,
  bias: Float64Array | undefined,
): Made {
  const { filters, kernel, step = 1, padding = 0, groups = 1 } = layer;
  const sizes = [image.rows, image.columns];
  const [rows, columns] = sizes.map((size) => extent(size, kernel, step, padding));
  const output: readonly [number, number] = [rows.output, columns.output];
  const before: readonly [number, number] = [rows.before, columns.before];
  const map = convolutionMap(image, {
    count: filters,
    kernel,
    step,
    before,
    output,
    groups,
    weight,
    ...(bias === undefined ? {} : { bias }),
  });
  const geometry = isFirst ? { convolution: { image, kernel, step, before, output, filters } } : {};
  return { stage: { kind: 'affine', map, ...geometry }, output: [...output, filters] };
}

/** As in learning's model/shapes.ts: 'same' keeps ⌈size / step⌉ and puts the odd zero last. */
function extent(
  size: number,
  kernel: number,
  step: number,
  padding: number | 'same',
): { before: number; output: number } {
  if (padding !== 'same') return { before: padding, output: Math.floor((size + 2 * padding - kernel) / step) + 1 };
  const output = Math.ceil(size / step);
  return { before: Math.floor(Math.max((output - 1) * step + kernel - size, 0) / 2), output };
}
