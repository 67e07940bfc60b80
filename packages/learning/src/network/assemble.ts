// From an architecture to layers in an engine's memory: every buffer for up to `maxBatch` examples is reserved here, once.

import type { Engine } from '../engine/engine.ts';
import { activationLayer } from '../layers/activation.ts';
import { conv2dLayer } from '../layers/conv2d.ts';
import { denseLayer } from '../layers/dense.ts';
import { dropoutLayer } from '../layers/dropout.ts';
import { embeddingLayer } from '../layers/embedding.ts';
import type { Layer, Tensor } from '../layers/layer.ts';
import { normalisationLayer } from '../layers/normalisation.ts';
import { averagePoolLayer, maxPoolLayer } from '../layers/pooling.ts';
import { type Branch, residualLayer } from '../layers/residual.ts';
import type { LayerKind, LayerSpec } from '../model/layer-spec.ts';
import { convolutionExtent, describeLayer, type Shape } from '../model/shapes.ts';
import type { Slice } from './slices.ts';

export interface Site {
  readonly engine: Engine;
  readonly maxBatch: number;
  /** Address of the flat vector of parameters. */
  readonly parameters: number;
  readonly slices: ReadonlyMap<string, Slice>;
}

/** Layers that do not read their own output again, so that what follows may overwrite it. */
const forgetsOutput: ReadonlySet<LayerKind> = new Set<LayerKind>([
  'dense',
  'conv2d',
  'averagePool',
  'globalAveragePool',
  'layerNorm',
  'groupNorm',
  'embedding',
  'residual',
]);

/** All layers with parameters, blocks opened, in any order; and the chain that a pass runs through. */
export interface Assembly extends Branch {
  readonly trainable: readonly Layer[];
}

export function assemble(site: Site, specs: readonly LayerSpec[], shape: Shape, input: Tensor, prefix = ''): Assembly {
  const layers: Layer[] = [];
  const trainable: Layer[] = [];
  let at = input;
  let before = shape;
  specs.forEach((spec, index) => {
    const path = prefix === '' ? `${index}` : `${prefix}.${index}`;
    const made = makeLayer(site, spec, before, at, path, specs[index - 1]?.kind, specs[index + 1]?.kind);
    if (made !== undefined) {
      layers.push(made.layer);
      for (const one of [made.layer, ...made.inner]) if (one.parameters !== undefined) trainable.push(one);
      at = made.layer.output;
    }
    before = describeLayer(spec, before, path).output;
  });
  return { layers, trainable, output: at };
}

interface Made {
  readonly layer: Layer;
  readonly inner: readonly Layer[];
}

function makeLayer(
  site: Site,
  spec: LayerSpec,
  shape: Shape,
  input: Tensor,
  path: string,
  previous: LayerKind | undefined,
  next: LayerKind | undefined,
): Made | undefined {
  const { engine, maxBatch } = site;
  /** Address and offset of a parameter; zeros when it does not exist. */
  const place = (role: string): { readonly address: number; readonly offset: number } => {
    const slice = site.slices.get(`${path}.${spec.kind}.${role}`);
    return slice === undefined
      ? { address: 0, offset: 0 }
      : { address: site.parameters + 4 * slice.offset, offset: slice.offset };
  };
  const plain = (layer: Layer): Made => ({ layer, inner: [] });
  const weights = () => {
    const [weight, bias] = [place('weight'), place('bias')];
    return { weight: weight.address, bias: bias.address, weightOffset: weight.offset, biasOffset: bias.offset };
  };
  const { output } = describeLayer(spec, shape, path);
  const [rows = 1, columns = 1, channels = 1] = shape;

  switch (spec.kind) {
    case 'dense':
      return plain(denseLayer(engine, input, spec.units, weights(), maxBatch));
    case 'conv2d': {
      const { filters, kernel, step = 1, groups = 1 } = spec;
      const vertical = convolutionExtent(rows, spec);
      const horizontal = convolutionExtent(columns, spec);
      const rectified = next === 'relu';
      const geometry = { rows, columns, channels, filters, kernel, step, groups, vertical, horizontal, rectified };
      return plain(conv2dLayer(engine, input, geometry, weights(), maxBatch));
    }
    case 'maxPool':
    case 'averagePool': {
      const { window, step = window } = spec;
      const [outRows, outColumns] = output;
      const geometry = { columns, channels, outRows, outColumns, windowRows: window, windowColumns: window, step };
      const make = spec.kind === 'maxPool' ? maxPoolLayer : averagePoolLayer;
      return plain(make(engine, input, geometry, maxBatch));
    }
    case 'globalAveragePool': {
      const window = { windowRows: rows, windowColumns: columns, step: 1 };
      return plain(
        averagePoolLayer(engine, input, { columns, channels, outRows: 1, outColumns: 1, ...window }, maxBatch),
      );
    }
    case 'flatten':
      // Memory is flat already.
      return undefined;
    case 'relu':
    case 'tanh':
    case 'sigmoid':
    case 'softplus':
    case 'gelu':
    case 'square':
    case 'leakyRelu':
    case 'polynomial': {
      const inPlace = previous !== undefined && forgetsOutput.has(previous);
      const applied = previous === 'conv2d' && spec.kind === 'relu';
      return plain(activationLayer(engine, input, spec, { inPlace, applied }, maxBatch));
    }
    case 'dropout':
      return plain(dropoutLayer(engine, input, spec.rate, hashOf(path), maxBatch));
    case 'layerNorm':
    case 'groupNorm': {
      const { epsilon = 1e-5 } = spec;
      const geometry =
        spec.kind === 'layerNorm'
          ? { positions: 1, channels: input.size, groups: 1, epsilon }
          : { positions: rows * columns, channels, groups: spec.groups, epsilon };
      const [gain, bias] = [place('gain'), place('bias')];
      const places = { gain: gain.address, bias: bias.address, gainOffset: gain.offset, biasOffset: bias.offset };
      return plain(normalisationLayer(engine, input, geometry, places, maxBatch));
    }
    case 'embedding': {
      const { address, offset } = place('weight');
      const places = { weight: address, weightOffset: offset, length: spec.vocabulary * spec.width };
      return plain(embeddingLayer(engine, input, spec.width, places, maxBatch));
    }
    case 'residual': {
      const inner: Layer[] = [];
      const branch =
        (specs: readonly LayerSpec[], name: string) =>
        (own: Tensor): Branch => {
          const assembly = assemble(site, specs, shape, own, `${path}.${name}`);
          inner.push(...assembly.trainable);
          return assembly;
        };
      const { layers, shortcut = [] } = spec;
      const aside = shortcut.length === 0 ? undefined : branch(shortcut, 'shortcut');
      return { layer: residualLayer(engine, input, branch(layers, 'layers'), aside, maxBatch), inner };
    }
    default:
      return spec satisfies never;
  }
}

/** A number for a path: dropout layers need streams of their own. */
function hashOf(path: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
