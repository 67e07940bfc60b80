// A server that chooses the first weights: the imprint layer of "Robbing the Fed" (Fowl, Geiping, Czaja, Goldblum and Goldstein, ICLR
// 2022, arXiv 2110.13057). All k neurons measure the same thing, an input's mean brightness, and fire above thresholds at its quantiles;
// the weights behind them are the same for every neuron, so that an example's δ is, too. What neighbouring rows differ by is then the
// gradient of the examples whose brightness lies between the two thresholds: where that is one example, the quotient is that example.
//
// The weights are finite numbers like any others and the architecture is the plan's own. Nothing a participant is asked to do is out of
// the ordinary; who wants to exclude it agrees on first weights by seed.
//
// Refuses: a first layer that is not dense → ReLU → dense, another number of thresholds than neurons, too few samples for the quantiles.

import type { Network } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';
import { type FirstLayerGradient, firstDense } from '../first-layer/first-layer-gradient.ts';
import { type Candidates, quotients } from '../first-layer/quotients.ts';

/** Mean of each input: the one number that the imprint layer asks of an example. */
export function brightness(inputs: Float32Array, size: number): Float64Array<ArrayBuffer> {
  if (!Number.isSafeInteger(size) || size < 1 || inputs.length % size !== 0) {
    throw new ParameterError(`${inputs.length} numbers are no whole examples of ${size}`);
  }
  return Float64Array.from({ length: inputs.length / size }, (_, example) => {
    let sum = 0;
    for (let i = example * size; i < (example + 1) * size; i++) sum += inputs[i];
    return sum / size;
  });
}

/**
 * k thresholds, ascending, that cut the sample's brightness into k equally likely bins; the first lies below all of it. The sample is
 * the attacker's own guess at the population (public data of the same kind), never the victims' inputs.
 */
export function thresholds(sample: Float64Array, k: number): Float64Array<ArrayBuffer> {
  if (!Number.isSafeInteger(k) || k < 1) throw new ParameterError(`the number of bins must be positive, not ${k}`);
  if (sample.length < k) throw new ParameterError(`${sample.length} samples do not give ${k} quantiles`);
  const sorted = sample.slice().sort();
  return Float64Array.from({ length: k }, (_, bin) =>
    // Brightness is never negative for pixels, but an input may be anything: one below the least of the sample.
    bin === 0 ? sorted[0] - 1 : sorted[Math.floor((bin * sorted.length) / k)],
  );
}

/**
 * Writes an imprinting first layer to the network, and behind it weights that are the same for every imprint neuron and different for
 * every neuron they lead to. Everything further back stays as it is.
 */
export function imprint(network: Network, cutoffs: Float64Array): void {
  const { weight, bias, inputs, units } = firstDense(network);
  const next = network.slices[2];
  const [first, second, third] = network.architecture.layers;
  if (first?.kind !== 'dense' || second?.kind !== 'relu' || third?.kind !== 'dense' || next === undefined) {
    throw new ParameterError('an imprint layer needs dense, relu and dense as the first layers');
  }
  if (cutoffs.length !== units) throw new ParameterError(`${cutoffs.length} thresholds for ${units} neurons`);
  const weights = network.parameters.slice();
  weights.fill(1 / inputs, weight.offset, weight.offset + weight.length);
  cutoffs.forEach((cutoff, unit) => {
    weights[bias.offset + unit] = -cutoff;
  });
  const width = next.length / units;
  // At most 1/k, so that for inputs in [0, 1] outputs stay near zero and no example's δ vanishes in a saturated softmax; distinct, so
  // that Σ p_c·v_c - v_label, the δ of a network that ends there, is zero for no label.
  for (let unit = 0; unit < units; unit++) {
    for (let c = 0; c < width; c++) weights[next.offset + unit * width + c] = outgoing(c) / (units * width);
  }
  network.setParameters(weights);
}

/** 0, 1, 2, …, with the middle left out: no label's number is the mean of all. */
const outgoing = (c: number): number => c + (c % 2 === 0 ? 0 : 0.5);

/** Row j less row j + 1: what the examples between the thresholds j and j + 1 gave; the last bin has no upper end. */
export function binGradients({ units, inputs, weights, biases }: FirstLayerGradient): FirstLayerGradient {
  const last = (units - 1) * inputs;
  return {
    units,
    inputs,
    weights: weights.map((value, i) => (i < last ? value - weights[i + inputs] : value)),
    biases: biases.map((value, unit) => (unit < units - 1 ? value - biases[unit + 1] : value)),
  };
}

/** What an imprinting server reads out of an aggregated gradient of its own weights. */
export function isolated(gradient: FirstLayerGradient): Candidates {
  return quotients(binGradients(gradient));
}

/**
 * The share of a batch that lies alone in its bin: (1 - 1/k)^(B-1), for k equally likely bins and independent examples. What matters is
 * the number of examples in the published sum, whoever they belong to.
 */
export function expectedAlone(k: number, batch: number): number {
  return (1 - 1 / k) ** (batch - 1);
}
