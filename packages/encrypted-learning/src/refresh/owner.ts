// Refresh by the key's owner: decrypts, looks, encrypts anew. The machine that computes sends one ciphertext and gets one back.
//
// The owner sees what is refreshed, which is its own. The error that the numbers carry stays in them and in the estimate: the new ciphertext is
// precise about numbers that are not, and whoever floods a result must hide that error too (lattice: ckks/release.ts).
//
// Refused by decryption (ContentAboveDeclared): numbers larger than the ciphertext declares, as a training that diverges makes them.

import {
  type Ciphertext,
  type CkksContext,
  decrypt,
  encryptSymmetric,
  expand,
  freshSymmetric,
  type SecretKey,
  withError,
} from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';
import { roomFor } from '../parameters/room.ts';
import type { RefreshModel } from './model.ts';
import type { Refresher } from './refresher.ts';

export const ownerRefresh: RefreshModel = Object.freeze({
  kind: 'owner',
  operandLevel: (parameters: CkksParameters, magnitude: number) => {
    const level = roomFor(parameters, magnitude);
    return level > parameters.topLevel ? undefined : level;
  },
  resultLevel: ({ topLevel }: CkksParameters) => topLevel,
  errorStddev: (parameters: CkksParameters, level: number, magnitude: number) =>
    freshSymmetric(parameters, parameters.scales[level].value, magnitude).errorStddev,
});

export interface OwnerOptions {
  /** The circuit's slots; default all. Fewer stand there periodically. */
  readonly slots?: number;
  /** Looks at the decrypted numbers; what it throws ends the run. */
  readonly inspect?: (numbers: Float64Array) => void;
}

export function ownerRefresher(context: CkksContext, secret: SecretKey, options: OwnerOptions = {}): Refresher {
  const slots = options.slots ?? context.parameters.slots;
  return Object.freeze({
    refresh: async (spent: Ciphertext, level: number): Promise<Ciphertext> => {
      const numbers = decrypt(secret, spent, { slots });
      options.inspect?.(numbers);
      // The numbers are the declared ones and their errors.
      const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      const magnitude = Math.max(spent.estimate.magnitude, largest);
      const fresh = expand(encryptSymmetric(context, secret, numbers, { level, slots, magnitude }));
      const { errorStddev, claimed } = spent.estimate;
      return Object.freeze({ ...fresh, estimate: { ...withError(fresh.estimate, errorStddev), claimed } });
    },
  });
}
