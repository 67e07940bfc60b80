// Refresh by the owner, who looks while the iterates pass: a run that has diverged is stopped at the next refresh and nothing of it is
// released. What the owner sees is his own data's; nobody else does.

import {
  type Ciphertext,
  type CkksContext,
  ContentAboveDeclared,
  decrypt,
  encryptSymmetric,
  expand,
  type SecretKey,
} from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';
import { roomFor } from '../parameters/plan.ts';
import type { Refresher, RefreshModel } from '../refresh/index.ts';
import { weightBound } from './owner.ts';
import type { TrainingPlan } from './training-plan.ts';

/** The run has left what the plan was made for; nothing of it is released. */
export class RunDiverged extends Error {
  override readonly name = 'RunDiverged';
  readonly code = 'E_DIVERGED';
}

/** Deviation of the encryption's own error, a centred binomial of 21 pairs. */
const FRESH_STDDEV = 3.25;

export const OWNER_REFRESH: RefreshModel = Object.freeze({
  kind: 'owner',
  operandLevel: (parameters: CkksParameters, magnitude: number) => {
    const level = roomFor(parameters, magnitude);
    return level > parameters.topLevel ? undefined : level;
  },
  resultLevel: (parameters: CkksParameters) => parameters.topLevel,
  errorStddev: (parameters: CkksParameters, level: number) =>
    (FRESH_STDDEV * Math.sqrt(parameters.degree / 2)) / parameters.scales[level].value,
});

export function watchingRefresher(training: TrainingPlan, context: CkksContext, secret: SecretKey): Refresher {
  const { slots } = training.plan.circuit;
  return {
    refresh: async (spent: Ciphertext, level: number) => {
      const values = openedIterate(training, secret, spent);
      const { magnitude } = spent.estimate;
      return expand(encryptSymmetric(context, secret, values, { level, slots, magnitude }));
    },
  };
}

function openedIterate(training: TrainingPlan, secret: SecretKey, spent: Ciphertext): Float64Array {
  let values: Float64Array;
  try {
    values = decrypt(secret, spent, { slots: training.plan.circuit.slots });
  } catch (cause) {
    if (!(cause instanceof ContentAboveDeclared)) throw cause;
    throw new RunDiverged(
      'an iterate is larger than the circuit declares: the run diverged, and nothing of it is released',
      { cause },
    );
  }
  const bound = weightBound(training);
  if (!values.every((value) => Math.abs(value) <= bound)) {
    throw new RunDiverged(
      `an iterate lies beyond ±${bound}, which the plan was made for: the run diverged, and nothing of it is released`,
    );
  }
  return values;
}
