// Who takes part in a release, and in which order. Public: a function of the plan, the number of members and the beacon; the server
// chooses nobody's company.

import type { Exchange } from '../plan/plan.ts';

/**
 * A permutation of 0 … count − 1 that nobody chose, the same for everybody who asks with the same label. In a run: `shuffle` of
 * @sumus/secure-sum/beacon under a whole context.
 */
export type Permutation = (label: string, count: number) => Uint32Array;

/** Members of order number `cycle` (from 0): in the order of their turns, or rising where there are no turns. */
export function membersOf(
  exchange: Exchange,
  { memberCount, cycle }: { readonly memberCount: number; readonly cycle: number },
  permutation: Permutation,
): readonly number[] {
  const everybody = Array.from({ length: memberCount }, (_, member) => member);
  const shuffled = (purpose: string): number[] => [...permutation(`exchange/${purpose}/${cycle}`, memberCount)];
  switch (exchange.schedule) {
    case 'synchronous': {
      const { cohort } = exchange;
      if (cohort.kind === 'all' || cohort.size >= memberCount) return everybody;
      return shuffled('cohort')
        .slice(0, cohort.size)
        .sort((a, b) => a - b);
    }
    case 'random-order':
      return shuffled('order');
    case 'round-robin':
    case 'asynchronous':
    case 'one-round':
      return everybody;
    default:
      return exchange satisfies never;
  }
}
