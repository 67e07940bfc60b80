// What of an update leaves a participant: Shokri and Shmatikov's selective upload (DSSGD, CCS 2015), inside the coordinates that all share
// in the round. Participants only; a residual is as telling as a gradient.
//
//   r ← residual + update                             residual 0 without error feedback
//   s ← clip(bound(selected(r at the support), γ))    the ⌈θ_u·P⌉ largest, or as many at random among |r_j| ≥ τ
//   residual ← r − s                                  kept with error feedback, and only when the round succeeds
//
// What is not chosen is zero in `values` and is encoded like any value: the words that leave do not say what was chosen. Lists of
// indices are made in clear-upload.ts, and only without protection.
// Refuses updates that are not finite or not of the model's length.

import { noResidual, type Residual, type Selection, type Support, shareOf } from '@sumus/secure-sum/support';
import { ParameterError } from '../errors.ts';
import type { Sharing } from '../plan/plan.ts';

export interface UploadRule {
  readonly sharing: Sharing;
  /** L2 norm of what is shared, as the encoding has it. */
  readonly clippingNorm: number;
}

export interface UpdateToShare {
  /** One number a parameter; not changed. */
  readonly update: Float32Array;
  /** From the last round that succeeded; needed with error feedback. */
  readonly residual?: Residual | undefined;
  readonly support: Support;
  /** The participant's own generator, for random-above-threshold. */
  readonly randomWords: (count: number) => Uint32Array;
}

/** Secret until it is encoded. */
export interface SelectedUpdate {
  /** One value a coordinate of the support. */
  readonly values: Float32Array;
  /** What to go on with when the round succeeds; undefined without error feedback. */
  readonly residual: Residual | undefined;
}

/** ⌈θ·P⌉ */
export const uploadCount = (parameterCount: number, fraction: number): number =>
  Math.min(parameterCount, Math.ceil(fraction * parameterCount));

export function selectUpdate({ sharing, clippingNorm }: UploadRule, given: UpdateToShare): SelectedUpdate {
  const { update, support } = given;
  const residual = sharing.errorFeedback
    ? (given.residual ?? noResidual(support.vectorLength))
    : noResidual(support.vectorLength);
  const selection = selectionOf(sharing, given);
  const { clamp } = sharing;
  const share =
    clamp === null
      ? shareOf(residual, update, { support, selection, clippingNorm })
      : // γ comes before the clip, or one large value would shrink all others first.
        bounded(shareOf(residual, update, { support, selection, clippingNorm: Number.POSITIVE_INFINITY }), {
          clamp,
          clippingNorm,
          support,
        });
  return { values: share.values, residual: sharing.errorFeedback ? share.residual : undefined };
}

function selectionOf({ upload }: Sharing, { support, randomWords }: UpdateToShare): Selection {
  const count = Math.min(uploadCount(support.vectorLength, upload.fraction), support.count);
  switch (upload.selection.kind) {
    case 'all':
      return { kind: 'all' };
    case 'largest':
      return { kind: 'largest', count };
    case 'random-above-threshold':
      return { kind: 'above', threshold: upload.selection.threshold, count, randomWords };
    default:
      return upload.selection satisfies never;
  }
}

/** The chosen values cut to [−γ, γ] and clipped together; what was cut off goes back into the residual. */
function bounded(
  share: { readonly values: Float32Array; readonly residual: Residual },
  {
    clamp,
    clippingNorm,
    support,
  }: { readonly clamp: number; readonly clippingNorm: number; readonly support: Support },
): { readonly values: Float32Array; readonly residual: Residual } {
  if (!(clamp > 0)) throw new ParameterError(`clamp is ${clamp}, not positive`);
  if (!(clippingNorm > 0)) throw new ParameterError(`clippingNorm is ${clippingNorm}, not positive`);
  // A float that is not above γ: rounding up would let a value out of its bound.
  const bound = Math.fround(clamp) <= clamp ? Math.fround(clamp) : Math.fround(clamp * (1 - 2 ** -24));
  const values = share.values.map((value) => Math.min(bound, Math.max(-bound, value)));
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (norm > clippingNorm) for (let i = 0; i < values.length; i++) values[i] *= clippingNorm / norm;
  const kept = share.residual.values.slice();
  for (let i = 0; i < values.length; i++) kept[support.indices?.[i] ?? i] += share.values[i] - values[i];
  return { values, residual: { values: kept } };
}
