// Who takes part in a release, and in which order. Public: a function of the plan, the number of members and the beacon; the server
// chooses nobody's company.

import type { Exchange } from '../plan/plan.ts';

/**
 * A permutation of 0 … count − 1 that nobody chose, the same for everybody who asks with the same label. In a run: `shuffle` of
 * @sumus/secure-sum/beacon under a whole context.
 */
export type Permutation = (label: string, count: number) => Uint32Array;

export interface OrderOf {
  readonly memberCount: number;
  /** Of the order, from 0: random orders are fresh in each. */
  readonly cycle: number;
  /** Of the model that is trained from: a round that is tried again has the same cohort, whose first attempt may have been opened. */
  readonly version: number;
}

/** In the order of their turns, or rising where there are no turns. */
export function membersOf(
  exchange: Exchange,
  { memberCount, cycle, version }: OrderOf,
  permutation: Permutation,
): readonly number[] {
  const everybody = Array.from({ length: memberCount }, (_, member) => member);
  const shuffled = (purpose: string, at: number): number[] => [
    ...permutation(`exchange/${purpose}/${at}`, memberCount),
  ];
  switch (exchange.schedule) {
    case 'synchronous': {
      const { cohort } = exchange;
      if (cohort.kind === 'all' || cohort.size >= memberCount) return everybody;
      return shuffled('cohort', version)
        .slice(0, cohort.size)
        .sort((a, b) => a - b);
    }
    case 'random-order':
      return shuffled('order', cycle);
    case 'round-robin':
    case 'asynchronous':
    case 'one-round':
      return everybody;
    default:
      return exchange satisfies never;
  }
}
