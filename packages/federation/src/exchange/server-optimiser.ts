// What turns the mean of updates into the next model: FedAvg's step and the adaptive server optimisers of Reddi and others (Adaptive
// Federated Optimization, ICLR 2021, algorithm 2). Public numbers in and out; the server runs it, or (openedTo participants) every
// participant, who all come to the same bits: doubles with + − × ÷ and square roots alone, which every platform rounds alike.
//
//   Δ_t = mean of (weights after − weights before)
//   apply     x ← x + η·Δ
//   m_t = β₁·m_{t−1} + (1 − β₁)·Δ_t,   m_0 = 0
//   adagrad   v_t = v_{t−1} + Δ²
//   yogi      v_t = v_{t−1} − (1 − β₂)·Δ²·sign(v_{t−1} − Δ²)
//   adam      v_t = β₂·v_{t−1} + (1 − β₂)·Δ²
//             x ← x + η·m_t / (√v_t + τ),   v_0 = τ²
//
// Where a round summed a support, only its coordinates step: of the others nothing was learned, and their m and v wait.
// FedAvg's weights are no business of the optimiser: they are in the sum (encoding), and the mean is Σ n·Δ / Σ n already.

import { ParameterError } from '../errors.ts';
import type { ServerOptimiser } from '../plan/plan.ts';

/** A value; a step makes the next one. */
export interface ServerModel {
  readonly weights: Float32Array;
  /** m, and v: empty for `apply`. */
  readonly first: Float64Array;
  readonly second: Float64Array;
}

export interface MeanUpdate {
  /** Undefined: all coordinates, in their order. */
  readonly indices: Uint32Array | undefined;
  /** One value a coordinate. */
  readonly mean: Float32Array;
}

export function startServer(optimiser: ServerOptimiser, weights: Float32Array): ServerModel {
  weights.forEach((weight, i) => {
    if (!Number.isFinite(weight)) throw new ParameterError(`first weight ${i} is ${weight}`);
  });
  const length = optimiser.kind === 'apply' ? 0 : weights.length;
  const second = new Float64Array(length);
  if (optimiser.kind !== 'apply') second.fill(optimiser.tau * optimiser.tau);
  return { weights: weights.slice(), first: new Float64Array(length), second };
}

/** The next model. Refuses a mean or a result that is not finite: then the model stays what it was. */
export function serverStep(optimiser: ServerOptimiser, model: ServerModel, { indices, mean }: MeanUpdate): ServerModel {
  const count = indices?.length ?? model.weights.length;
  if (mean.length !== count) throw new ParameterError(`a mean of ${mean.length} values for ${count} coordinates`);
  const weights = model.weights.slice();
  const first = model.first.slice();
  const second = model.second.slice();
  for (let at = 0; at < count; at++) {
    const i = indices === undefined ? at : indices[at];
    if (i >= weights.length) throw new ParameterError(`coordinate ${i} is not below ${weights.length}`);
    weights[i] += stepOf(optimiser, i, mean[at], { first, second });
    if (!Number.isFinite(weights[i])) {
      throw new ParameterError(`weight ${i} became ${weights[i]} by a mean of ${mean[at]}`);
    }
  }
  return { weights, first, second };
}

/** What one coordinate moves by; mutates its m and v. */
function stepOf(
  optimiser: ServerOptimiser,
  i: number,
  delta: number,
  { first, second }: { readonly first: Float64Array; readonly second: Float64Array },
): number {
  if (optimiser.kind === 'apply') return optimiser.learningRate * delta;
  const { learningRate, beta1, tau } = optimiser;
  const square = delta * delta;
  first[i] = beta1 * first[i] + (1 - beta1) * delta;
  switch (optimiser.kind) {
    case 'adagrad':
      second[i] += square;
      break;
    case 'yogi':
      second[i] -= (1 - optimiser.beta2) * square * Math.sign(second[i] - square);
      break;
    case 'adam':
      second[i] = optimiser.beta2 * second[i] + (1 - optimiser.beta2) * square;
      break;
    default:
      optimiser satisfies never;
  }
  return (learningRate * first[i]) / (Math.sqrt(second[i]) + tau);
}
