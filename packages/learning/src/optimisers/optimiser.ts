// Optimisers as data, and their state for one network. A step reads the network's gradient and changes its weights; a gradient that is
// not finite changes nothing and is reported, so the last good weights stay.

import { ParameterError } from '../errors.ts';
import type { Network } from '../network/network.ts';
import { type Schedule, scheduleFactor } from './schedule.ts';

export type OptimiserSpec =
  | {
      readonly kind: 'sgd';
      readonly learningRate: number;
      readonly momentum?: number;
      readonly nesterov?: boolean;
      /** Added to the gradient: weightDecay · weights. */
      readonly weightDecay?: number;
      readonly schedule?: Schedule;
    }
  | {
      /** Loshchilov and Hutter, arXiv 1711.05101. */
      readonly kind: 'adamW';
      readonly learningRate: number;
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      readonly weightDecay?: number;
      readonly schedule?: Schedule;
    };

/** What a step came to: done, or refused because a gradient was not finite (weights are as before). */
export type StepResult =
  | { readonly kind: 'done'; readonly step: number; readonly learningRate: number }
  | { readonly kind: 'notFinite'; readonly step: number; readonly parameter: string };

export class Optimiser {
  readonly #network: Network;
  readonly #spec: OptimiserSpec;
  readonly #firstAt: number;
  readonly #secondAt: number;
  #steps = 0;
  /** β₁ᵗ and β₂ᵗ, by repeated multiplication: Math.pow differs between runtimes. */
  #power1 = 1;
  #power2 = 1;

  constructor(network: Network, spec: OptimiserSpec) {
    checkSpec(spec);
    const { memory } = network.engine;
    const needsFirst = spec.kind === 'adamW' || (spec.momentum ?? 0) !== 0;
    this.#network = network;
    this.#spec = spec;
    this.#firstAt = needsFirst ? memory.reserveFloats(network.parameterCount) : 0;
    this.#secondAt = spec.kind === 'adamW' ? memory.reserveFloats(network.parameterCount) : 0;
    this.restart();
  }

  /** Forgets everything but its places in memory: the next step is the first. */
  restart(): void {
    const { engine, parameterCount } = this.#network;
    if (this.#firstAt !== 0) engine.memory.f32(this.#firstAt, parameterCount).fill(0);
    if (this.#secondAt !== 0) engine.memory.f32(this.#secondAt, parameterCount).fill(0);
    this.#steps = 0;
    this.#power1 = 1;
    this.#power2 = 1;
  }

  /** Steps done. */
  get steps(): number {
    return this.#steps;
  }

  step(): StepResult {
    const { engine, gradientAt, parametersAt, parameterCount } = this.#network;
    if (engine.vectors.allFinite(gradientAt, parameterCount) === 0) return this.#refusal();
    const spec = this.#spec;
    const learningRate = spec.learningRate * scheduleFactor(spec.schedule ?? { kind: 'constant' }, this.#steps);
    if (spec.kind === 'sgd') {
      const { momentum = 0, nesterov = false, weightDecay = 0 } = spec;
      engine.optimisers.sgd(
        parametersAt,
        gradientAt,
        this.#firstAt,
        parameterCount,
        learningRate,
        momentum,
        nesterov ? 1 : 0,
        weightDecay,
      );
    } else {
      const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = spec;
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
    this.#steps += 1;
    return { kind: 'done', step: this.#steps, learningRate };
  }

  #refusal(): StepResult {
    const { gradient, slices } = this.#network;
    const bad = gradient.findIndex((g) => !Number.isFinite(g));
    const slice = slices.find(({ offset, length }) => bad >= offset && bad < offset + length);
    return { kind: 'notFinite', step: this.#steps + 1, parameter: slice?.name ?? `${bad}` };
  }
}

function checkSpec(spec: OptimiserSpec): void {
  const within = (name: string, value: number, low: number, high: number): void => {
    if (!(value >= low && value < high))
      throw new ParameterError(`${spec.kind}: ${name} ${value} is not in [${low}, ${high})`);
  };
  // Specifications also come from files: an unknown kind would be taken for the other one.
  if (spec.kind !== 'sgd' && spec.kind !== 'adamW') {
    throw new ParameterError(`optimiser ${JSON.stringify(spec)} is not sgd or adamW`);
  }
  within('learningRate', spec.learningRate, 0, Number.POSITIVE_INFINITY);
  within('weightDecay', spec.weightDecay ?? 0, 0, Number.POSITIVE_INFINITY);
  if (spec.kind === 'sgd') {
    within('momentum', spec.momentum ?? 0, 0, 1);
    if (spec.nesterov === true && !spec.momentum) throw new ParameterError('sgd: nesterov needs a momentum');
  } else {
    within('beta1', spec.beta1 ?? 0.9, 0, 1);
    within('beta2', spec.beta2 ?? 0.999, 0, 1);
    within('epsilon', spec.epsilon ?? 1e-8, Number.MIN_VALUE, 1);
  }
  scheduleFactor(spec.schedule ?? { kind: 'constant' }, 0);
}
