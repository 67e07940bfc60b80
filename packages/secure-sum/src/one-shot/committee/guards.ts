// What a member refuses to sign or open, one guard a rule, so that tests can take a single one away and must see the attack succeed.

import { sameBytes } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import type { PublicPrimitives } from '../../primitives.ts';
import { type CertifiedSet, sameSet, verifySetCertificate } from '../round/certificate-of-set.ts';
import type { VerifiedHead } from '../round/contribution.ts';
import { requireEnough, type SetIdentity } from '../round/contributor-set.ts';
import type { OneShotRound } from '../round/round.ts';
import type { SignedFlush } from './member-state.ts';

export interface MemberGuards {
  /** Fewer than n_min contributors hide each other too little (attacks 29 and 32). */
  enough(round: OneShotRound, heads: readonly VerifiedHead[]): void;
  /** A contribution is in one signed set, ever (attacks 29, 30 and 79). */
  unusedNullifiers(nullifiers: ReadonlySet<string>, heads: readonly VerifiedHead[]): void;
  /** One set a flush (attack 30). The same one again is welcome. */
  oneSetAFlush(signed: SignedFlush, set: SetIdentity): void;
  /** Opened only what a quorum signed (attacks 30 and 31). */
  certified(primitives: PublicPrimitives, round: OneShotRound, certificate: Uint8Array): Promise<CertifiedSet>;
  /** And only what this member signed itself. */
  ownSet(signed: SignedFlush | undefined, set: SetIdentity): SignedFlush;
}

export const MEMBER_GUARDS: MemberGuards = Object.freeze<MemberGuards>({
  enough: ({ parameters }, heads) => requireEnough(heads, parameters.minimumContributors),

  unusedNullifiers(nullifiers, heads) {
    for (const { nullifier, memberId, index } of heads) {
      if (nullifiers.has(nullifier)) {
        throw new ProtocolViolation(
          'E_DUPLICATE',
          `contribution ${index} of ${memberId} is in a set that was signed before`,
        );
      }
    }
  },

  oneSetAFlush({ set: before }, set) {
    if (!sameSet(before, set)) {
      throw new ProtocolViolation('E_EQUIV', `another set of flush ${set.flush} was signed before`);
    }
  },

  certified: verifySetCertificate,

  ownSet(signed, set) {
    if (signed === undefined) throw new ProtocolViolation('E_PHASE', `no set of flush ${set.flush} was signed here`);
    if (!sameBytes(signed.set.setHash, set.setHash) || !sameSet(signed.set, set)) {
      throw new ProtocolViolation('E_EQUIV', `the certified set of flush ${set.flush} is not the one signed here`);
    }
    return signed;
  },
});
