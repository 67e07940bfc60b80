// Losses as data. Each is a number an example; its gradient is with respect to the network's outputs.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';

export type LossSpec =
  /** -log softmax(outputs)[label]; targets are labels. */
  | { readonly kind: 'crossEntropy' }
  /** Mean over outputs of binary cross-entropy, outputs being logits; targets in [0, 1]. */
  | { readonly kind: 'binaryCrossEntropy' }
  /** Mean over outputs of the squared difference. */
  | { readonly kind: 'squaredError' }
  /** Mean over outputs of Huber's loss (1964): half the square up to `delta`, linear beyond. */
  | { readonly kind: 'huber'; readonly delta: number };

/** Labels for crossEntropy (one an example), floats for the others (one an output of every example). */
export type Targets = Uint32Array | Float32Array;

/** Refuses targets that a loss cannot take: wrong type or length, label out of range, not finite, no probability. */
export function checkTargets(loss: LossSpec, targets: Targets, count: number, outputs: number): void {
  if (loss.kind === 'crossEntropy') {
    if (!(targets instanceof Uint32Array)) throw new ParameterError('cross-entropy takes labels: a Uint32Array');
    if (targets.length !== count) throw new ParameterError(`${count} examples have ${targets.length} labels`);
    const wrong = targets.findIndex((label) => label >= outputs);
    if (wrong >= 0) {
      throw new ParameterError(`label ${targets[wrong]} of example ${wrong} is not below the ${outputs} classes`);
    }
    return;
  }
  if (!(targets instanceof Float32Array)) throw new ParameterError(`${loss.kind} takes targets as a Float32Array`);
  if (targets.length !== count * outputs) {
    throw new ParameterError(`${count} examples of ${outputs} outputs have ${targets.length} targets`);
  }
  const bad = targets.findIndex((t) => !Number.isFinite(t));
  if (bad >= 0) throw new ParameterError(`target ${bad} is ${targets[bad]}`);
  if (loss.kind === 'binaryCrossEntropy') {
    const outside = targets.findIndex((t) => t < 0 || t > 1);
    if (outside >= 0) throw new ParameterError(`target ${outside} is ${targets[outside]}, not in [0, 1]`);
  }
  if (loss.kind === 'huber' && !(loss.delta > 0 && Number.isFinite(loss.delta))) {
    throw new ParameterError(`Huber's delta must be positive, not ${loss.delta}`);
  }
}

/** Writes each example's loss and its gradient. All are addresses. */
export function computeLoss(
  { losses }: Engine,
  loss: LossSpec,
  places: { readonly losses: number; readonly gradient: number; readonly outputs: number; readonly targets: number },
  count: number,
  outputs: number,
): void {
  if (loss.kind === 'huber') {
    losses.huber(places.losses, places.gradient, places.outputs, places.targets, count, outputs, loss.delta);
  } else {
    losses[loss.kind](places.losses, places.gradient, places.outputs, places.targets, count, outputs);
  }
}
