// The least noise that keeps a plan's own ε for all of its rounds: sought on the bound that is charged, and never below what it needs.

import { ParameterError } from '../errors.ts';
import { sumsInPlan } from './column-sums.ts';
import type { Plan } from './plan.ts';
import { epsilonAfter } from './price.ts';

const MOST_NOISE = 1e4;
const TOLERANCE = 1e-3;

/** The plan with that noise multiplier; the same plan where nothing is promised. */
export function withLeastNoise(plan: Plan): Plan {
  const { privacy, stopping } = plan;
  if (privacy.kind !== 'central' && privacy.kind !== 'local') return plan;
  const withNoise = (noiseMultiplier: number): Plan => ({ ...plan, privacy: { ...privacy, noiseMultiplier } });
  const isEnough = (noiseMultiplier: number): boolean => {
    const answer = epsilonAfter(withNoise(noiseMultiplier), sumsInPlan(plan));
    return answer?.kind === 'bound' && answer.epsilon <= privacy.epsilonAtMost;
  };
  let high = 1;
  while (!isEnough(high)) {
    high *= 2;
    if (high > MOST_NOISE) {
      throw new ParameterError(
        `no noise keeps ε = ${privacy.epsilonAtMost} for ${stopping.rounds} rounds at δ = ${privacy.delta}`,
      );
    }
  }
  let low = high === 1 ? 0.01 : high / 2;
  // `high` is enough at all times: the only one that can be returned.
  while (high / low > 1 + TOLERANCE) {
    const middle = Math.sqrt(low * high);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  // Four digits, upwards; bounds that are sought over whole orders are not quite monotone, so what is written is what was tried.
  let written = roundedUp(high);
  while (!isEnough(written)) written = roundedUp(written * (1 + TOLERANCE));
  return withNoise(written);
}

function roundedUp(value: number): number {
  const nearest = Number(value.toPrecision(4));
  return nearest >= value ? nearest : Number((value * (1 + TOLERANCE)).toPrecision(4));
}
