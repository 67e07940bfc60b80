// An upload as the paper has it (Shokri and Shmatikov 2015): chosen coordinates with their values, in clear. It shows which parameters a
// participant's data moved, and whoever reads it can invert it like any gradient. So it exists for plans without protection alone, whose
// reason every participant's policy has read, and it carries a label that says what it is.

import { ParameterError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';

export interface ClearUpload {
  readonly kind: 'clear upload';
  readonly warning: typeof CLEAR_WARNING;
  /** In rising order. */
  readonly indices: Uint32Array;
  /** One an index. */
  readonly values: Float32Array;
}

export const CLEAR_WARNING = 'the server reads which parameters this participant chose, and their values';

/** Of a whole vector with zeros where nothing was chosen. Refuses every plan with a protection, and one with a shared support. */
export function clearUpload({ protection, sharing }: Plan, chosen: Float32Array): ClearUpload {
  if (protection.kind !== 'none') {
    throw new ParameterError(
      `lists of chosen coordinates in clear under ${protection.kind}: only protection none has them`,
    );
  }
  if (sharing.support.kind !== 'own') {
    throw new ParameterError(`the support of this plan is ${sharing.support.kind}, not own: nobody lists coordinates`);
  }
  let count = 0;
  for (const value of chosen) if (value !== 0) count += 1;
  const indices = new Uint32Array(count);
  const values = new Float32Array(count);
  let at = 0;
  chosen.forEach((value, index) => {
    if (value === 0) return;
    indices[at] = index;
    values[at++] = value;
  });
  return Object.freeze({ kind: 'clear upload', warning: CLEAR_WARNING, indices, values });
}

/** w[j] += v for every uploaded (j, v): the paper's server. Mutates `weights`; refuses what does not fit before it changes anything. */
export function addClearUpload(weights: Float32Array, { indices, values }: ClearUpload): void {
  if (indices.length !== values.length) {
    throw new ParameterError(`${indices.length} coordinates have ${values.length} values`);
  }
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] >= weights.length || (i > 0 && indices[i] <= indices[i - 1])) {
      throw new ParameterError(`coordinate ${indices[i]} is out of order or not below ${weights.length}`);
    }
    if (!Number.isFinite(values[i])) throw new ParameterError(`the value of coordinate ${indices[i]} is ${values[i]}`);
  }
  for (let i = 0; i < indices.length; i++) weights[indices[i]] += values[i];
}
