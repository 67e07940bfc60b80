// Who holds a shared key, and who answers: members are numbers, and a member's number is the point at which its share is the
// value of the sharing polynomial. What stands behind a number (an organisation, a certificate) is the caller's to know.
//
// Refused: a number twice, zero (the value there is the secret itself), numbers above 65535 (so that every difference is
// invertible modulo every prime, all of which exceed 2^24), a threshold below 2, an active set that is not exactly t members.

import { ParameterError } from '../errors.ts';

export const LARGEST_MEMBER: number = 65535;

/** The holders of a key, in rising order, and how many of them open (t). Public. */
export interface Roster {
  readonly members: readonly number[];
  readonly threshold: number;
}

/** Exactly t members of a roster, in rising order: who answers for one ciphertext. Public. */
export interface ActiveSet {
  readonly roster: Roster;
  readonly members: readonly number[];
}

export function roster(members: readonly number[], threshold: number): Roster {
  const sorted = distinctMembers(members);
  if (sorted.length < 2)
    throw new ParameterError(`${sorted.length} member(s): a key that nobody holds alone needs two`);
  if (!Number.isInteger(threshold) || threshold < 2 || threshold > sorted.length) {
    throw new ParameterError(`threshold ${threshold} is not an integer in [2, ${sorted.length}]`);
  }
  return Object.freeze({ members: sorted, threshold });
}

export function activeSet(of: Roster, members: readonly number[]): ActiveSet {
  const sorted = distinctMembers(members);
  for (const member of sorted) requireMember(of, member);
  if (sorted.length !== of.threshold) {
    throw new ParameterError(`${sorted.length} members answer, the key needs exactly ${of.threshold}`);
  }
  return Object.freeze({ roster: of, members: sorted });
}

/** Refuses a set of another roster, or one that did not come from `activeSet`. */
export function requireActiveSet(of: { readonly roster: Roster }, set: ActiveSet): void {
  if (!sameRoster(set.roster, of.roster)) {
    throw new ParameterError(
      `the active set is of another roster: of ${describe(set.roster)}, not of ${describe(of.roster)}`,
    );
  }
  activeSet(of.roster, set.members);
}

/** The same members and threshold, whoever made the object. */
export function sameRoster(a: Roster, b: Roster): boolean {
  return (
    a.threshold === b.threshold &&
    a.members.length === b.members.length &&
    a.members.every((member, i) => member === b.members[i])
  );
}

function describe({ members, threshold }: Roster): string {
  return `any ${threshold} of ${members.join(', ')}`;
}

export function requireMember(of: Pick<Roster, 'members'>, member: number): void {
  if (!of.members.includes(member)) {
    throw new ParameterError(`${member} is not one of the members ${of.members.join(', ')}`);
  }
}

export function requireMemberNumber(member: number): number {
  if (!Number.isInteger(member) || member < 1 || member > LARGEST_MEMBER) {
    throw new ParameterError(`member number ${member} is not an integer in [1, ${LARGEST_MEMBER}]`);
  }
  return member;
}

function distinctMembers(members: readonly number[]): readonly number[] {
  for (const member of members) requireMemberNumber(member);
  const sorted = [...members].sort((a, b) => a - b);
  sorted.forEach((member, i) => {
    if (i > 0 && member === sorted[i - 1]) throw new ParameterError(`member ${member} is listed twice`);
  });
  return Object.freeze(sorted);
}
