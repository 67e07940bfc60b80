// A step of training in tfjs on its wasm backend, in Node and in a page. The backward pass is written out with the kernels that its own gradients
// call (products with transpose flags, Conv2DBackpropInput, MaxPoolGrad), which spares it the tape. It has no kernel for the filters' gradient
// (tensorflow/tfjs#8474); here that is 25 products of shifted images.

import type * as Core from '@tensorflow/tfjs-core';
import { type Competitor, LEARNING_RATE, stretches, type Work } from './work.ts';

type Tensor = Core.Tensor;

/** `tf`: with its backend chosen and ready. */
export function tfjsStep(tf: typeof Core, work: Work, title: string): Competitor {
  const kernel = (name: string, inputs: Core.NamedTensorMap, attributes: Record<string, unknown>): Tensor => {
    const result: Tensor | Tensor[] = tf.engine().runKernel(name, inputs, attributes as Core.NamedAttrMap);
    if (Array.isArray(result)) throw new Error(`${name} gave several tensors`);
    return result;
  };
  const softmaxGradient = (z: Tensor, labels: Tensor): Tensor => tf.div(tf.sub(tf.softmax(z), labels), work.batch);
  const reluGradient = (dy: Tensor, y: Tensor): Tensor => tf.mul(dy, tf.step(y));
  const filterGradient = (x: Tensor, dy: Tensor, channels: number, filters: number): Tensor => {
    const [batch = 1, size = 1] = x.shape;
    const padded = tf.pad(x, [
      [0, 0],
      [2, 2],
      [2, 2],
      [0, 0],
    ]);
    const rows = batch * size * size;
    const flat = tf.reshape(dy, [rows, filters]);
    const taps: Tensor[] = [];
    for (let ky = 0; ky < 5; ky++) {
      for (let kx = 0; kx < 5; kx++) {
        const shifted = tf.reshape(tf.slice(padded, [0, ky, kx, 0], [batch, size, size, channels]), [rows, channels]);
        taps.push(tf.matMul(shifted, flat, true, false));
      }
    }
    return tf.reshape(tf.concat(taps, 0), [5, 5, channels, filters]);
  };

  const input = tf.tensor(work.inputs, work.name === 'mlp' ? [work.batch, 784] : [work.batch, 28, 28, 1]);
  const labels = tf.cast(tf.oneHot(tf.tensor1d(Int32Array.from(work.labels), 'int32'), 10), 'float32');
  let weights: Tensor[] = stretches(work).map(({ shape, values }) => tf.tensor(values, [...shape]));

  interface Activations {
    readonly z: Tensor;
    readonly kept: readonly Tensor[];
  }
  const at = (list: readonly Tensor[], i: number): Tensor => {
    const found = list[i];
    if (found === undefined) throw new Error(`no tensor ${i}`);
    return found;
  };
  const dense = (x: Tensor, i: number): Tensor =>
    tf.add(tf.matMul(x as Core.Tensor2D, at(weights, i)), at(weights, i + 1));
  const convolve = (x: Tensor, i: number): Tensor =>
    tf.relu(tf.add(tf.conv2d(x as Core.Tensor4D, at(weights, i) as Core.Tensor4D, 1, 'same'), at(weights, i + 1)));

  const forward = (): Activations => {
    if (work.name === 'mlp') {
      const hidden = tf.relu(dense(input, 0));
      return { z: dense(hidden, 2), kept: [hidden] };
    }
    const a1 = convolve(input, 0);
    const p1 = tf.maxPool(a1 as Core.Tensor4D, 2, 2, 'valid');
    const a2 = convolve(p1, 2);
    const p2 = tf.maxPool(a2 as Core.Tensor4D, 2, 2, 'valid');
    const flat = tf.reshape(p2, [work.batch, 3136]);
    const hidden = tf.relu(dense(flat, 4));
    return { z: dense(hidden, 6), kept: [a1, p1, a2, p2, flat, hidden] };
  };

  /** Gradients of both parameters of a dense layer, and of its input. */
  const denseBackward = (x: Tensor, dy: Tensor, i: number): { dx: Tensor; gradients: Tensor[] } => ({
    dx: tf.matMul(dy, at(weights, i), false, true),
    gradients: [tf.matMul(x, dy, true, false), tf.sum(dy, 0)],
  });

  const gradients = ({ z, kept }: Activations): Tensor[] => {
    const dz = softmaxGradient(z, labels);
    if (work.name === 'mlp') {
      const last = denseBackward(at(kept, 0), dz, 2);
      const dh = reluGradient(last.dx, at(kept, 0));
      return [tf.matMul(input, dh, true, false), tf.sum(dh, 0), ...last.gradients];
    }
    const [a1, p1, a2, p2, flat, hidden] = [0, 1, 2, 3, 4, 5].map((i) => at(kept, i)) as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const pooling = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };
    const last = denseBackward(hidden, dz, 6);
    const fc = denseBackward(flat, reluGradient(last.dx, hidden), 4);
    const dp2 = tf.reshape(fc.dx, p2.shape);
    const da2 = reluGradient(kernel('MaxPoolGrad', { dy: dp2, input: a2, output: p2 }, pooling), a2);
    const convolution = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', inputShape: p1.shape };
    const dp1 = kernel('Conv2DBackpropInput', { dy: da2, filter: at(weights, 2) }, convolution);
    const da1 = reluGradient(kernel('MaxPoolGrad', { dy: dp1, input: a1, output: p1 }, pooling), a1);
    return [
      filterGradient(input, da1, 1, 32),
      tf.sum(da1, [0, 1, 2]),
      filterGradient(p1, da2, 32, 64),
      tf.sum(da2, [0, 1, 2]),
      ...fc.gradients,
      ...last.gradients,
    ];
  };

  return {
    name: title,
    step() {
      const next = tf.tidy(() => gradients(forward()).map((g, i) => tf.sub(at(weights, i), tf.mul(g, LEARNING_RATE))));
      tf.dispose(weights);
      weights = next;
    },
    loss: () =>
      tf.tidy(() => {
        const { z } = forward();
        return -(tf.sum(tf.mul(tf.logSoftmax(z), labels)).dataSync()[0] ?? Number.NaN) / work.batch;
      }),
  };
}
