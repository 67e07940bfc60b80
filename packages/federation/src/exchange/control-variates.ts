// SCAFFOLD's control variates (Karimireddy and others, ICML 2020, algorithm 1, option II): a participant's steps are corrected for the drift
// that its own data cause. What is summed is (Δy, Δc), one vector of twice the coordinates, under the same protection.
//
//   participant   y ← y − η·(g(y) − c_i + c)          K times, from y = x
//                 c_i⁺ = c_i − c + (x − y) / (K·η)     Δy = y − x,  Δc = c_i⁺ − c_i
//   server        c ← c + (|S| / N)·mean(Δc)           x by its optimiser from mean(Δy)
//
// c_i is as telling as a gradient and stays with its participant, who keeps c_i⁺ only when the round succeeded, and only at the
// coordinates that were shared: elsewhere the sum does not know of it, and c would not be the mean of the c_i.

import { ParameterError } from '../errors.ts';

/** What every step of a participant adds to its gradient: c − c_i. */
export function driftCorrection(
  shared: Float32Array,
  { own }: { readonly own: Float32Array },
): Float32Array<ArrayBuffer> {
  requireLength(own, shared.length);
  return Float32Array.from(shared, (c, i) => c - own[i]);
}

/** c_i⁺ − c_i after K steps of rate η, from the update y − x. */
export function controlChange(
  update: Float32Array,
  {
    shared,
    steps,
    learningRate,
  }: { readonly shared: Float32Array; readonly steps: number; readonly learningRate: number },
): Float32Array<ArrayBuffer> {
  requireLength(shared, update.length);
  if (!Number.isSafeInteger(steps) || steps < 1) throw new ParameterError(`control variates after ${steps} steps`);
  return Float32Array.from(update, (moved, i) => -shared[i] - moved / (steps * learningRate));
}

/** c_i⁺ at the coordinates that were shared (undefined: all), c_i elsewhere. */
export function advancedControl(
  own: Float32Array,
  change: Float32Array,
  indices: Uint32Array | undefined,
): Float32Array<ArrayBuffer> {
  requireLength(change, own.length);
  const next = Float32Array.from(own);
  if (indices === undefined) for (let i = 0; i < next.length; i++) next[i] += change[i];
  else for (const i of indices) next[i] += change[i];
  return next;
}

/** The server's c after a sum of `contributors` of all `members`; `meanChange` at the coordinates that were summed. */
export function nextSharedControl(
  shared: Float32Array,
  {
    meanChange,
    indices,
    contributors,
    members,
  }: {
    readonly meanChange: Float32Array;
    readonly indices: Uint32Array | undefined;
    readonly contributors: number;
    readonly members: number;
  },
): Float32Array<ArrayBuffer> {
  requireLength(meanChange, indices?.length ?? shared.length);
  if (!(contributors >= 1 && contributors <= members)) {
    throw new ParameterError(`${contributors} contributors of ${members} members`);
  }
  const next = Float32Array.from(shared);
  meanChange.forEach((change, at) => {
    const i = indices === undefined ? at : indices[at];
    if (i >= next.length || !Number.isFinite(change)) {
      throw new ParameterError(`a change of ${change} at coordinate ${i} of ${next.length}`);
    }
    next[i] += (contributors / members) * change;
  });
  return next;
}

/** (Δy, Δc) as one vector, and back. */
export function joined(update: Float32Array, change: Float32Array): Float32Array<ArrayBuffer> {
  requireLength(change, update.length);
  const both = new Float32Array(2 * update.length);
  both.set(update);
  both.set(change, update.length);
  return both;
}

export function parted(both: Float32Array): { readonly update: Float32Array; readonly change: Float32Array } {
  if (both.length % 2 !== 0) throw new ParameterError(`${both.length} numbers are no two halves`);
  const half = both.length / 2;
  return { update: both.slice(0, half), change: both.slice(half) };
}

function requireLength(values: Float32Array, length: number): void {
  if (values.length !== length) throw new ParameterError(`${values.length} numbers where there are ${length}`);
}
