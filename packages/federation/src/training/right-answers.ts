// How many examples of a batch the network answers right as it stands: for the metric `accuracy`, where a plan has it.
//
//   crossEntropy         the highest of the outputs is the example's class (of a target vector: its highest entry)
//   binaryCrossEntropy   every output is on the side of 0 that its target is on of ½
//
// Refuses losses whose answers are not right or wrong.

import type { Batch, LossSpec, Network } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';

export function rightAnswers(network: Network, { kind }: LossSpec, { inputs, targets }: Batch): number {
  if (kind !== 'crossEntropy' && kind !== 'binaryCrossEntropy') {
    throw new ParameterError(`the loss is ${kind}, whose answers are not right or wrong: there is no accuracy`);
  }
  const outputs = network.predict(inputs);
  const { outputSize } = network;
  const count = outputs.length / outputSize;
  const width = targets.length / count;
  let right = 0;
  for (let example = 0; example < count; example++) {
    const scores = outputs.subarray(example * outputSize, (example + 1) * outputSize);
    const wanted = targets.subarray(example * width, (example + 1) * width);
    const isRight =
      kind === 'binaryCrossEntropy'
        ? scores.every((score, i) => score > 0 === wanted[i] > 0.5)
        : placeOfHighest(scores) === (wanted.length === 1 ? wanted[0] : placeOfHighest(wanted));
    if (isRight) right += 1;
  }
  return right;
}

function placeOfHighest(values: Float32Array | Uint32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
