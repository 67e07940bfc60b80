// The work that all engines do: one step of SGD on one seeded batch, by the same first weights and the same rate. What an engine
// answers is the loss before the step, so that a wrong engine cannot win.

import { initialWeights, parameterCount, zoo } from '@sumus/learning/model';

export const LEARNING_RATE = 0.05;

export interface Work {
  readonly name: 'mlp' | 'lenet';
  readonly batch: number;
  readonly weights: Float32Array<ArrayBuffer>;
  /** Examples × 784, in [0, 1). */
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
}

/** An engine with the work loaded. */
export interface Competitor {
  readonly name: string;
  /** One step, until the new weights are there. */
  step(): Promise<void> | void;
  /** The mean loss on the batch with the present weights. */
  loss(): Promise<number> | number;
}

export function workOf(name: Work['name'], batch: number): Work {
  const model = zoo(name);
  const weights = initialWeights(model, 1);
  if (weights.length !== parameterCount(model)) throw new Error('weights do not fit');
  const inputs = Float32Array.from({ length: batch * 784 }, (_, i) => ((i * 7919 + 13) % 1009) / 1009);
  const labels = Uint32Array.from({ length: batch }, (_, i) => (i * 7) % 10);
  return { name, batch, weights, inputs, labels };
}

/** The stretches of the flat vector, in order. */
export function stretches(
  work: Work,
): readonly { readonly shape: readonly number[]; readonly values: Float32Array<ArrayBuffer> }[] {
  const shapes =
    work.name === 'mlp'
      ? [[784, 128], [128], [128, 10], [10]]
      : [[5, 5, 1, 32], [32], [5, 5, 32, 64], [64], [3136, 512], [512], [512, 10], [10]];
  let offset = 0;
  return shapes.map((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const values = work.weights.slice(offset, offset + length);
    offset += length;
    return { shape, values };
  });
}
