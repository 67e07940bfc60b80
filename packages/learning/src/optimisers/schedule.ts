// Learning rates as data: a factor on the base rate as a function of the step (from 0).

import { ParameterError } from '../errors.ts';

export type Schedule =
  | { readonly kind: 'constant' }
  /** Half a cosine from 1 to `floor` over `steps`, then `floor` (Loshchilov and Hutter, arXiv 1608.03983, one period). */
  | { readonly kind: 'cosine'; readonly steps: number; readonly floor?: number }
  /** Multiplied by `factor` every `every` steps. */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number }
  /** From 1/steps up to 1 in `steps` steps, then `after`, whose steps count from there. */
  | { readonly kind: 'warmUp'; readonly steps: number; readonly after: Schedule };

export function scheduleFactor(schedule: Schedule, step: number): number {
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'cosine': {
      requireSteps(schedule.steps);
      const { floor = 0 } = schedule;
      return floor + (1 - floor) * 0.5 * (1 + cosineOfPi(Math.min(step / schedule.steps, 1)));
    }
    case 'step': {
      requireSteps(schedule.every);
      let factor = 1;
      for (let i = Math.floor(step / schedule.every); i > 0; i--) factor *= schedule.factor;
      return factor;
    }
    case 'warmUp':
      requireSteps(schedule.steps);
      if (step < schedule.steps) return (step + 1) / schedule.steps;
      return scheduleFactor(schedule.after, step - schedule.steps);
    default:
      return schedule satisfies never;
  }
}

function requireSteps(steps: number): void {
  if (!(Number.isSafeInteger(steps) && steps > 0)) {
    throw new ParameterError(`a schedule's steps are a positive integer, not ${steps}`);
  }
}

/** cos πx for x in [0, 1], by its series around ½: our own, because Math.cos differs between runtimes. */
function cosineOfPi(x: number): number {
  // cos πx = -sin π(x - ½)
  const y = Math.PI * (x - 0.5);
  let term = y;
  let sum = y;
  for (let k = 2; k <= 24; k += 2) {
    term *= (-y * y) / (k * (k + 1));
    sum += term;
  }
  return -sum;
}
