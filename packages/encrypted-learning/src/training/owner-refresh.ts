// Refresh by the owner, who looks while the iterates pass: a run that has diverged is stopped at the next refresh and nothing of it is
// released. What the owner sees is his own data's; nobody else does.

import { type Ciphertext, type CkksContext, ContentAboveDeclared, type SecretKey } from '@sumus/lattice/ckks';
import { ownerRefresher, type Refresher } from '../refresh/index.ts';
import { weightBound } from './owner.ts';
import type { TrainingPlan } from './training-plan.ts';

/** The run has left what the plan was made for; nothing of it is released. */
export class RunDiverged extends Error {
  override readonly name = 'RunDiverged';
  readonly code = 'E_DIVERGED';
}

export function watchingRefresher(training: TrainingPlan, context: CkksContext, secret: SecretKey): Refresher {
  const bound = weightBound(training);
  const owner = ownerRefresher(context, secret, {
    slots: training.plan.circuit.slots,
    inspect: (numbers) => {
      if (numbers.every((value) => Math.abs(value) <= bound)) return;
      throw new RunDiverged(
        `an iterate lies beyond ±${bound}, which the plan was made for: the run diverged, and nothing of it is released`,
      );
    },
  });
  return {
    refresh: async (spent: Ciphertext, level: number): Promise<Ciphertext> => {
      try {
        return await owner.refresh(spent, level);
      } catch (cause) {
        if (!(cause instanceof ContentAboveDeclared)) throw cause;
        throw new RunDiverged(
          'an iterate is larger than the circuit declares: the run diverged, and nothing of it is released',
          { cause },
        );
      }
    },
  };
}
