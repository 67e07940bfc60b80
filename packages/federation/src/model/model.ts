// The network of a plan, as learning knows it: read from the plan's data, held to the count that the plan states, with first weights by
// its seed. For participants: a coordinator adds vectors and does not know what they are the weights of.

import {
  type Architecture,
  architecture,
  initialWeights,
  parameterCount,
  parseArchitecture,
} from '@sumus/learning/model';
import { ParameterError } from '../errors.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { ArchitectureData, Json } from '../plan/plan.ts';

/** Refuses layers that learning does not know, and a count that is not the architecture's own. */
export function architectureOf({ model }: CheckedPlan): Architecture {
  let found: Architecture;
  try {
    found = parseArchitecture(JSON.stringify(model.architecture));
  } catch (cause) {
    throw new ParameterError(`model.architecture: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const count = parameterCount(found);
  if (count !== model.parameterCount) {
    throw new ParameterError(
      `model.parameterCount is ${model.parameterCount}, and the architecture has ${count}: write ${count}`,
    );
  }
  return found;
}

/** The same bits for everybody who holds the plan. */
export const firstWeightsOf = (plan: CheckedPlan): Float32Array<ArrayBuffer> =>
  initialWeights(architectureOf(plan), plan.model.firstWeightsSeed);

/** An architecture as the plan's data, with all defaults filled in. */
export function architectureData(model: Architecture): ArchitectureData {
  const layers = architecture(model).layers.map(
    (layer) => Object.freeze({ ...layer }) as unknown as Readonly<Record<string, Json>>,
  );
  return Object.freeze({ input: model.input, layers: Object.freeze(layers) });
}
