// Whether somebody may be in the sum that is gathered: invited, certified, and with keys that are nobody else's. What can be said of an entry by
// itself is said here; the roster of all is made when gathering is over.

import { hexOf, sameBytes } from '@sumus/secure-sum/canonical';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import { type MemberId, verifyCertificate } from '@sumus/secure-sum/identity';
import { verifyMessage } from '@sumus/secure-sum/messages';
import { ADVERTISE, encodeEntry, type RosterEntry, rosterOf } from '@sumus/secure-sum/roster';
import { keyCountOf, SUM_ROLES, trustAt } from '../agreement.ts';
import type { At } from './preparing-stage.ts';
import type { CoordinatorEnvironment } from './state.ts';

/** Whose each key is, with those of this entry. Refuses the uninvited, keys of others, and who announced other keys before. */
export async function ownersWith(
  { setup, open }: CoordinatorEnvironment,
  stage: Pick<At<'gathering'>, 'entries' | 'owners'>,
  entry: RosterEntry,
  nowMs: number,
): Promise<ReadonlyMap<string, MemberId>> {
  const { primitives } = setup;
  const { memberId } = entry.certificate;
  if (setup.admitted?.has(memberId) === false) {
    throw new ProtocolViolation('E_ROSTER', `${memberId} is none of those who may be in this sum`);
  }
  // A roster of this one makes every check that an entry alone can fail; the rest is that no key is another's.
  const keys = rosterOf(primitives, open, keyCountOf(setup), [entry]).members.flatMap((one) => one.keys.map(hexOf));
  const owners = new Map(stage.owners);
  for (const key of keys) {
    const owner = owners.get(key) ?? memberId;
    if (owner !== memberId) throw new ProtocolViolation('E_DUPKEY', `${owner} and ${memberId} claim one key`);
    owners.set(key, memberId);
  }
  const sender = await verifyCertificate(primitives, trustAt(setup, nowMs), entry.certificate, SUM_ROLES);
  await verifyMessage(primitives, entry.advertisement, { ...ADVERTISE, context: open, sender });
  const before = stage.entries.get(memberId);
  if (before !== undefined && !sameBytes(encodeEntry(before), encodeEntry(entry))) {
    throw new ProtocolViolation('E_EQUIV', `${memberId} announced other keys before`);
  }
  return owners;
}

/** Of a committee that was fixed before the roster was: all of it has to be there, else no round begins. */
export function awayFromCommittee(
  { plan, committee, admitted }: CoordinatorEnvironment['setup'],
  present: readonly string[],
): readonly MemberId[] {
  const { protection } = plan;
  if (protection.kind !== 'one-shot' || protection.committee.choice !== 'fixed') return [];
  return [...(committee ?? admitted ?? [])].filter((name) => !present.includes(name));
}
