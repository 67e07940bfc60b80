// What an attacker who matches gradients has, and how far a guess is from it. The guess is a batch of inputs and a distribution over the
// classes for each; its gradient is compared with the observed one, and the comparison is differentiated by the guess.
//
// Two comparisons: the squared distance of deep leakage from gradients (Zhu, Liu and Han, NeurIPS 2019, arXiv 1906.08935), and one less the
// cosine (Geiping, Bauermeister, Dröge and Moeller, NeurIPS 2020, arXiv 2003.14053), which no scaling of the gradient changes.

import type { Engine } from '@sumus/learning/engine';
import type { Architecture } from '@sumus/learning/model';
import { ParameterError } from '../errors.ts';
import { engineProducts } from '../twice/products.ts';
import { TwiceDifferentiable } from '../twice/twice-differentiable.ts';

/** Public to the attacker. */
export interface MatchingProblem {
  readonly model: Architecture;
  /** At which the gradient was taken. */
  readonly weights: ArrayLike<number>;
  /** Of the mean cross-entropy of a batch, as it was seen. */
  readonly gradient: Float32Array;
  /** How many examples there were. */
  readonly count: number;
  /** Makes it several times as fast; products are then of floats. */
  readonly engine?: Engine;
}

export type Distance = 'squared' | 'cosine';

export interface Guess {
  readonly value: number;
  /** ∂value/∂inputs and /∂targets. */
  readonly inputs: Float64Array;
  readonly targets: Float64Array;
}

export class GradientDistance {
  readonly network: TwiceDifferentiable;
  readonly #observed: Float64Array;
  readonly #norm: number;
  readonly #distance: Distance;
  readonly #direction: Float64Array;

  constructor({ model, weights, gradient, count, engine }: MatchingProblem, distance: Distance) {
    const products = engine === undefined ? undefined : engineProducts(engine);
    this.network = new TwiceDifferentiable(model, weights, count, products);
    if (gradient.length !== this.network.parameterCount) {
      throw new ParameterError(
        `${gradient.length} numbers are no gradient of ${this.network.parameterCount} parameters`,
      );
    }
    if (!gradient.every(Number.isFinite)) throw new ParameterError('a gradient of numbers that are not finite');
    this.#observed = Float64Array.from(gradient);
    this.#norm = norm(this.#observed);
    this.#distance = distance;
    this.#direction = new Float64Array(gradient.length);
  }

  /** Of the gradient that was seen. */
  get observedNorm(): number {
    return this.#norm;
  }

  at(inputs: Float64Array, targets: Float64Array): Guess {
    this.network.differentiate(inputs, targets);
    const value = this.#distance === 'squared' ? this.#squared() : this.#cosine();
    // The comparison's gradient by the guess's gradient is the direction in weight space; the chain rule does the rest.
    const { inputs: ofInputs, targets: ofTargets } = this.network.alongWeights(this.#direction);
    return { value, inputs: ofInputs, targets: ofTargets };
  }

  /** Σ(G − g)²; by G: 2(G − g). */
  #squared(): number {
    const { gradient } = this.network;
    let sum = 0;
    for (let i = 0; i < gradient.length; i++) {
      const off = gradient[i] - this.#observed[i];
      sum += off * off;
      this.#direction[i] = 2 * off;
    }
    return sum;
  }

  /** 1 − ⟨G, g⟩/(|G||g|); by G: (⟨G, g⟩/|G|²·G − g)/(|G||g|). */
  #cosine(): number {
    const { gradient } = this.network;
    const own = norm(gradient);
    const product = own * this.#norm;
    if (product === 0) {
      this.#direction.fill(0);
      return 1;
    }
    let inner = 0;
    for (let i = 0; i < gradient.length; i++) inner += gradient[i] * this.#observed[i];
    const share = inner / (own * own);
    for (let i = 0; i < gradient.length; i++) {
      this.#direction[i] = (share * gradient[i] - this.#observed[i]) / product;
    }
    return 1 - inner / product;
  }
}

function norm(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
}
