// The same networks in @jax-js/jax, whose automatic differentiation is the second, independent opinion on our gradients. Its arrays are
// counted by hand: a function consumes its arguments, `.ref` keeps one for another use.

import { type Array as JaxArray, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { LossSpec } from '../losses/loss.ts';
import type { Architecture } from '../model/architecture.ts';
import type { LayerSpec } from '../model/layer-spec.ts';
import { convolutionExtent, describeLayer, type Shape, sizeOf } from '../model/shapes.ts';

/** Hands out parameters of one flat array, in order. */
class Reader {
  readonly #weights: JaxArray;
  #at = 0;
  constructor(weights: JaxArray) {
    this.#weights = weights;
  }
  take(shape: Shape): JaxArray {
    const start = this.#at;
    this.#at += sizeOf(shape);
    return this.#weights.ref.slice([start, this.#at]).reshape([...shape]);
  }
}

const toChannelsFirst = (x: JaxArray): JaxArray => np.transpose(x, [0, 3, 1, 2]);
const toChannelsLast = (x: JaxArray): JaxArray => np.transpose(x, [0, 2, 3, 1]);

function standardised(x: JaxArray, axes: number[], epsilon: number): JaxArray {
  const centred = x.ref.sub(np.mean(x, axes, { keepdims: true }));
  const variance = np.mean(centred.ref.mul(centred.ref), axes, { keepdims: true });
  return centred.div(np.sqrt(variance.add(epsilon)));
}

/** x is examples × shape. */
function runLayer(layer: LayerSpec, x: JaxArray, shape: Shape, count: number, reader: Reader): JaxArray {
  const { output, parameters } = describeLayer(layer, shape, '0');
  switch (layer.kind) {
    case 'dense': {
      const product = np.matmul(x, reader.take(parameters[0].shape));
      return layer.bias === false ? product : product.add(reader.take([layer.units]));
    }
    case 'conv2d': {
      const { step = 1, groups = 1 } = layer;
      const filters = np.transpose(reader.take(parameters[0].shape), [3, 2, 0, 1]);
      const padding = [convolutionExtent(shape[0], layer), convolutionExtent(shape[1], layer)];
      const y = lax.convGeneralDilated(
        toChannelsFirst(x),
        filters,
        [step, step],
        padding.map(({ before, after }): [number, number] => [before, after]),
        { featureGroupCount: groups },
      );
      return layer.bias === false ? toChannelsLast(y) : toChannelsLast(y).add(reader.take([layer.filters]));
    }
    case 'maxPool':
    case 'averagePool': {
      const { window, step = window } = layer;
      const reduce = layer.kind === 'maxPool' ? np.max : np.mean;
      return toChannelsLast(
        lax.reduceWindow(toChannelsFirst(x), (values) => reduce(values), [window, window], [step, step]),
      );
    }
    case 'globalAveragePool':
      return np.mean(x, [1, 2]);
    case 'flatten':
      return x.reshape([count, sizeOf(output)]);
    case 'dropout':
      return x;
    case 'relu':
      return nn.relu(x);
    case 'tanh':
      return np.tanh(x);
    case 'sigmoid':
      return nn.sigmoid(x);
    case 'softplus':
      return nn.softplus(x);
    case 'gelu':
      return nn.gelu(x);
    case 'square':
      return x.ref.mul(x);
    case 'leakyRelu':
      return nn.leakyRelu(x, layer.slope ?? 0.01);
    case 'polynomial': {
      // Horner, so that every step uses x once.
      let sum = x.ref.mul(0);
      for (const c of layer.coefficients.toReversed()) sum = sum.mul(x.ref).add(c);
      x.dispose();
      return sum;
    }
    case 'layerNorm': {
      const flat = standardised(x.reshape([count, sizeOf(shape)]), [1], layer.epsilon ?? 1e-5);
      const [gain, bias] = [reader.take([sizeOf(shape)]), reader.take([sizeOf(shape)])];
      return flat
        .mul(gain)
        .add(bias)
        .reshape([count, ...shape]);
    }
    case 'groupNorm': {
      const [rows, columns, channels] = shape;
      const grouped = x.reshape([count, rows * columns, layer.groups, channels / layer.groups]);
      const hat = standardised(grouped, [1, 3], layer.epsilon ?? 1e-5).reshape([count, ...shape]);
      const [gain, bias] = [reader.take([channels]), reader.take([channels])];
      return hat.mul(gain).add(bias);
    }
    case 'embedding': {
      const chosen = nn.oneHot(x.astype(np.int32), layer.vocabulary);
      return np.matmul(chosen, reader.take([layer.vocabulary, layer.width]));
    }
    case 'residual': {
      const body = runLayers(layer.layers, x.ref, shape, count, reader);
      return body.add(runLayers(layer.shortcut ?? [], x, shape, count, reader));
    }
    default:
      return layer satisfies never;
  }
}

function runLayers(layers: readonly LayerSpec[], x: JaxArray, shape: Shape, count: number, reader: Reader): JaxArray {
  let y = x;
  let at = shape;
  layers.forEach((layer, index) => {
    y = runLayer(layer, y, at, count, reader);
    at = describeLayer(layer, at, `${index}`).output;
  });
  return y;
}

/** Sum over examples. */
function lossOf(loss: LossSpec, z: JaxArray, targets: JaxArray): JaxArray {
  const mean = (values: JaxArray): JaxArray => np.sum(np.mean(values, -1));
  switch (loss.kind) {
    case 'crossEntropy': {
      const classes = z.shape[1];
      return np.sum(nn.logSoftmax(z, -1).mul(nn.oneHot(targets.astype(np.int32), classes))).mul(-1);
    }
    case 'binaryCrossEntropy':
      return mean(nn.softplus(z.ref).sub(targets.mul(z)));
    case 'squaredError':
      return mean(np.square(z.sub(targets)));
    case 'huber': {
      const size = np.abs(z.sub(targets));
      const inside = np.minimum(size.ref, loss.delta);
      // ½·min(e, δ)² + δ·(e - min(e, δ))
      return mean(np.square(inside.ref).mul(0.5).add(size.sub(inside).mul(loss.delta)));
    }
  }
}

/** The summed loss of a batch and its gradient with respect to the flat vector of weights. */
export function oracleGradient(
  model: Architecture,
  loss: LossSpec,
  weights: Float32Array<ArrayBuffer>,
  inputs: Float32Array<ArrayBuffer>,
  targets: Float32Array<ArrayBuffer>,
): { readonly loss: number; readonly gradient: Float32Array } {
  const count = inputs.length / sizeOf(model.input);
  const width = targets.length / count;
  const f = (w: JaxArray): JaxArray => {
    const x = np.array(inputs).reshape([count, ...model.input]);
    const z = runLayers(model.layers, x, model.input, count, new Reader(w));
    const t = np.array(targets);
    return lossOf(loss, z, loss.kind === 'crossEntropy' ? t : t.reshape([count, width]));
  };
  const [value, gradient] = valueAndGrad(f)(np.array(weights));
  return { loss: value.js() as number, gradient: gradient.dataSync() as Float32Array };
}
