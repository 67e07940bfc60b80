// Shapes: what a layer makes of its input's shape, and which parameters it has. The one place that refuses shapes, by the layer's
// place and name and both shapes.

import { ParameterError } from '../errors.ts';
import type { Conv2d, Initialiser, LayerSpec } from './layer-spec.ts';

/** Of one example: [features], [rows, columns, channels] or [tokens]; channels vary fastest. */
export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((product, n) => product * n, 1);
export const shown = (shape: Shape): string => shape.join('×');

export interface ParameterDeclaration {
  /** Place in the architecture, kind and role: `3.dense.weight`, inside a residual block `2.layers.0.conv2d.bias`. */
  readonly name: string;
  readonly shape: Shape;
  readonly fanIn: number;
  readonly fanOut: number;
  readonly initialiser: Initialiser | 'ones';
}

export interface LayerDescription {
  readonly output: Shape;
  readonly parameters: readonly ParameterDeclaration[];
}

/** Rows (or columns) of zeros before and after, and the output's size. */
export interface Extent {
  readonly before: number;
  readonly after: number;
  readonly output: number;
}

export function convolutionExtent(size: number, { kernel, step = 1, padding = 0 }: Conv2d): Extent {
  if (padding !== 'same') {
    return { before: padding, after: padding, output: Math.floor((size + 2 * padding - kernel) / step) + 1 };
  }
  const output = Math.ceil(size / step);
  const total = Math.max((output - 1) * step + kernel - size, 0);
  return { before: Math.floor(total / 2), after: total - Math.floor(total / 2), output };
}

const isWhole = (n: number): boolean => Number.isSafeInteger(n) && n > 0;

/** The output's shape and the parameters of a layer at `path`. */
export function describeLayer(layer: LayerSpec, input: Shape, path: string): LayerDescription {
  const where = `layer ${path} (${layer.kind})`;
  const refuse = (why: string): never => {
    throw new ParameterError(`${where} cannot take ${shown(input)}: ${why}`);
  };
  const requireWhole = (name: string, value: number): void => {
    if (!isWhole(value)) throw new ParameterError(`${where}: ${name} must be a positive integer, not ${value}`);
  };
  const image = (): readonly [number, number, number] =>
    input.length === 3 ? [input[0], input[1], input[2]] : refuse('it wants rows×columns×channels');
  const parameter = (
    role: string,
    shape: Shape,
    initialiser: Initialiser | 'ones',
    fanIn = 1,
    fanOut = 1,
  ): ParameterDeclaration => ({ name: `${path}.${layer.kind}.${role}`, shape, fanIn, fanOut, initialiser });
  const unchanged: LayerDescription = { output: input, parameters: [] };

  switch (layer.kind) {
    case 'dense': {
      requireWhole('units', layer.units);
      if (input.length !== 1) refuse('it wants one row of features; put a flatten before it');
      const [features] = input;
      const { initialiser = 'he', units } = layer;
      const weight = parameter('weight', [features, units], initialiser, features, units);
      const bias = parameter('bias', [units], 'zeros');
      return { output: [units], parameters: layer.bias === false ? [weight] : [weight, bias] };
    }
    case 'conv2d': {
      const { filters, kernel, step = 1, groups = 1, initialiser = 'he', padding = 0 } = layer;
      for (const [name, value] of Object.entries({ filters, kernel, step, groups })) requireWhole(name, value);
      const [rows, columns, channels] = image();
      if (padding !== 'same' && !(Number.isSafeInteger(padding) && padding >= 0 && padding < kernel)) {
        refuse(`padding must be 'same' or an integer from 0 to ${kernel - 1}, not ${padding}`);
      }
      if (channels % groups !== 0 || filters % groups !== 0) {
        refuse(`${groups} groups divide neither or only one of ${channels} channels and ${filters} filters`);
      }
      const extents = [convolutionExtent(rows, layer), convolutionExtent(columns, layer)];
      const output = [extents[0].output, extents[1].output, filters];
      if (!output.every(isWhole)) refuse(`a ${kernel}×${kernel} kernel leaves ${shown(output)}`);
      const taps = kernel * kernel;
      const shape = [kernel, kernel, channels / groups, filters];
      const weight = parameter('weight', shape, initialiser, (taps * channels) / groups, (taps * filters) / groups);
      return {
        output,
        parameters: layer.bias === false ? [weight] : [weight, parameter('bias', [filters], 'zeros')],
      };
    }
    case 'maxPool':
    case 'averagePool': {
      const { window, step = window } = layer;
      requireWhole('window', window);
      requireWhole('step', step);
      const [rows, columns, channels] = image();
      const output = [Math.floor((rows - window) / step) + 1, Math.floor((columns - window) / step) + 1, channels];
      if (!output.every(isWhole)) refuse(`a ${window}×${window} window leaves ${shown(output)}`);
      return { output, parameters: [] };
    }
    case 'globalAveragePool':
      return { output: [image()[2]], parameters: [] };
    case 'flatten':
      return { output: [sizeOf(input)], parameters: [] };
    case 'relu':
    case 'tanh':
    case 'sigmoid':
    case 'softplus':
    case 'gelu':
    case 'square':
      return unchanged;
    case 'leakyRelu':
      if (!Number.isFinite(layer.slope ?? 0)) throw new ParameterError(`${where}: slope must be finite`);
      return unchanged;
    case 'polynomial':
      if (layer.coefficients.length === 0 || !layer.coefficients.every(Number.isFinite)) {
        throw new ParameterError(`${where}: coefficients must be finite, and at least one`);
      }
      return unchanged;
    case 'dropout':
      if (!(layer.rate >= 0 && layer.rate < 1)) {
        throw new ParameterError(`${where}: rate must lie in [0, 1), not ${layer.rate}`);
      }
      return unchanged;
    case 'layerNorm': {
      const shape = [sizeOf(input)];
      return { output: input, parameters: [parameter('gain', shape, 'ones'), parameter('bias', shape, 'zeros')] };
    }
    case 'groupNorm': {
      requireWhole('groups', layer.groups);
      const channels = image()[2];
      if (channels % layer.groups !== 0) refuse(`${layer.groups} groups do not divide ${channels} channels`);
      return {
        output: input,
        parameters: [parameter('gain', [channels], 'ones'), parameter('bias', [channels], 'zeros')],
      };
    }
    case 'embedding': {
      requireWhole('vocabulary', layer.vocabulary);
      requireWhole('width', layer.width);
      if (input.length !== 1) refuse('it wants one row of tokens');
      if (path !== '0') refuse('it must be the first layer');
      const { vocabulary, width } = layer;
      return {
        output: [input[0], width],
        parameters: [parameter('weight', [vocabulary, width], 'glorot', vocabulary, width)],
      };
    }
    case 'residual': {
      if (layer.layers.length === 0) throw new ParameterError(`${where}: it has no layers`);
      const inner = describeLayers(layer.layers, input, `${path}.layers`);
      const shortcut = describeLayers(layer.shortcut ?? [], input, `${path}.shortcut`);
      if (shown(inner.output) !== shown(shortcut.output)) {
        refuse(`its layers give ${shown(inner.output)}, its shortcut gives ${shown(shortcut.output)}`);
      }
      return { output: inner.output, parameters: [...inner.parameters, ...shortcut.parameters] };
    }
    default:
      return layer satisfies never;
  }
}

/** The same for layers one after another; `prefix` is empty at the top. */
export function describeLayers(layers: readonly LayerSpec[], input: Shape, prefix: string): LayerDescription {
  let output = input;
  const parameters: ParameterDeclaration[] = [];
  layers.forEach((layer, index) => {
    const description = describeLayer(layer, output, prefix === '' ? `${index}` : `${prefix}.${index}`);
    output = description.output;
    parameters.push(...description.parameters);
  });
  return { output, parameters };
}
