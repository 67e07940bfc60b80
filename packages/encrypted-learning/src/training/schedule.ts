// Step sizes and momentum, fixed before the first step: under encryption nothing can be decided on the way.
//
// Nesterov's sequence (Nesterov83; KSKLC18): τ_0 = 1, τ_{t+1} = (1 + √(1 + 4τ_t²))/2;
//   w_{t+1} = v_t − γ_t ∇F(v_t),   v_{t+1} = w_{t+1} + m_t (w_{t+1} − w_t),   m_t = (τ_t − 1)/τ_{t+1}, w_0 = v_0 = 0.

import { ParameterError } from '../errors.ts';

export type LearningRate =
  | { readonly kind: 'constant'; readonly rate: number }
  /** first/(t + 1). */
  | { readonly kind: 'harmonic'; readonly first: number }
  /** From `first` to `last`, geometrically. */
  | { readonly kind: 'geometric'; readonly first: number; readonly last: number };

export type Optimiser = 'gradient-descent' | 'nesterov';

export interface Step {
  /** γ_t. */
  readonly rate: number;
  /** m_t; 0 without momentum. */
  readonly momentum: number;
}

const MOST_ITERATIONS = 100_000;

export function schedule(options: {
  readonly iterations: number;
  readonly learningRate: LearningRate;
  readonly optimiser: Optimiser;
}): readonly Step[] {
  const { iterations, learningRate, optimiser } = options;
  if (!(Number.isSafeInteger(iterations) && iterations >= 1 && iterations <= MOST_ITERATIONS)) {
    throw new ParameterError(`${iterations} iterations are not in [1, ${MOST_ITERATIONS}]`);
  }
  const steps: Step[] = [];
  let tau = 1;
  for (let t = 0; t < iterations; t += 1) {
    const rate = rateAt(learningRate, t, iterations);
    if (!(Number.isFinite(rate) && rate > 0)) throw new ParameterError(`step ${t} has a learning rate of ${rate}`);
    const next = (1 + Math.sqrt(1 + 4 * tau * tau)) / 2;
    steps.push(Object.freeze({ rate, momentum: optimiser === 'nesterov' ? (tau - 1) / next : 0 }));
    tau = next;
  }
  return Object.freeze(steps);
}

function rateAt(learningRate: LearningRate, t: number, iterations: number): number {
  switch (learningRate.kind) {
    case 'constant':
      return learningRate.rate;
    case 'harmonic':
      return learningRate.first / (t + 1);
    case 'geometric':
      return iterations === 1
        ? learningRate.first
        : learningRate.first * (learningRate.last / learningRate.first) ** (t / (iterations - 1));
    default:
      return learningRate satisfies never;
  }
}
