// What an attacker reads of an aggregated gradient: the first dense layer's part, a row of inputs and a bias for every neuron. It is cut
// out of the flat vector that a network's gradient is (`@sumus/learning/network`), which is also what a participant would send.
//
// Refuses: a network whose first parameters are not those of a dense layer with biases, vectors of another length.

import type { Slice } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';

/** Public to the attacker. */
export interface FirstLayerGradient {
  readonly units: number;
  readonly inputs: number;
  /** units × inputs: the weights that lead to one neuron lie together. */
  readonly weights: Float64Array;
  readonly biases: Float64Array;
}

/** What of a network says where its numbers lie; a `Network` is one. */
export interface Layout {
  readonly slices: readonly Slice[];
  readonly parameterCount: number;
}

export function firstLayerGradient(layout: Layout, gradient: Float32Array): FirstLayerGradient {
  if (gradient.length !== layout.parameterCount) {
    throw new ParameterError(`${gradient.length} numbers are no gradient of ${layout.parameterCount} parameters`);
  }
  const { weight, bias, inputs, units } = firstDense(layout);
  const weights = new Float64Array(units * inputs);
  // The network keeps inputs × units; quotients and differences are taken a neuron at a time.
  for (let input = 0; input < inputs; input++) {
    const row = weight.offset + input * units;
    for (let unit = 0; unit < units; unit++) weights[unit * inputs + input] = gradient[row + unit];
  }
  const biases = Float64Array.from(gradient.subarray(bias.offset, bias.offset + units));
  return { units, inputs, weights, biases };
}

export interface FirstDense {
  readonly weight: Slice;
  readonly bias: Slice;
  readonly inputs: number;
  readonly units: number;
}

/** The slices of the first layer, which must be dense and have biases. */
export function firstDense({ slices }: Layout): FirstDense {
  const [weight, bias] = slices;
  const [inputs, units] = weight?.shape ?? [];
  if (
    weight?.name.endsWith('.dense.weight') !== true ||
    bias?.name.endsWith('.dense.bias') !== true ||
    inputs === undefined ||
    units === undefined ||
    bias.length !== units
  ) {
    throw new ParameterError(`the first parameters are not a dense layer's with biases but ${weight?.name ?? 'none'}`);
  }
  return { weight, bias, inputs, units };
}
