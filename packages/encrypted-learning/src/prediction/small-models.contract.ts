// Models small enough for tests, and numbers that look random and are the same everywhere.

import { type Architecture, architecture, parameterCount } from '@sumus/learning/model';

/** In [−1, 1), from a linear congruential generator (Numerical Recipes' constants). */
export function numbers(count: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

export function weightsOf(model: Architecture, seed: number): Float32Array<ArrayBuffer> {
  return numbers(parameterCount(model), seed).map((x) => 0.5 * x);
}

/** A CryptoNets in small: everything it has, on 6×6 images of two channels. */
export const CONVOLUTIONAL: Architecture = architecture({
  input: [6, 6, 2],
  layers: [
    { kind: 'conv2d', filters: 3, kernel: 3, step: 2, padding: 1 },
    { kind: 'square' },
    { kind: 'averagePool', window: 2, step: 1 },
    { kind: 'conv2d', filters: 2, kernel: 2, padding: 'same', bias: false },
    { kind: 'flatten' },
    { kind: 'dropout', rate: 0.5 },
    { kind: 'dense', units: 7 },
    { kind: 'square' },
    { kind: 'dense', units: 3 },
  ],
});

export const PERCEPTRON: Architecture = architecture({
  input: [5],
  layers: [
    { kind: 'dense', units: 9 },
    { kind: 'polynomial', coefficients: [0.3, -0.7, 0.4] },
    { kind: 'dense', units: 6, bias: false },
    { kind: 'polynomial', coefficients: [0.5, 0.2, 0, -0.01] },
    { kind: 'dense', units: 4 },
  ],
});

export const LOGISTIC: Architecture = architecture({ input: [10], layers: [{ kind: 'dense', units: 1 }] });
