// What a contribution weighs. Always the participant's to apply, before it encodes: who weights ciphertexts chooses weights such as 1 and
// 2^20, and reads one value out of a sum.

import { stalenessWeight } from '@sumus/secure-sum/one-shot/coordinator';
import { ParameterError } from '../errors.ts';
import type { Asynchronous, Combine } from '../plan/plan.ts';

/**
 * FedAvg's n_k (McMahan and others 2017), as the whole number that is summed beside the vector: examples, at most the maximum. Undefined
 * where all weigh the same.
 */
export function exampleWeight(combine: Combine, examples: number): number | undefined {
  if (!Number.isSafeInteger(examples) || examples < 1)
    throw new ParameterError(`a contribution of ${examples} examples`);
  return combine.kind === 'mean' ? undefined : Math.min(examples, combine.maximumWeight);
}

/** The factor of an update that was made from a model `versionsOld` releases ago. Refuses one that is older than the plan takes. */
export function staleWeight({ staleness }: Asynchronous, versionsOld: number): number {
  if (!Number.isSafeInteger(versionsOld) || versionsOld < 0 || versionsOld > staleness.atMost) {
    throw new ParameterError(`an update is ${versionsOld} versions old, not 0 to ${staleness.atMost}`);
  }
  return staleness.weight === 'constant' ? 1 : stalenessWeight(versionsOld);
}

/** The update with that factor. */
export const weighted = (update: Float32Array, factor: number): Float32Array<ArrayBuffer> =>
  Float32Array.from(update, (value) => value * factor);
