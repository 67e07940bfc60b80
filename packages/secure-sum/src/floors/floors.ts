// What a participant never accepts, whatever the coordinator proposes. Floors are the participant's own (compiled in, or chosen by
// its operator); proposals come from outside, and there is no way from one to the other: floors can be tightened, never loosened.
//
// For mask, over a sharing set of K members (its owner among them, K = k + 1; complete graph K = n) of whom at most c are corrupt:
//   t ≥ ⌊(K + c)/2⌋ + 1, equivalently 2t > K + c      (specification §1.3)
// For one-shot, a committee of m with at most t_c corrupt:
//   quorum ≥ ⌊(m + t_c)/2⌋ + 1, equivalently 2q > m + t_c   (§1.4)
// For threshold, a key of n_k members of whom at most c are corrupt, opened by t:
//   t ≥ ⌊(n_k + c)/2⌋ + 1, equivalently 2t > n_k + c        (§2.1 asks c + 1 only; docs/decisions/threshold-sums.md)
// All three say the same: two groups that are each enough share an honest member, and it answers once.

import { ParameterError, ProtocolViolation } from '../errors.ts';

export interface Floors {
  /** Fewest contributors of a sum, this participant among them. */
  readonly minimumContributors: number;
  /** γ: the fraction of corrupt members that this participant defends against, in [0, 1/2). */
  readonly corruptFraction: number;
  readonly minimumWordBits: number;
  readonly maximumVectorLength: number;
  readonly maximumRoundsPerDay: number;
  readonly minimumCommittee: number;
  readonly minimumBeaconContributors: number;
}

/** Far above any packing: bounds the integers below. */
const WORD_BITS_AT_MOST = 128;

declare const accepted: unique symbol;

export interface MaskProposal {
  readonly protocol: 'mask';
  /** n: members of the roster. */
  readonly members: number;
  /** K: members of a sharing set, the owner among them. */
  readonly sharingSet: number;
  /** t */
  readonly threshold: number;
  /** c */
  readonly corruptInSharingSet: number;
  readonly minimumContributors: number;
  readonly wordBits: number;
  readonly valueBits: number;
  readonly vectorLength: number;
}

export interface OneShotProposal {
  readonly protocol: 'one-shot';
  /** m */
  readonly committee: number;
  /** t_c */
  readonly corruptInCommittee: number;
  /** q_c */
  readonly quorum: number;
  readonly minimumContributors: number;
  /** The most contributions that one sum may have. */
  readonly maximumContributors: number;
  readonly wordBits: number;
  readonly valueBits: number;
  readonly vectorLength: number;
}

export interface ThresholdProposal {
  readonly protocol: 'threshold';
  /** n_k: members among whom the key is shared. */
  readonly members: number;
  /** c: members that may be corrupt. */
  readonly corruptMembers: number;
  /** t: members that open. */
  readonly threshold: number;
  readonly minimumContributors: number;
  /** The most contributions that one sum may have. */
  readonly maximumContributors: number;
  readonly wordBits: number;
  readonly valueBits: number;
  readonly vectorLength: number;
}

export type Proposal = MaskProposal | OneShotProposal | ThresholdProposal;

/** A proposal that met the floors: what the protocol is started with. */
export type Accepted<P extends Proposal> = P & { readonly [accepted]: true };

/** Checked and frozen. */
export function defineFloors(floors: Floors): Floors {
  const whole = (name: keyof Floors, lowest: number): void => {
    const value = floors[name];
    if (!Number.isSafeInteger(value) || value < lowest) {
      throw new ParameterError(`${name} is ${value}, not a whole number of at least ${lowest}`);
    }
  };
  // A sum of two tells each of the two the other's.
  whole('minimumContributors', 3);
  whole('minimumWordBits', 1);
  whole('maximumVectorLength', 1);
  whole('maximumRoundsPerDay', 1);
  whole('minimumCommittee', 3);
  whole('minimumBeaconContributors', 2);
  if (!(floors.corruptFraction >= 0 && floors.corruptFraction < 0.5)) {
    throw new ParameterError(`corruptFraction is ${floors.corruptFraction}, not in [0, 1/2)`);
  }
  return Object.freeze({ ...floors });
}

/** The stricter of both in every point. The only way to change floors. */
export function tighten(floors: Floors, other: Floors): Floors {
  return defineFloors({
    minimumContributors: Math.max(floors.minimumContributors, other.minimumContributors),
    corruptFraction: Math.max(floors.corruptFraction, other.corruptFraction),
    minimumWordBits: Math.max(floors.minimumWordBits, other.minimumWordBits),
    maximumVectorLength: Math.min(floors.maximumVectorLength, other.maximumVectorLength),
    maximumRoundsPerDay: Math.min(floors.maximumRoundsPerDay, other.maximumRoundsPerDay),
    minimumCommittee: Math.max(floors.minimumCommittee, other.minimumCommittee),
    minimumBeaconContributors: Math.max(floors.minimumBeaconContributors, other.minimumBeaconContributors),
  });
}

export const maskThreshold = (sharingSet: number, corrupt: number): number =>
  Math.floor((sharingSet + corrupt) / 2) + 1;

export const committeeQuorum = (committee: number, corrupt: number): number =>
  Math.floor((committee + corrupt) / 2) + 1;

/** How many of these members the participant takes for corrupt when nobody draws them: ⌊γ·n⌋, whatever a product of doubles says. */
export const corruptAmong = ({ corruptFraction }: Pick<Floors, 'corruptFraction'>, members: number): number =>
  Math.floor(corruptFraction * members + 1e-9);

/**
 * `corruptBound`: how many corrupt members the participant itself computes for a sharing set of this size (mask: the exact tail of
 * §1.3 for its own γ; complete graph: ⌊γ·n⌋) or for this committee. The proposal may assume more, never less. For threshold the
 * floors compute it: everybody in the roster is a member, nobody is drawn. For one-shot they compute what it is at least; of a committee that
 * is drawn the caller says more (one-shot/round/accept.ts). A caller may always ask for more.
 */
export function requireFloors<P extends Proposal>(floors: Floors, proposal: P, corruptBound: number): Accepted<P> {
  requireWholeNumbers(proposal);
  const { minimumContributors, wordBits, valueBits, vectorLength } = proposal;
  atLeast('minimumContributors', minimumContributors, floors.minimumContributors);
  atLeast('wordBits', wordBits, floors.minimumWordBits);
  atMost('vectorLength', vectorLength, floors.maximumVectorLength);
  requireShape(floors, proposal, corruptBound);
  requireNoWrap(proposal.protocol === 'mask' ? proposal.members : proposal.maximumContributors, valueBits, wordBits);
  return asAccepted(proposal);
}

function asAccepted<P extends Proposal>(proposal: P): Accepted<P> {
  const kept: P = { ...proposal };
  Object.freeze(kept);
  return kept as Accepted<P>;
}

/** n·(2^b − 1) < 2^w, or the sum wraps (§1.4). In integers: a logarithm rounds beyond 2^46 and would let one too many pass. */
function requireNoWrap(summands: number, valueBits: number, wordBits: number): void {
  atLeast('valueBits', valueBits, 1);
  atMost('valueBits', valueBits, WORD_BITS_AT_MOST);
  atMost('wordBits', wordBits, WORD_BITS_AT_MOST);
  if (BigInt(summands) * (2n ** BigInt(valueBits) - 1n) >= 2n ** BigInt(wordBits)) {
    throw new ProtocolViolation(
      'E_FLOOR',
      `${summands} values of ${valueBits} bits do not fit a word of ${wordBits} bits`,
    );
  }
}

function requireShape(floors: Floors, proposal: Proposal, corruptBound: number): void {
  switch (proposal.protocol) {
    case 'mask': {
      const { members, sharingSet, threshold, corruptInSharingSet, minimumContributors } = proposal;
      atLeast('members', members, minimumContributors);
      atMost('sharingSet', sharingSet, members);
      atLeast('corruptInSharingSet', corruptInSharingSet, corruptBound);
      atLeast('threshold', threshold, maskThreshold(sharingSet, corruptInSharingSet));
      atMost('threshold', threshold, sharingSet);
      // What the participant is promised: t − c honest contributions besides its own.
      atLeast('threshold − corruptInSharingSet', threshold - corruptInSharingSet, 2);
      return;
    }
    case 'one-shot': {
      const { committee, corruptInCommittee, quorum, minimumContributors, maximumContributors } = proposal;
      atLeast('committee', committee, floors.minimumCommittee);
      atLeast('corruptInCommittee', corruptInCommittee, Math.max(corruptBound, corruptAmong(floors, committee)));
      atLeast('quorum', quorum, committeeQuorum(committee, corruptInCommittee));
      atMost('quorum', quorum, committee);
      atLeast('maximumContributors', maximumContributors, minimumContributors);
      return;
    }
    case 'threshold': {
      const { members, corruptMembers, threshold, minimumContributors, maximumContributors } = proposal;
      atLeast('members', members, floors.minimumCommittee);
      atLeast('corruptMembers', corruptMembers, Math.max(corruptBound, corruptAmong(floors, members)));
      // Fewer, and the coordinator opens a sum with one set and the sum without its victim with another.
      atLeast('threshold', threshold, committeeQuorum(members, corruptMembers));
      atMost('threshold', threshold, members);
      atLeast('maximumContributors', maximumContributors, minimumContributors);
      return;
    }
    default:
      proposal satisfies never;
  }
}

function requireWholeNumbers(proposal: Proposal): void {
  for (const [name, value] of Object.entries(proposal)) {
    if (name === 'protocol') continue;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw new ProtocolViolation('E_FLOOR', `${name} is ${String(value)}, not a whole number`);
    }
  }
}

function atLeast(what: string, value: number, lowest: number): void {
  // Written so that NaN is refused.
  if (!(value >= lowest))
    throw new ProtocolViolation('E_FLOOR', `${what} is ${value}, below this participant's ${lowest}`);
}

function atMost(what: string, value: number, highest: number): void {
  if (!(value <= highest))
    throw new ProtocolViolation('E_FLOOR', `${what} is ${value}, above this participant's ${highest}`);
}
