// Who sums with whom: cohorts of a few hundred, shuffled by the beacon, so that nobody chooses its company and the coordinator chooses
// nobody's. Their opened sums are public and are added in the clear.

import { shuffle } from '../beacon/index.ts';
import type { Context } from '../context/index.ts';
import { ParameterError, type RoundAborted } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';

export interface CohortRule {
  /** The size to aim at; cohorts differ by one member at most. */
  readonly size: number;
  /** Fewest members of a cohort: some will drop out, so more than the fewest contributors of a sum. */
  readonly minimumSize: number;
}

export interface Cohorts {
  readonly kind: 'cohorts';
  /** Roster indices in rising order, cohort after cohort; every member is in one. */
  readonly members: readonly Uint32Array[];
}

/** Under the whole context of the roster: shuffled, then cut into parts of equal size. */
export function drawCohorts(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  context: Context,
  memberCount: number,
  { size, minimumSize }: CohortRule,
): Cohorts | RoundAborted {
  if (!Number.isInteger(minimumSize) || minimumSize < 3 || !Number.isInteger(size) || size < minimumSize) {
    throw new ParameterError(`cohorts of ${size}, at least ${minimumSize}: not whole numbers, or below 3`);
  }
  if (memberCount < minimumSize) {
    const reason = `${memberCount} members are no cohort of at least ${minimumSize}`;
    return { kind: 'aborted', code: 'E_TOO_FEW', reason, members: [] };
  }
  const order = shuffle(primitives, context, 'cohorts/assignment', memberCount);
  // As near to the size as possible without falling below the minimum.
  const count = Math.max(1, Math.min(Math.round(memberCount / size), Math.floor(memberCount / minimumSize)));
  const members = Array.from({ length: count }, (_, cohort) => {
    const [from, to] = [cohort, cohort + 1].map((at) => Math.floor((at * memberCount) / count));
    return order.slice(from, to).sort();
  });
  return { kind: 'cohorts', members };
}
