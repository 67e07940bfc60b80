// Examples in memory, and batches cut from them. Refuses sets whose inputs and targets do not belong together.

import { ParameterError } from '../errors.ts';
import type { Batch, Network } from '../network/network.ts';

/** Examples one after another, as a Batch, only longer. */
export type DataSet = Batch;

/** How many examples a set has for this network; refuses what is no whole number of them. */
export function exampleCount({ inputs, targets }: DataSet, { inputSize }: Network): number {
  const count = inputs.length / inputSize;
  if (!Number.isInteger(count) || count === 0) {
    throw new ParameterError(`${inputs.length} numbers are no whole examples of ${inputSize}, or none`);
  }
  if (targets.length % count !== 0 || targets.length === 0) {
    throw new ParameterError(`${count} examples have ${targets.length} targets`);
  }
  return count;
}

/** The examples at these places, in this order. */
export function gather({ inputs, targets }: DataSet, places: Uint32Array, { inputSize }: Network): Batch {
  const width = targets.length / (inputs.length / inputSize);
  const chosen = new Float32Array(places.length * inputSize);
  const wanted =
    targets instanceof Uint32Array ? new Uint32Array(places.length * width) : new Float32Array(places.length * width);
  places.forEach((place, i) => {
    chosen.set(inputs.subarray(place * inputSize, (place + 1) * inputSize), i * inputSize);
    wanted.set(targets.subarray(place * width, (place + 1) * width), i * width);
  });
  return { inputs: chosen, targets: wanted };
}
