// Inputs from one aggregated gradient, in closed form (Phong, Aono, Hayashi, Wang and Moriai 2018, eprint 2017/715). Of an example
// x the gradient of neuron j is δ_j·x for its weights and δ_j for its bias; the batch's is the sum over its examples. Where only one
// example makes the neuron fire, the quotient is that example, to the last bit but rounding: no search, no prior, no luck.
//
// Whoever sees the gradient can do this; the parties follow the protocol. A neuron that several examples share gives their mean,
// weighted by δ: such candidates are returned too, since from a gradient alone they cannot be told apart.

import type { FirstLayerGradient } from './first-layer-gradient.ts';

/** What an attack believes to be inputs. */
export interface Candidates {
  readonly count: number;
  /** Of one candidate. */
  readonly size: number;
  /** One candidate after another. */
  readonly values: Float64Array;
  /** The neuron (or bin) that each was read from. */
  readonly sources: Uint32Array;
}

/** weightGradient[j] / biasGradient[j] for every neuron whose bias gradient is not zero: x = (∂L/∂W_j) / (∂L/∂b_j). */
export function quotients({ units, inputs, weights, biases }: FirstLayerGradient): Candidates {
  const fired = Uint32Array.from({ length: units }, (_, unit) => unit).filter((unit) => biases[unit] !== 0);
  const values = new Float64Array(fired.length * inputs);
  fired.forEach((unit, place) => {
    for (let i = 0; i < inputs; i++) values[place * inputs + i] = weights[unit * inputs + i] / biases[unit];
  });
  return { count: fired.length, size: inputs, values, sources: fired };
}
