// The floors of whoever takes part, held against a round. How many corrupt members its committee may have is not the round's own word: it
// follows from the fraction that the participant defends against, and from how the committee came about.
//
//   fixed     ⌊γ·m⌋ of m members
//   sampled   the smallest c with P[more than c of m are corrupt] ≤ 2^−bits, where ⌈γ·N⌉ of N candidates are: the exact hypergeometric tail,
//             which for small committees is far above γ·m

import { type Accepted, corruptAmong, type Floors, type OneShotProposal, requireFloors } from '../../floors/index.ts';
import { countOf, PRIVACY_BITS } from '../../mask/parameters.ts';
import { hypergeometric, smallestBound } from '../../mask/tails.ts';
import { type OneShotParameters, proposalOf } from './parameters.ts';
import type { OneShotRound } from './round.ts';

/** What a participant itself takes for t_c. `failureBits`: how improbable it is that a sampled committee has more. */
export function corruptInCommittee(
  floors: Pick<Floors, 'corruptFraction'>,
  { choice, oneTime }: OneShotParameters,
  candidates: number,
  failureBits: number = PRIVACY_BITS,
): number {
  const { members } = oneTime.committee;
  switch (choice) {
    case 'fixed':
      return corruptAmong(floors, members);
    case 'sampled': {
      const marked = countOf(floors.corruptFraction, candidates);
      return smallestBound(hypergeometric({ population: candidates, marked, draws: members }), 1, failureBits);
    }
    default:
      return choice satisfies never;
  }
}

/** E_FLOOR, or what a start needs. */
export const acceptedBy = (
  floors: Floors,
  { parameters, directory }: Pick<OneShotRound, 'parameters' | 'directory'>,
  failureBits: number = PRIVACY_BITS,
): Accepted<OneShotProposal> =>
  requireFloors(
    floors,
    proposalOf(parameters),
    corruptInCommittee(floors, parameters, directory.committee.members.length, failureBits),
  );
