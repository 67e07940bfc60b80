// Where noise costs less: on every step, or once on the result. Both have the same guarantee; what is compared is the deviation that each
// leaves in a coordinate of w_T. Noise at every step is pulled back by the ridge alone here (curvature of the data pulls more, and is not
// known): η·s·√Σ(1 − ηλ)^2k, s the deviation on the mean gradient. An upper bound against an exact number, so 'once' is never praised
// for less than it is worth where it wins by far, and both are told.

import { type Guarantee, type GuaranteeLiteral, guarantee } from './guarantee.ts';

export interface Placement {
  /** Undefined: neither can be had. */
  readonly better: 'every-step' | 'once' | undefined;
  /** Deviation in a coordinate of the result; undefined where it cannot be had. */
  readonly everyStepStddev: number | undefined;
  readonly onceStddev: number | undefined;
  readonly reason: string;
}

export function noisePlacement(literal: Omit<GuaranteeLiteral, 'placement'>): Placement {
  const every = guarantee({ ...literal, placement: 'every-step' });
  const once = guarantee({ ...literal, placement: 'once' });
  const everyStepStddev = every.kind === 'guaranteed' ? accumulated(every.guarantee) : undefined;
  const onceStddev = once.kind === 'guaranteed' ? once.guarantee.noiseStddev : undefined;
  const refusal = (found: typeof every): string => (found.kind === 'refused' ? found.reason : '');
  if (everyStepStddev === undefined && onceStddev === undefined) {
    return {
      better: undefined,
      everyStepStddev,
      onceStddev,
      reason: `every step: ${refusal(every)}. Once: ${refusal(once)}`,
    };
  }
  if (onceStddev === undefined)
    return { better: 'every-step', everyStepStddev, onceStddev, reason: `once: ${refusal(once)}` };
  if (everyStepStddev === undefined)
    return { better: 'once', everyStepStddev, onceStddev, reason: `every step: ${refusal(every)}` };
  const better = onceStddev < everyStepStddev ? 'once' : 'every-step';
  return {
    better,
    everyStepStddev,
    onceStddev,
    reason: `a coordinate ends with deviation ${onceStddev.toPrecision(3)} by noise once, and with at most ${everyStepStddev.toPrecision(3)} by noise at every step`,
  };
}

function accumulated({ literal, noiseStddev }: Guarantee): number {
  const { recipe, rowCount } = literal;
  const mean = noiseStddev / (recipe.batchSize ?? rowCount);
  const shrink = (rate: number): number => Math.abs(1 - rate * recipe.ridge);
  // Without momentum, w_T carries Σ_t γ_t ξ_t Π(1 − γλ); with it the last steps count more, which this leaves out.
  let square = 0;
  for (const step of recipe.steps) square = square * shrink(step.rate) ** 2 + step.rate ** 2;
  return mean * Math.sqrt(square);
}
