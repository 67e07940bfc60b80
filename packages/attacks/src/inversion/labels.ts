// Labels from the last layer's biases. Of one example ∂ℓ/∂b_c = p_c − [c is the label]: one entry is negative, and that is the label (iDLG,
// Zhao, Mopuri and Bilen, arXiv 2001.02610). Of a batch the entry is the mean of these, so B·(p̄_c − entry) examples have the label c
// where p̄, the mean prediction, is known or guessed: near the first weights it hardly depends on the inputs.

import { ParameterError } from '../errors.ts';
import type { Layout } from '../first-layer/first-layer-gradient.ts';

/** The last layer's biases, cut out of a gradient; its length is the number of classes. */
export function lastBiases({ slices, parameterCount }: Layout, gradient: Float32Array): Float32Array {
  if (gradient.length !== parameterCount) {
    throw new ParameterError(`${gradient.length} numbers are no gradient of ${parameterCount} parameters`);
  }
  const last = slices.at(-1);
  if (last?.name.endsWith('.dense.bias') !== true) {
    throw new ParameterError(`the last parameters are not a dense layer's biases but ${last?.name ?? 'none'}`);
  }
  return gradient.subarray(last.offset, last.offset + last.length);
}

/** As many labels as examples, ascending. `meanPrediction`: a guess at the mean of the softmax over the batch. */
export function leakedLabels(
  biases: Float32Array,
  { count, meanPrediction }: { readonly count: number; readonly meanPrediction: ArrayLike<number> },
): Uint32Array<ArrayBuffer> {
  if (!Number.isSafeInteger(count) || count < 1) throw new ParameterError(`${count} is no number of examples`);
  if (meanPrediction.length !== biases.length) {
    throw new ParameterError(`${meanPrediction.length} probabilities for ${biases.length} classes`);
  }
  const shares = Array.from(biases, (value, c) => Math.max(count * (meanPrediction[c] - value), 0));
  // The one rule for a single example that needs no guess.
  if (count === 1) return Uint32Array.of(biases.indexOf(biases.reduce((a, b) => Math.min(a, b), 0)));
  const labels: number[] = [];
  while (labels.length < count) {
    // One label after another to the class that is owed most.
    const c = shares.indexOf(Math.max(...shares));
    labels.push(Math.max(c, 0));
    shares[Math.max(c, 0)] -= 1;
  }
  return Uint32Array.from(labels).sort();
}
