// Membership in models that learnt digits by heart, and in models trained with DP-SGD, beside the ε of that training: what no attack may beat.

import { type MembershipOutcome, membershipTrial } from '@sumus/attacks/membership';
import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { under } from '@sumus/differential-privacy/mechanisms';
import { architecture } from '@sumus/learning/model';
import { PIXELS, type Pictures } from '../attacks/pictures.ts';

export interface MembershipSetting {
  readonly examples: number;
  readonly models: number;
  readonly steps: number;
  readonly batch: number;
  /** Over the clipping norm 1; undefined: no clipping either. */
  readonly noiseMultiplier: number | undefined;
}

export const DELTA = 1e-5;

const model = architecture({
  input: [PIXELS],
  layers: [{ kind: 'dense', units: 32 }, { kind: 'relu' }, { kind: 'dense', units: 10 }],
});

export async function membershipOf(
  { inputs, targets }: Pictures,
  { examples, models, steps, batch, noiseMultiplier }: MembershipSetting,
): Promise<MembershipOutcome> {
  return membershipTrial({
    model,
    examples: { inputs: inputs.slice(0, examples * PIXELS), labels: targets.slice(0, examples) },
    models,
    training: {
      steps,
      batch,
      optimiser: { kind: 'adamW', learningRate: 3e-3, weightDecay: 0 },
      ...(noiseMultiplier === undefined ? {} : { noise: { clippingNorm: 1, noiseMultiplier } }),
    },
    seed: 1,
  });
}

/** Every model sees half of the examples, each of them in a batch with chance 2·batch/examples. */
export function epsilonOf({ examples, steps, batch, noiseMultiplier }: MembershipSetting): number {
  if (noiseMultiplier === undefined) return Number.POSITIVE_INFINITY;
  const frame = under({ adjacency: 'add-remove', unit: 'record' });
  const inner = frame.gaussian({ noiseMultiplier });
  const step = frame.poissonSampled({ inner, samplingRate: (2 * batch) / examples });
  const answer = tightestEpsilon([frame.repetition({ inner: step, count: steps })], DELTA);
  if (answer.kind === 'refused') throw new Error(answer.reason);
  return answer.epsilon;
}
