// A contribution whose norm is bounded, and whose: the type says what was clipped, because that decides what neighbours
// can move.
//
//   Bounded<'example'>       each example by itself: a sum of them is example-level, add/remove C, replace-one 2C
//   Bounded<'batch'>         the aggregate of a batch, clipped as a whole: *client-level* only. Example-level it is 2C
//                            at any batch size, for one added
//                            record can move the clipped vector anywhere in the ball; the usual "C/B" is wrong by a
//                            factor of 2B
//   Bounded<'participant'>   everything one participant sends: participant-level, add/remove C, replace-one 2C

import { ParameterError } from '../errors.ts';
import type { Adjacency, Unit } from '../mechanisms/mechanism.ts';
import { contributionsThatDiffer } from '../sensitivity/aggregate.ts';

export type Clipped = 'example' | 'batch' | 'participant';

declare const clipped: unique symbol;

/** Made by the clipping functions of this folder only: a literal with a norm in it does not compile. */
export interface Bounded<C extends Clipped> {
  readonly [clipped]: true;
  readonly of: C;
  /** Secret. */
  readonly values: Float64Array;
  /** ‖values‖ ≤ this; public. */
  readonly norm: number;
}

/** The constructor, for the functions that clip. */
export function boundedBy<C extends Clipped>(of: C, values: Float64Array, norm: number): Bounded<C> {
  return Object.freeze({ of, values, norm }) as Bounded<C>;
}

/** L2 sensitivity of the plain sum of contributions of this kind, for this unit. */
export function clippedSumSensitivity(sum: {
  readonly of: Clipped;
  readonly norm: number;
  readonly unit: Unit;
  readonly adjacency: Adjacency;
}): number {
  const { of, norm, unit, adjacency } = sum;
  if (!(Number.isFinite(norm) && norm > 0)) throw new ParameterError(`a clipping norm is positive, not ${norm}`);
  switch (of) {
    case 'example':
      if (unit === 'participant') {
        throw new ParameterError('clipping examples bounds no participant: he may hold any number of them');
      }
      return contributionsThatDiffer(adjacency) * norm;
    case 'batch':
      // One record in a batch: both vectors lie in the ball, whatever the adjacency. A participant who sends one batch:
      // like any update.
      return unit === 'record' ? 2 * norm : contributionsThatDiffer(adjacency) * norm;
    case 'participant':
      // Bounds every record of his too, but no better than the batch: anywhere in the ball.
      return unit === 'record' ? 2 * norm : contributionsThatDiffer(adjacency) * norm;
    default:
      return of satisfies never;
  }
}

/**
 * Sum of bounded contributions, all of one kind and bound. The kind cannot be mixed: that does not compile. In doubles,
 * whose rounding moves sums by more than the sensitivity says: what is released goes on the grid before it is summed
 * (noise/gaussian-grid.ts).
 */
export function sumBounded<C extends Clipped>(
  contributions: readonly Bounded<C>[],
): { readonly of: C; readonly sum: Float64Array; readonly norm: number } {
  const [first] = contributions;
  if (first === undefined) throw new ParameterError('an empty sum has no dimension');
  const sum = new Float64Array(first.values.length);
  for (const { values, norm } of contributions) {
    if (values.length !== sum.length)
      throw new ParameterError(`contributions of ${values.length} and ${sum.length} numbers`);
    if (norm !== first.norm) throw new ParameterError(`contributions bounded by ${norm} and by ${first.norm}`);
    for (let i = 0; i < sum.length; i++) sum[i] += values[i];
  }
  return { of: first.of, sum, norm: first.norm };
}
