// A training as a value: what is minimised, by which steps, on which batches, and how |⟨w, x⟩| ≤ R is held. The twin in the clear, the
// encrypted circuit and the statement of privacy all read this one value.
//
//   F(w) = (1/n) Σ_i [ P(⟨w, x_i⟩) − y_i ⟨w, x_i⟩ ] + (λ/2)‖w‖² + (κ/4R_w²)‖w‖⁴,  P′ = p       (logistic)
//   F(w) = (1/n) Σ_i ½(⟨w, x_i⟩ − y_i)² + the same                                            (linear)

import { type SigmoidLiteral, type SigmoidPolynomial, sigmoidPolynomial } from '../approximation/sigmoid.ts';
import { ParameterError } from '../errors.ts';
import { type LearningRate, type Optimiser, type Step, schedule } from './schedule.ts';

export type Model =
  | { readonly kind: 'logistic'; readonly activation: SigmoidLiteral }
  /** The sigmoid itself: in the clear only. */
  | { readonly kind: 'logistic-exact' }
  | { readonly kind: 'linear' };

export interface Barrier {
  /** κ of ∇b(w) = κ(‖w‖²/R_w²)w. Soft: it proves nothing by itself. */
  readonly strength: number;
  /** R_w. */
  readonly radius: number;
}

export interface RecipeLiteral {
  readonly model: Model;
  readonly iterations: number;
  readonly learningRate: LearningRate;
  /** Default gradient-descent. */
  readonly optimiser?: Optimiser;
  /** λ; default 0. */
  readonly ridge?: number;
  readonly barrier?: Barrier;
  /** Rows a step; default all of them. Batches are consecutive rows, in turn: whoever wants them shuffled shuffles the rows first. */
  readonly batchSize?: number;
  /** Both iterates are held to this ball after every step; needs them opened every step, or a training in the clear. */
  readonly projectionRadius?: number;
}

export interface Recipe {
  readonly model: Model;
  readonly steps: readonly Step[];
  readonly optimiser: Optimiser;
  readonly ridge: number;
  readonly barrier: Barrier | undefined;
  readonly batchSize: number | undefined;
  readonly projectionRadius: number | undefined;
  /** Of logistic models under a polynomial. */
  readonly activation: SigmoidPolynomial | undefined;
}

export function recipe(literal: RecipeLiteral): Recipe {
  const { model, optimiser = 'gradient-descent', ridge = 0, barrier, batchSize, projectionRadius } = literal;
  if (!(Number.isFinite(ridge) && ridge >= 0)) throw new ParameterError(`a ridge of ${ridge}`);
  if (barrier !== undefined) {
    const { strength, radius } = barrier;
    if (!(Number.isFinite(strength) && strength >= 0)) throw new ParameterError(`a barrier of strength ${strength}`);
    requirePositive('a barrier radius', radius);
  }
  if (batchSize !== undefined && !(Number.isSafeInteger(batchSize) && batchSize > 0)) {
    throw new ParameterError(`batches of ${batchSize} rows`);
  }
  if (projectionRadius !== undefined) requirePositive('a projection radius', projectionRadius);
  return Object.freeze({
    model,
    steps: schedule({ iterations: literal.iterations, learningRate: literal.learningRate, optimiser }),
    optimiser,
    ridge,
    barrier,
    batchSize,
    projectionRadius,
    activation: model.kind === 'logistic' ? sigmoidPolynomial(model.activation) : undefined,
  });
}

function requirePositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw new ParameterError(`${name} of ${value}`);
}
