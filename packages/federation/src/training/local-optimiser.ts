// The optimiser of one contribution, in the network's own memory: it starts afresh each time (momentum of an earlier model would carry
// what was never charged), and reserves its space once. The rules are learning's kernels; here is only when they are called.

import type { Network } from '@sumus/learning/network';
import type { LocalOptimiser } from '../plan/plan.ts';

export class LocalSteps {
  readonly #network: Network;
  readonly #optimiser: LocalOptimiser;
  readonly #firstAt: number;
  readonly #secondAt: number;
  /** β₁ᵗ and β₂ᵗ, by repeated multiplication: Math.pow differs between runtimes. */
  #power1 = 1;
  #power2 = 1;

  constructor(network: Network, optimiser: LocalOptimiser) {
    const { memory } = network.engine;
    this.#network = network;
    this.#optimiser = optimiser;
    const hasFirst = optimiser.kind === 'adamW' || optimiser.momentum !== 0;
    this.#firstAt = hasFirst ? memory.reserveFloats(network.parameterCount) : 0;
    this.#secondAt = optimiser.kind === 'adamW' ? memory.reserveFloats(network.parameterCount) : 0;
  }

  /** Forgets everything. */
  restart(): void {
    const { engine, parameterCount } = this.#network;
    if (this.#firstAt !== 0) engine.memory.f32(this.#firstAt, parameterCount).fill(0);
    if (this.#secondAt !== 0) engine.memory.f32(this.#secondAt, parameterCount).fill(0);
    this.#power1 = 1;
    this.#power2 = 1;
  }

  /** One step along the network's gradient. */
  step(): void {
    const { engine, parametersAt, gradientAt, parameterCount } = this.#network;
    const optimiser = this.#optimiser;
    if (optimiser.kind === 'sgd') {
      const { learningRate, momentum, weightDecay } = optimiser;
      engine.optimisers.sgd(
        parametersAt,
        gradientAt,
        this.#firstAt,
        parameterCount,
        learningRate,
        momentum,
        0,
        weightDecay,
      );
      return;
    }
    const { learningRate, beta1, beta2, epsilon, weightDecay } = optimiser;
    this.#power1 *= beta1;
    this.#power2 *= beta2;
    engine.optimisers.adamW(
      parametersAt,
      gradientAt,
      this.#firstAt,
      this.#secondAt,
      parameterCount,
      learningRate,
      beta1,
      beta2,
      epsilon,
      weightDecay,
      1 / (1 - this.#power1),
      1 / (1 - this.#power2),
    );
  }
}
