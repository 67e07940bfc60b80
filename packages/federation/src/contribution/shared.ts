// What of an update goes into the words, as floats: chosen, cut and clipped; with SCAFFOLD the update and the change of the own control
// variate as one vector, clipped together. And what stays behind of it. Secret, all of it.
//
// c is the mean of all c_i as long as each c_i moves by exactly what its participant put into the sum: so c_i⁺ = c_i + (what was shared of
// Δc), after clip and weight, at the support and nowhere else.

import { selectUpload } from '@sumus/differential-privacy/selection';
import { gather, type Support } from '@sumus/secure-sum/support';
import { ParameterError } from '../errors.ts';
import { controlChange, joined } from '../exchange/control-variates.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { Published } from '../release/published.ts';
import { selectUpdate, uploadCount } from '../sharing/upload.ts';
import type { LocalUpdate } from '../training/local-training.ts';
import { type RandomBytes, randomSourceOf, randomWordsOf } from '../training/own-randomness.ts';
import type { KeptInTheClear } from './kept.ts';

export interface Shared {
  /** One a coordinate of the support; with control variates twice as many. */
  readonly values: Float32Array;
  /** How many of them could be other than zero. */
  readonly coordinates: number;
  /** What to go on with, where the values went into the sum times this factor. */
  keptAfter(factor: number): KeptInTheClear;
}

export interface ToShare {
  readonly work: LocalUpdate;
  readonly kept: KeptInTheClear;
  readonly from: Published;
  readonly support: Support;
}

export function shared(
  { randomBytes }: { readonly randomBytes: RandomBytes },
  plan: CheckedPlan,
  given: ToShare,
): Shared {
  const { work, kept, support } = given;
  requireUpdate(work, support);
  const localWeights = plan.sharing.download.fraction < 1 ? work.weights : undefined;
  if (plan.privacy.kind === 'sparse-vector') return sparse(plan, given, randomBytes, localWeights);
  const change = changeOf(plan, given);
  const { sharing, encoding } = plan;
  // With control variates the clip is of both together, further down.
  const clippingNorm = change === undefined ? encoding.clippingNorm : Number.POSITIVE_INFINITY;
  const chosen = selectUpdate(
    { sharing, clippingNorm },
    {
      update: work.update,
      residual: kept.residual && { values: kept.residual },
      support,
      randomWords: randomWordsOf(randomBytes),
    },
  );
  const coordinates = Math.min(support.count, uploadCount(support.vectorLength, sharing.upload.fraction));
  if (change === undefined) {
    const residual = chosen.residual?.values;
    const next: KeptInTheClear = Object.freeze({ residual, ownControl: undefined, localWeights });
    return { values: chosen.values, coordinates, keptAfter: () => next };
  }
  const { values, factor } = clipped(joined(chosen.values, change), encoding.clippingNorm);
  return {
    values,
    coordinates: coordinates + support.count,
    keptAfter: (weight) =>
      Object.freeze({
        residual: chosen.residual && withCutOff(chosen.residual.values, support, chosen.values, 1 - factor),
        ownControl: advanced(kept.ownControl, support, change, factor * weight),
        localWeights,
      }),
  };
}

function requireUpdate({ update }: LocalUpdate, { vectorLength }: Support): void {
  if (update.length !== vectorLength) {
    throw new ParameterError(`an update of ${update.length} numbers, the support is one of ${vectorLength}`);
  }
  for (let i = 0; i < update.length; i++) {
    if (!Number.isFinite(update[i])) throw new ParameterError('the update has a value that is not finite');
  }
}

/** Δc at the support. */
function changeOf({ exchange }: CheckedPlan, { work, from, support }: ToShare): Float32Array | undefined {
  if (exchange.schedule === 'one-round' || exchange.localWork.correction.kind !== 'control-variates') return undefined;
  if (from.kind !== 'model' || from.sharedControl === undefined) {
    throw new ParameterError('the model that this work started from has no control variates');
  }
  const { learningRate } = exchange.localWork.optimiser;
  return gather(support, controlChange(work.update, { shared: from.sharedControl, steps: work.steps, learningRate }));
}

function clipped(
  values: Float32Array,
  clippingNorm: number,
): { readonly values: Float32Array; readonly factor: number } {
  let squares = 0;
  for (const value of values) squares += value * value;
  if (!Number.isFinite(squares)) throw new ParameterError('the change of a control variate is not finite');
  const norm = Math.sqrt(squares);
  const factor = norm > clippingNorm ? clippingNorm / norm : 1;
  return { values: factor === 1 ? values : values.map((value) => value * factor), factor };
}

function withCutOff(residual: Float32Array, support: Support, values: Float32Array, part: number): Float32Array {
  const next = residual.slice();
  values.forEach((value, at) => {
    next[support.indices === undefined ? at : support.indices[at]] += part * value;
  });
  return next;
}

function advanced(own: Float32Array | undefined, support: Support, change: Float32Array, factor: number): Float32Array {
  const next = own?.slice() ?? new Float32Array(support.vectorLength);
  change.forEach((value, at) => {
    next[support.indices === undefined ? at : support.indices[at]] += factor * value;
  });
  return next;
}

/** The sparse vector technique chooses and blurs by itself (Shokri and Shmatikov 2015, §3): nothing of it is bent afterwards. */
function sparse(
  { privacy, sharing, model, encoding }: CheckedPlan,
  { work, support }: ToShare,
  randomBytes: RandomBytes,
  localWeights: Float32Array | undefined,
): Shared {
  const { clamp, upload } = sharing;
  if (privacy.kind !== 'sparse-vector' || clamp === null || support.indices !== undefined) {
    throw new ParameterError('the sparse vector technique needs a clamp and all coordinates');
  }
  const { indices, values } = selectUpload(
    Float64Array.from(work.update),
    {
      parameterCount: model.parameterCount,
      uploadFraction: upload.fraction,
      bound: clamp,
      threshold: privacy.threshold,
      epsilonPerUpload: privacy.epsilonPerUpload,
      epochs: 1,
      delta: privacy.delta,
    },
    randomSourceOf(randomBytes),
  );
  const dense = new Float32Array(support.count);
  indices.forEach((index, at) => {
    dense[index] = values[at];
  });
  // What was blurred may be cut together: that is done to what is released already.
  const kept: KeptInTheClear = Object.freeze({ residual: undefined, ownControl: undefined, localWeights });
  return {
    values: clipped(dense, encoding.clippingNorm).values,
    coordinates: uploadCount(model.parameterCount, upload.fraction),
    keptAfter: () => kept,
  };
}
