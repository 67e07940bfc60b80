// The evaluation keys that a plan needs, and no others: each rotation's key is as large as the relinearisation key.

import {
  type CkksContext,
  type GaloisKeys,
  galoisKeys,
  type RelinearisationKey,
  relinearisationErrorFactor,
  relinearisationKey,
  rotationElement,
  type SecretKey,
} from '@sumus/lattice/ckks';
import { ParameterError } from '../errors.ts';
import type { Plan } from '../parameters/plan.ts';

/** Public: what a machine computes with. */
export interface EvaluationKeys {
  readonly relinearisation?: RelinearisationKey;
  readonly galois: GaloisKeys;
}

/** Made by the owner of the whole secret. Members of a shared key make theirs together (lattice: shared-keys/evaluation-keys.ts). */
export function evaluationKeys(plan: Plan, context: CkksContext, secret: SecretKey): EvaluationKeys {
  requireContext(plan, context);
  const galois = galoisKeys(context, secret, { rotations: plan.keys.rotations });
  if (!plan.keys.relinearisation) return Object.freeze({ galois });
  return Object.freeze({ galois, relinearisation: relinearisationKey(context, secret) });
}

/** The Galois elements of a plan's rotations: what members of a shared key are asked to make keys for. */
export function galoisElements({ keys, parameters }: Plan): readonly number[] {
  return keys.rotations.map((steps) => rotationElement(steps, parameters.degree));
}

/** Refuses keys that lack something the plan needs, before anything runs. */
export function requireKeys(plan: Plan, { relinearisation, galois }: EvaluationKeys): void {
  const { keys, options, parameters } = plan;
  if (keys.relinearisation) {
    if (relinearisation === undefined)
      throw new ParameterError(`circuit ${plan.circuit.name} needs a relinearisation key`);
    const planned = options.keyParties ?? 1;
    if (
      relinearisationErrorFactor(relinearisation) > planned * Math.sqrt((4 / 3) * parameters.degree) ||
      (planned === 1 && relinearisation.parties !== 1)
    ) {
      throw new ParameterError(
        `the relinearisation key was made by ${relinearisation.parties} parties, the plan counts on ${planned}`,
      );
    }
  }
  const elements = galoisElements(plan);
  const missing = keys.rotations.filter((_, i) => !galois.has(elements[i]));
  if (missing.length > 0) {
    throw new ParameterError(`circuit ${plan.circuit.name} needs Galois keys for rotations by ${missing.join(', ')}`);
  }
}

export function requireContext(plan: Plan, { parameters }: CkksContext): void {
  if (parameters.description !== plan.parameters.description) {
    throw new ParameterError(`the plan is for ${plan.parameters.toString()}, the context is ${parameters.toString()}`);
  }
}
