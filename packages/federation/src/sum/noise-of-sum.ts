// Whether the noise of a plan is all there in what can be opened of a sum with so many members: looked at by every participant when it knows the
// roster, for the coordinator gathers it. A plan's own rule looks at the fewest and the most alone.

import { ProtocolViolation } from '@sumus/secure-sum/errors';
import type { Plan } from '../plan/plan.ts';
import { noiseOf, partialSumOf } from '../plan/sums.ts';

/** E_FLOOR where fewer honest contributors can be in a partial sum than the plan's noise is made by. */
export function requireWholeNoise(plan: Plan, members: number): void {
  if (plan.privacy.kind !== 'central') return;
  const shares = noiseOf(plan)?.shares ?? 0;
  const together = partialSumOf(plan, members) ?? shares;
  if (together >= shares) return;
  throw new ProtocolViolation(
    'E_FLOOR',
    `of ${members} members on a sparse graph, sums of ${together} honest ones can be opened; the noise is made by ${shares}`,
  );
}
