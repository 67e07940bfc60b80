// A participant's own model: what was downloaded overwrites, what was not stays local. With θ_d < 1 participants' models differ, and that
// is DSSGD. A value; the participant's alone.

import { ParameterError } from '../errors.ts';

export interface Download {
  /** The published weights: all of them; only those at `indices` are taken over. */
  readonly weights: Float32Array;
  /** Undefined: all. */
  readonly indices: Uint32Array | undefined;
}

/** The weights to train from. Refuses weights that are not finite: nothing of them is taken over. */
export function afterDownload(local: Float32Array, { weights, indices }: Download): Float32Array<ArrayBuffer> {
  if (weights.length !== local.length) {
    throw new ParameterError(`${weights.length} weights were downloaded, the model has ${local.length}`);
  }
  const next = Float32Array.from(local);
  const take = (index: number): void => {
    if (index >= next.length) throw new ParameterError(`coordinate ${index} is not below ${next.length}`);
    if (!Number.isFinite(weights[index])) throw new ParameterError(`downloaded weight ${index} is ${weights[index]}`);
    next[index] = weights[index];
  };
  if (indices === undefined) for (let i = 0; i < next.length; i++) take(i);
  else for (const index of indices) take(index);
  return next;
}
