// What a committee member holds of one-time keys: one share of every key, and their sum, which is its answer (packed-sharing.ts).
//
// Refused: shares of foreign members, of wrong length or range, of different members in one sum, of more keys than are ever summed, the
// same share twice, unless the caller knows why: the sum would open, as one that counts a contributor double. How few contributors a sum may have, down to a
// single one, is not known here: the fewest that hide each other are for the protocol to demand.

import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { OneTimeParameters } from '../parameters/one-time-parameters.ts';
import { concealed } from '../secrecy.ts';

/** What one member holds of one key, or of a sum of keys: `blocks` elements of F_p. Secret, for this member alone. */
export interface KeyShare {
  /** 1 … m. */
  readonly member: number;
  readonly elements: Uint32Array<ArrayBuffer>;
  /** How many keys are summed in it. */
  readonly contributions: number;
}

/** Freezes a share so that it is neither printed nor serialised by accident. */
export function keyShare(share: KeyShare): KeyShare {
  const { member, elements, contributions } = share;
  return concealed(
    share,
    { elements },
    `a member's share of one-time keys`,
    `KeyShare(member ${member}, ${contributions} keys)`,
  );
}

/**
 * A member's answer: the sum of its shares of the keys of one set of contributors, one each. `mayRepeat`: the caller has seen that every
 * share is another contributor's; equal ones are then of contributors who agreed on one key, and count for each of them.
 */
export function sumShares(
  parameters: OneTimeParameters,
  shares: readonly KeyShare[],
  { mayRepeat = false }: { readonly mayRepeat?: boolean } = {},
): KeyShare {
  const [first] = shares;
  if (first === undefined) throw new ParameterError('no shares to sum');
  const { shareModulus: p, contributors } = parameters;
  const elements = new Uint32Array(parameters.committee.blocks);
  let contributions = 0;
  for (const share of shares) {
    requireShare(parameters, share);
    if (share.member !== first.member) {
      throw new ProtocolViolation(`shares of members ${first.member} and ${share.member} do not add up`);
    }
    contributions += share.contributions;
  }
  if (contributions > contributors) {
    throw new ParameterError(`shares of ${contributions} keys; the parameters allow ${contributors} contributors`);
  }
  if (!mayRepeat) requireDistinct(shares);
  for (const share of shares) {
    for (let i = 0; i < elements.length; i++) elements[i] = (elements[i] + share.elements[i]) % p;
  }
  return keyShare({ member: first.member, elements, contributions });
}

/** Shares of different keys are all but uniform: none equal by chance. */
function requireDistinct(shares: readonly KeyShare[]): void {
  const seen = new Map<string, Uint32Array[]>();
  for (const { elements, member } of shares) {
    const beginning = elements.subarray(0, 16).join();
    const alike = seen.get(beginning) ?? [];
    if (alike.some((other) => other.every((element, i) => element === elements[i]))) {
      throw new ProtocolViolation(`member ${member} would count one share twice`);
    }
    alike.push(elements);
    seen.set(beginning, alike);
  }
}

/** Refuses a share that no honest member of this committee holds. */
export function requireShare(parameters: OneTimeParameters, { member, elements, contributions }: KeyShare): void {
  const { committee, shareModulus, contributors } = parameters;
  if (!Number.isInteger(member) || member < 1 || member > committee.members) {
    throw new ProtocolViolation(`member ${member} is not one of the ${committee.members} of the committee`);
  }
  if (elements.length !== committee.blocks) {
    throw new ProtocolViolation(
      `a share of ${elements.length} elements, not ${committee.blocks}, from member ${member}`,
    );
  }
  if (!Number.isInteger(contributions) || contributions < 1 || contributions > contributors) {
    throw new ProtocolViolation(
      `a share of ${contributions} keys from member ${member}; at most ${contributors} are summed`,
    );
  }
  if (elements.some((element) => element >= shareModulus)) {
    throw new ProtocolViolation(`a share of member ${member} has an element outside the field`);
  }
}
