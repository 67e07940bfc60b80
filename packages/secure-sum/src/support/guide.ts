// What guides a support: an exponential moving average of the magnitudes of what was published. Public, and a value: everybody who
// has seen the same aggregates has the same guide, to the bit. A participant's own update is never in it.

import { ParameterError } from '../errors.ts';
import { requireVector, type Support } from './support.ts';

export interface Guide {
  /** ≥ 0; 0 for what was never published. */
  readonly magnitudes: Float32Array;
  /** What part of a coordinate's magnitude an update keeps, in [0, 1). */
  readonly decay: number;
}

export function freshGuide(vectorLength: number, decay: number): Guide {
  if (!(decay >= 0 && decay < 1)) throw new ParameterError(`the decay of a guide is ${decay}, not in [0, 1)`);
  return Object.freeze({ magnitudes: new Float32Array(vectorLength), decay: Math.fround(decay) });
}

/**
 * m ← decay · m + (1 − decay) · |published| at the coordinates of the support; the others keep what they have, for nothing was learned
 * about them. Every product and sum is rounded to a float, so all platforms agree.
 */
export function updatedGuide({ magnitudes, decay }: Guide, support: Support, published: Float32Array): Guide {
  requireVector(magnitudes, support.vectorLength);
  requireVector(published, support.count);
  const updated = magnitudes.slice();
  const fresh = Math.fround(1 - decay);
  for (let i = 0; i < published.length; i++) {
    const magnitude = Math.abs(published[i]);
    if (!Number.isFinite(magnitude)) throw new ParameterError(`the published value at ${i} is not finite`);
    const at = support.indices === undefined ? i : support.indices[i];
    updated[at] = Math.fround(decay * updated[at]) + Math.fround(fresh * magnitude);
  }
  return Object.freeze({ magnitudes: updated, decay });
}
