// New holders for the same key: a member leaves, one joins, the threshold changes, or time has passed. Any t members of the old epoch deal
// λ_i·S(α_i), whose sum is s, to the members of the new one with fresh polynomials; nobody computes s on the way. A new member's share
// is the sum of what it was dealt. Exact: no noise, and public key and evaluation keys stay as they are.
//
// A share of the old epoch fits no share of the new one. But t OLD SHARES STILL OPEN: everybody who stays wipes the old share, and
// the secret is as safe as the old epoch was. When a member left in anger, or an old device was lost, make a new key instead
// (foundEpoch with a new public seed): nothing of the old one opens what is encrypted under it.
//
// Ciphertexts answered for stay answered for: the old members (all that can be asked, not the dealers alone) send their ledgers'
// records along, and every new member takes them over before it answers (DecryptionLedger.carryOn): so the flooding's count goes on.

import { sameBytes } from '../bytes.ts';
import { ParameterError } from '../errors.ts';
import { loadBlock, multiplyScalarBlock, readBlock } from '../ring/blocks.ts';
import { evaluationPolynomial, wipePolynomial } from '../ring/polynomial.ts';
import { type KeyEpoch, nextEpoch } from './epoch.ts';
import { assembleShare, deal, ownCopies, wipeSecretMessages } from './key-generation.ts';
import type { KeyShare } from './key-share.ts';
import type { Dealing, PairSeed } from './messages.ts';
import { drawPairSeeds } from './pair-masks.ts';
import { withRoster } from './parameters.ts';
import { type ActiveSet, type Roster, requireActiveSet, requireMember } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';

/** The epoch in which `members` of the new roster hold what `dealers` deal. The same for everybody. */
export function reshareEpoch(before: KeyEpoch, dealers: ActiveSet, members: Roster): KeyEpoch {
  requireActiveSet(before, dealers);
  return nextEpoch(before, withRoster(before.parameters, members), dealers.members);
}

/**
 * A dealer's part: one secret dealing for every member of the new epoch (also for itself, where it stays). A repeat gives the same
 * dealings: one share is never dealt to one epoch by two polynomials (party-randomness.ts).
 */
export function dealReshare(share: KeyShare, dealers: ActiveSet, next: KeyEpoch): Dealing[] {
  const { epoch, member } = share;
  requireNext(epoch, dealers, next);
  requireMember(dealers, member);
  const { ring } = epoch;
  const value = share.reveal();
  const weighted = ring.engine.memory.secretScope(() => {
    const block = loadBlock(value);
    multiplyScalarBlock(ring, block, block, lagrangeScalars(dealers.members, member, ring));
    return evaluationPolynomial(ring, readBlock(ring, block));
  });
  try {
    return deal(next, { primitives: epoch.lattice.primitives, member, secret: value }, weighted);
  } finally {
    wipePolynomial(weighted);
  }
}

export interface ReshareBegun {
  readonly phase: 'reshare begun';
  readonly next: KeyEpoch;
  readonly member: number;
  /** SECRET. */
  readonly pairSeeds: readonly PairSeed[];
}

/** A new member's part, before it receives. Send every other new member its pair seed, sealed. */
export function beginReshare(
  next: KeyEpoch,
  member: number,
): { readonly state: ReshareBegun; readonly pairSeeds: readonly PairSeed[] } {
  requireMember(next.roster, member);
  const pairSeeds = drawPairSeeds(next, member);
  return { state: { phase: 'reshare begun', next, member, pairSeeds: ownCopies(pairSeeds) }, pairSeeds };
}

/**
 * The new share. `dealings`: of all dealers, for this member; `received`: of all other new members, for this one. The messages are
 * wiped. Wipe the old share when everybody has a new one.
 */
export function finishReshare(
  { next, member, pairSeeds }: ReshareBegun,
  dealers: ActiveSet,
  dealings: readonly Dealing[],
  received: readonly PairSeed[],
): KeyShare {
  const share = assembleShare(next, member, dealers.members, dealings, received, pairSeeds);
  wipeSecretMessages(dealings, [...received, ...pairSeeds]);
  return share;
}

function requireNext(before: KeyEpoch, dealers: ActiveSet, next: KeyEpoch): void {
  const expected = reshareEpoch(before, dealers, next.roster);
  if (!sameBytes(expected.run, next.run)) {
    throw new ParameterError('the new epoch does not follow this one with these dealers');
  }
}
