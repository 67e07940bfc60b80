// Who opens the sums: everybody that the committee's roster lists, or m of them drawn by the beacon after that roster was logged.
// Everybody computes it; a committee that the coordinator names is compared with it and otherwise refused.

import { shuffle } from '../../beacon/index.ts';
import type { MemberId } from '../../canonical/index.ts';
import type { Context } from '../../context/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import type { PublicPrimitives } from '../../primitives.ts';
import type { Roster } from '../../roster/index.ts';
import type { OneShotParameters } from './parameters.ts';

/** Indices into the roster, in the order of the members' numbers 1 … m. */
export function chooseCommittee(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  context: Context,
  roster: Roster,
  { choice, oneTime }: OneShotParameters,
): readonly number[] {
  const { members } = oneTime.committee;
  const listed = roster.members.length;
  switch (choice) {
    case 'fixed':
      if (listed !== members) {
        throw new ProtocolViolation('E_COMMITTEE', `a fixed committee of ${members}, and a roster of ${listed}`);
      }
      return roster.members.map(({ index }) => index);
    case 'sampled':
      if (listed < members) {
        throw new ProtocolViolation('E_COMMITTEE', `${listed} candidates for a committee of ${members}`);
      }
      return [...shuffle(primitives, context, 'one-shot/committee', listed).subarray(0, members)];
    default:
      return choice satisfies never;
  }
}

/** That a committee somebody names is the derived one: E_COMMITTEE otherwise. */
export function requireCommittee(
  derived: readonly { readonly memberId: MemberId }[],
  named: readonly MemberId[],
): void {
  const differs = named.findIndex((memberId, i) => derived[i]?.memberId !== memberId);
  if (named.length !== derived.length || differs >= 0) {
    throw new ProtocolViolation(
      'E_COMMITTEE',
      `the committee that is named, of ${named.length}, is not the one that follows from roster and beacon`,
    );
  }
}
