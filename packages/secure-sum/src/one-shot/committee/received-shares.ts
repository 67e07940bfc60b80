// A member looks at a set: heads are verified, its own boxes opened and compared with what was committed to, and the shares added up.
// What it keeps is the sum alone. Secret.

import { type KeyShare, sumShares } from '@sumus/lattice/one-time';
import { decodeOneTimeKeyShare, encodeOneTimeKeyShare } from '@sumus/lattice/wire';
import { type MemberId, sameBytes } from '../../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../../errors.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { commitmentTo, SALT_BYTES, type VerifiedHead, verifyHead } from '../round/contribution.ts';
import type { SetRequest } from '../round/contributor-set.ts';
import { type ModelVersions, requireRecentModels } from '../round/models.ts';
import { SHARE_PURPOSE } from '../round/purposes.ts';
import { committeeName } from '../round/round.ts';
import { openFrom } from '../suite-boxes.ts';
import type { Member } from './tools.ts';

/** The heads of a request, each verified; in the request's order. */
export async function verifyHeads(
  { primitives, round, trust }: Member,
  models: ModelVersions,
  { entries }: SetRequest,
): Promise<VerifiedHead[]> {
  const heads: VerifiedHead[] = [];
  for (const entry of entries) heads.push(await verifyHead(primitives, { round, trust, models }, entry));
  requireRecentModels(models, round.parameters.flushes.versionsOld, heads);
  return heads;
}

/** This member's share of one contributor's key, or why it is none: E_BOX, E_SHARE. */
export async function openShare(member: Member, head: VerifiedHead, box: Uint8Array): Promise<KeyShare> {
  const { primitives, lattice, round, boxKey, hybridKey } = member;
  const number = round.numberOf.get(member.memberId)!;
  const ends = {
    own: { memberId: committeeName(number), key: boxKey, hybridKey },
    peer: { memberId: head.memberId, publicKey: head.ephemeralKey },
  };
  const plaintext = await openFrom(member, round.context, ends, SHARE_PURPOSE, box);
  try {
    const commitment = commitmentTo(primitives, round, head.memberId, member.memberId, plaintext);
    if (!sameBytes(commitment, head.commitments[number - 1]!)) {
      throw new ProtocolViolation('E_SHARE', `the share of ${head.memberId} is not the one it committed to`);
    }
    return decodeShare(member, head, number, plaintext.subarray(SALT_BYTES));
  } finally {
    plaintext.fill(0);
  }

  function decodeShare(of: Member, { memberId }: VerifiedHead, own: number, bytes: Uint8Array): KeyShare {
    let share: KeyShare;
    try {
      share = decodeOneTimeKeyShare(lattice, round.parameters.oneTime, bytes);
    } catch (cause) {
      throw new ProtocolViolation('E_SHARE', `the share of ${memberId} for ${of.memberId} does not decode`, { cause });
    }
    if (share.member !== own || share.contributions !== 1) {
      throw new ProtocolViolation('E_SHARE', `the share of ${memberId} is for member ${share.member}, not ${own}`);
    }
    return share;
  }
}

/** The member's answer for a set: its shares of all the set's keys, added up. Each share is overwritten. */
export async function answerFor(
  member: Member,
  heads: readonly VerifiedHead[],
  { entries }: SetRequest,
): Promise<SecretBytes> {
  const { lattice, round } = member;
  const { oneTime } = round.parameters;
  const shares: KeyShare[] = [];
  try {
    for (const [i, head] of heads.entries()) shares.push(await openShare(member, head, entries[i]!.box));
    // Each is of a signed head of its own. Contributors who agree on one key harm themselves; they are not to block everybody's sum.
    const total = sumShares(oneTime, shares, { mayRepeat: true });
    const bytes = encodeOneTimeKeyShare(lattice, oneTime, total);
    total.elements.fill(0);
    const answer = new SecretBytes(bytes);
    bytes.fill(0);
    return answer;
  } finally {
    for (const share of shares) share.elements.fill(0);
  }
}

/** Whose boxes do not open to what was committed to. */
export async function findBadShares(
  member: Member,
  heads: readonly VerifiedHead[],
  { entries }: SetRequest,
): Promise<readonly MemberId[]> {
  const bad: MemberId[] = [];
  for (const [i, head] of heads.entries()) {
    try {
      const share = await openShare(member, head, entries[i]!.box);
      share.elements.fill(0);
    } catch (error) {
      if (!(error instanceof ProtocolViolation || error instanceof MalformedMessage)) throw error;
      bad.push(head.memberId);
    }
  }
  return bad;
}
