// A contributor or a committee member begins where three have spoken: the round's own checks, the floors of the one who begins, and its
// high-water mark. Each entry begins one machine; who contributes and sits in the committee keeps a mark for either part.

import { sameBytes } from '../../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import type { Accepted, OneShotProposal } from '../../floors/index.ts';
import type { EnteredRound } from '../../high-water/index.ts';
import { proposalOf } from './parameters.ts';
import type { OneShotRound } from './round.ts';

export interface Start {
  /** acceptedBy of accept.ts: the floors' answer to proposalOf(parameters), for the number of corrupt members that follows from the floors. */
  readonly accepted: Accepted<OneShotProposal>;
  readonly entered: EnteredRound;
}

const used = new WeakSet<EnteredRound>();

/** That what was accepted and entered is this round; uses the entry up. */
export function useStart({ parameters, context }: OneShotRound, { accepted, entered }: Start): void {
  const acceptedValues = new Map<string, unknown>(Object.entries(accepted));
  for (const [name, value] of Object.entries(proposalOf(parameters))) {
    if (acceptedValues.get(name) !== value) {
      throw new ProtocolViolation('E_FLOOR', `${name} is ${String(value)}, not what was accepted`);
    }
  }
  if (!sameBytes(entered.context.hash, context.open.hash)) {
    throw new ProtocolViolation('E_CTX', 'the round that was entered is another one');
  }
  if (used.has(entered)) throw new ParameterError('this entry was used already: a round is entered once');
  used.add(entered);
}
