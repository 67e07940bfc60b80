// A member's complaint: contributors whose boxes to it do not open to what they committed to. It proves nothing to others, because boxes
// are secret: whoever drives the coordinator decides whether to take a contributor out, and a member that complains about everybody could
// as well refuse to sign.

import { CanonicalReader, type MemberId } from '../../canonical/index.ts';
import { decodeMessage, ENVELOPE_BYTES_AT_MOST, verifyMessage } from '../../messages/index.ts';
import { requireMember } from '../round/certificate-of-set.ts';
import { COMPLAIN } from '../round/kinds.ts';
import type { Coordinator } from './tools.ts';

export interface Complaint {
  readonly member: MemberId;
  readonly flush: number;
  readonly contributors: readonly MemberId[];
}

export async function readComplaint({ primitives, round }: Coordinator, bytes: Uint8Array): Promise<Complaint> {
  const { maximumContributors } = round.parameters;
  const message = decodeMessage(bytes, ENVELOPE_BYTES_AT_MOST + 8 + 68 * maximumContributors);
  const { member, memberId } = requireMember(round, message.sender);
  await verifyMessage(primitives, message, { ...COMPLAIN, context: round.context, sender: member.certificate });
  const reader = new CanonicalReader(message.body, 'a complaint');
  const flush = reader.u32('flush');
  const count = reader.count('complaints', maximumContributors, 5);
  const contributors = Array.from({ length: count }, () => reader.member('a contributor'));
  reader.finish();
  return Object.freeze({ member: memberId, flush, contributors });
}
