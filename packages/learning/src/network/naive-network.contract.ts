// A network in doubles, layer by layer as the formulas read, one example at a time: what gradients are checked against by central
// differences. Shares nothing with the engines.

import type { LossSpec } from '../losses/loss.ts';
import type { LayerSpec } from '../model/layer-spec.ts';
import { convolutionExtent, describeLayer, type Shape } from '../model/shapes.ts';

type Numbers = readonly number[];

/** Hands out parameters in their order in the flat vector. */
class Reader {
  readonly #weights: ArrayLike<number>;
  #at = 0;
  constructor(weights: ArrayLike<number>) {
    this.#weights = weights;
  }
  take(length: number): Numbers {
    const taken = Array.from({ length }, (_, i) => this.#weights[this.#at + i]);
    this.#at += length;
    return taken;
  }
}

const erfless = Math.sqrt(2 / Math.PI);
const scalar: Readonly<Record<string, (x: number) => number>> = {
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.log1p(Math.exp(x)),
  gelu: (x) => 0.5 * x * (1 + Math.tanh(erfless * (x + 0.044715 * x ** 3))),
  square: (x) => x * x,
};

function normalise(x: Numbers, epsilon: number): Numbers {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
  return x.map((v) => (v - mean) / Math.sqrt(variance + epsilon));
}

function runLayer(layer: LayerSpec, x: Numbers, shape: Shape, reader: Reader): Numbers {
  const [rows = 1, columns = 1, channels = 1] = shape;
  const pixel = (y: number, xx: number, c: number): number =>
    y < 0 || xx < 0 || y >= rows || xx >= columns ? 0 : x[(y * columns + xx) * channels + c];
  const { output } = describeLayer(layer, shape, '0');
  const outputs = (value: (oy: number, ox: number, c: number) => number): Numbers => {
    const [outRows, outColumns, outChannels] = output;
    return Array.from({ length: outRows * outColumns * outChannels }, (_, i) =>
      value(Math.floor(i / (outColumns * outChannels)), Math.floor(i / outChannels) % outColumns, i % outChannels),
    );
  };
  const windowOf = (window: number, step: number, oy: number, ox: number, c: number): Numbers =>
    Array.from({ length: window * window }, (_, i) =>
      pixel(oy * step + Math.floor(i / window), ox * step + (i % window), c),
    );
  switch (layer.kind) {
    case 'dense': {
      const weights = reader.take(x.length * layer.units);
      const bias = layer.bias === false ? new Array<number>(layer.units).fill(0) : reader.take(layer.units);
      return bias.map((b, j) => x.reduce((sum, v, i) => sum + v * weights[i * layer.units + j], b));
    }
    case 'conv2d': {
      const { kernel, filters, step = 1, groups = 1 } = layer;
      const own = channels / groups;
      const weights = reader.take(kernel * kernel * own * filters);
      const bias = layer.bias === false ? new Array<number>(filters).fill(0) : reader.take(filters);
      const [top, left] = [convolutionExtent(rows, layer).before, convolutionExtent(columns, layer).before];
      return outputs((oy, ox, f) => {
        const group = Math.floor(f / (filters / groups));
        let sum = bias[f];
        for (let ky = 0; ky < kernel; ky++) {
          for (let kx = 0; kx < kernel; kx++) {
            for (let c = 0; c < own; c++) {
              const weight = weights[((ky * kernel + kx) * own + c) * filters + f];
              sum += weight * pixel(oy * step + ky - top, ox * step + kx - left, group * own + c);
            }
          }
        }
        return sum;
      });
    }
    case 'maxPool':
      return outputs((oy, ox, c) => Math.max(...windowOf(layer.window, layer.step ?? layer.window, oy, ox, c)));
    case 'averagePool':
      return outputs((oy, ox, c) => {
        const values = windowOf(layer.window, layer.step ?? layer.window, oy, ox, c);
        return values.reduce((a, b) => a + b, 0) / values.length;
      });
    case 'globalAveragePool':
      return Array.from({ length: channels }, (_, c) => {
        let sum = 0;
        for (let i = c; i < x.length; i += channels) sum += x[i];
        return sum / (rows * columns);
      });
    case 'flatten':
    case 'dropout':
      return x;
    case 'leakyRelu':
      return x.map((v) => (v > 0 ? v : (layer.slope ?? 0.01) * v));
    case 'polynomial':
      return x.map((v) => layer.coefficients.reduce((sum, c, i) => sum + c * v ** i, 0));
    case 'layerNorm': {
      const gain = reader.take(x.length);
      const bias = reader.take(x.length);
      return normalise(x, layer.epsilon ?? 1e-5).map((v, i) => v * gain[i] + bias[i]);
    }
    case 'groupNorm': {
      const gain = reader.take(channels);
      const bias = reader.take(channels);
      const width = channels / layer.groups;
      const result = new Array<number>(x.length);
      for (let group = 0; group < layer.groups; group++) {
        const places = x.map((_, i) => i).filter((i) => Math.floor((i % channels) / width) === group);
        normalise(
          places.map((i) => x[i]),
          layer.epsilon ?? 1e-5,
        ).forEach((v, place) => {
          const i = places[place];
          result[i] = v * gain[i % channels] + bias[i % channels];
        });
      }
      return result;
    }
    case 'embedding': {
      const table = reader.take(layer.vocabulary * layer.width);
      return x.flatMap((token) => table.slice(token * layer.width, (token + 1) * layer.width));
    }
    case 'residual': {
      const body = runLayers(layer.layers, x, shape, reader);
      const aside = runLayers(layer.shortcut ?? [], x, shape, reader);
      return body.map((v, i) => v + aside[i]);
    }
    default:
      return x.map(scalar[layer.kind]);
  }
}

export function runLayers(layers: readonly LayerSpec[], input: Numbers, shape: Shape, reader: Reader): Numbers {
  let x = input;
  let at = shape;
  layers.forEach((layer, index) => {
    x = runLayer(layer, x, at, reader);
    at = describeLayer(layer, at, `${index}`).output;
  });
  return x;
}

export function naiveOutputs(
  { input, layers }: { readonly input: Shape; readonly layers: readonly LayerSpec[] },
  weights: ArrayLike<number>,
  example: Numbers,
): Numbers {
  return runLayers(layers, example, input, new Reader(weights));
}

/** The loss of one example; the target is a label or a row. */
export function naiveLoss(loss: LossSpec, z: Numbers, target: Numbers): number {
  const meanOf = (value: (z: number, t: number) => number): number =>
    z.reduce((sum, v, i) => sum + value(v, target[i]), 0) / z.length;
  switch (loss.kind) {
    case 'crossEntropy':
      return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[target[0]];
    case 'binaryCrossEntropy':
      return meanOf((v, t) => Math.log1p(Math.exp(v)) - t * v);
    case 'squaredError':
      return meanOf((v, t) => (v - t) ** 2);
    case 'huber':
      return meanOf((v, t) => {
        const e = Math.abs(v - t);
        return e <= loss.delta ? 0.5 * e * e : loss.delta * (e - 0.5 * loss.delta);
      });
  }
}

/** Every parameter's derivative of a function of the weights, by central differences. */
export function centralDifferences(
  f: (weights: Float64Array) => number,
  at: ArrayLike<number>,
  h = 1e-5,
): Float64Array {
  const weights = Float64Array.from(at);
  return weights.map((w, i) => {
    weights[i] = w + h;
    const above = f(weights);
    weights[i] = w - h;
    const below = f(weights);
    weights[i] = w;
    return (above - below) / (2 * h);
  });
}
