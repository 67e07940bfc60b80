// Which parameters a participant takes over: the θ_d·P most updated ones, by statistics that the server keeps (Shokri and Shmatikov 2015).
// Public from end to end, and a function of what was published: whoever saw the same releases ranks the same parameters.
//
//   clear uploads:  stat[j] += 1 for every upload of j                                     (the paper)
//   a sum:          stat[j] += |mean[j]| at the support: who chose j is not known, and must not be
//   each round:     stat ← β · stat
//
// Where statistics are equal, a place that moves on with every round goes first, in a circle: the first layer has no precedence.

import { ParameterError } from '../errors.ts';
import type { Sharing } from '../plan/plan.ts';

export interface DownloadStatistics {
  /** ≥ 0, one a parameter. */
  readonly activity: Float64Array;
  readonly rounds: number;
}

export const freshStatistics = (parameterCount: number): DownloadStatistics => ({
  activity: new Float64Array(parameterCount),
  rounds: 0,
});

/** After an upload in clear: one more for every coordinate in it. */
export function countUpload({ activity, rounds }: DownloadStatistics, indices: Uint32Array): DownloadStatistics {
  const counted = activity.slice();
  for (const index of indices) {
    requireIndex(index, counted.length);
    counted[index] += 1;
  }
  return { activity: counted, rounds };
}

/** After a published sum: `indices` of the support, undefined when all coordinates are in it; `mean` one value each. */
export function countSum(
  { activity, rounds }: DownloadStatistics,
  { indices, mean }: { readonly indices: Uint32Array | undefined; readonly mean: Float32Array },
): DownloadStatistics {
  const length = indices?.length ?? activity.length;
  if (mean.length !== length) throw new ParameterError(`a mean of ${mean.length} values for ${length} coordinates`);
  const counted = activity.slice();
  mean.forEach((value, i) => {
    const index = indices === undefined ? i : indices[i];
    requireIndex(index, counted.length);
    if (!Number.isFinite(value)) throw new ParameterError(`the mean of coordinate ${index} is ${value}`);
    counted[index] += Math.abs(value);
  });
  return { activity: counted, rounds };
}

/** A round is over: what is old counts less. */
export function decayed({ activity, rounds }: DownloadStatistics, decay: number): DownloadStatistics {
  if (!(decay >= 0 && decay <= 1))
    throw new ParameterError(`the decay of download statistics is ${decay}, not in [0, 1]`);
  return { activity: activity.map((value) => decay * value), rounds: rounds + 1 };
}

/** The ⌈θ_d·P⌉ most updated parameters in rising order; undefined when that is all of them. */
export function mostUpdated(
  { activity, rounds }: DownloadStatistics,
  { fraction }: Sharing['download'],
): Uint32Array | undefined {
  if (!(fraction > 0 && fraction <= 1)) throw new ParameterError(`a download of ${fraction} of all parameters`);
  const length = activity.length;
  const count = Math.ceil(fraction * length);
  if (count >= length) return undefined;
  const bound = Float64Array.from(activity).sort()[length - count];
  const taken = new Uint8Array(length);
  let left = count;
  for (let i = 0; i < length; i++) {
    if (activity[i] > bound) {
      taken[i] = 1;
      left -= 1;
    }
  }
  const first = (rounds * count) % length;
  for (let step = 0; left > 0; step++) {
    const i = (first + step) % length;
    if (activity[i] === bound) {
      taken[i] = 1;
      left -= 1;
    }
  }
  const indices = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < length; i++) if (taken[i] === 1) indices[at++] = i;
  return indices;
}

function requireIndex(index: number, length: number): void {
  if (index >= length) throw new ParameterError(`coordinate ${index} is not below ${length}`);
}
