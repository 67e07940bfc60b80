// SIGN and CERT: a member signs one set per flush; q_c signatures on the same set are its certificate, and two different sets that
// share a contributor cannot both have one, because two quorums share an honest member (2·q_c > m + t_c).
//
//   body of SIGN = flush ‖ contributions ‖ H(U)

import { CanonicalReader, CanonicalWriter, type MemberId, sameBytes } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import {
  decodeMessage,
  ENVELOPE_BYTES_AT_MOST,
  encodeMessage,
  type SignedMessage,
  type VerifiedMessage,
  verifyMessage,
} from '../../messages/index.ts';
import { HASH_BYTES, type PublicPrimitives } from '../../primitives.ts';
import type { SetIdentity } from './contributor-set.ts';
import { SIGN } from './kinds.ts';
import type { OneShotRound } from './round.ts';

export const SIGN_BODY_BYTES: number = 4 + 4 + HASH_BYTES;
const SIGN_BYTES_AT_MOST = ENVELOPE_BYTES_AT_MOST + SIGN_BODY_BYTES;

export function encodeSetIdentity({ flush, contributions, setHash }: SetIdentity): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(SIGN_BODY_BYTES)
    .u32('flush', flush)
    .u32('contributions', contributions)
    .fixed('set hash', setHash, HASH_BYTES)
    .finish();
}

export function readSetIdentity(reader: CanonicalReader): SetIdentity {
  const flush = reader.u32('flush');
  const contributions = reader.u32('contributions');
  return Object.freeze({ flush, contributions, setHash: reader.fixed('set hash', HASH_BYTES) });
}

export const sameSet = (a: SetIdentity, b: SetIdentity): boolean =>
  a.flush === b.flush && a.contributions === b.contributions && sameBytes(a.setHash, b.setHash);

/** A member's signature on this set: E_EQUIV when it signed another one of the same flush, with the message as evidence. */
export async function verifySignature(
  primitives: PublicPrimitives,
  round: OneShotRound,
  set: SetIdentity,
  message: SignedMessage,
): Promise<VerifiedMessage> {
  const member = requireMember(round, message.sender);
  const { context } = round;
  const signed = await verifyMessage(primitives, message, { ...SIGN, context, sender: member.member.certificate });
  const reader = new CanonicalReader(signed.body, 'a signature on a set');
  const said = readSetIdentity(reader);
  reader.finish();
  if (said.flush !== set.flush) {
    throw new ProtocolViolation('E_PHASE', `${message.sender} signed flush ${said.flush}, not ${set.flush}`);
  }
  if (!sameSet(said, set)) {
    throw new ProtocolViolation('E_EQUIV', `${message.sender} signed another set of flush ${set.flush}`, {
      evidence: [encodeMessage(message)],
    });
  }
  return signed;
}

export function requireMember(round: OneShotRound, memberId: MemberId): OneShotRound['committee'][number] {
  const member = round.committee[(round.numberOf.get(memberId) ?? 0) - 1];
  if (member === undefined) throw new ProtocolViolation('E_COMMITTEE', `${memberId} is not in the committee`);
  return member;
}

declare const certified: unique symbol;

/** A set with at least q_c signatures of distinct members; only verifySetCertificate makes it. */
export interface CertifiedSet extends SetIdentity {
  readonly [certified]: true;
}

export function encodeSetCertificate(set: SetIdentity, signatures: readonly SignedMessage[]): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(64 + signatures.length * SIGN_BYTES_AT_MOST)
    .fixed('set', encodeSetIdentity(set), SIGN_BODY_BYTES)
    .u16('signatures', signatures.length);
  for (const message of signatures) writer.blob('a signature', encodeMessage(message));
  return writer.finish();
}

export async function verifySetCertificate(
  primitives: PublicPrimitives,
  round: OneShotRound,
  bytes: Uint8Array,
): Promise<CertifiedSet> {
  const { members, quorum } = round.parameters.oneTime.committee;
  const { set, signatures } = decodeSetCertificate(members, bytes);
  const signers = new Set<MemberId>();
  for (const message of signatures) {
    if (signers.has(message.sender)) throw new ProtocolViolation('E_DUPLICATE', `${message.sender} signs twice`);
    signers.add(message.sender);
    await verifySignature(primitives, round, set, message);
  }
  requireQuorum(signers.size, quorum, members);
  return asCertified(set);
}

export function requireQuorum(count: number, quorum: number, members: number): void {
  if (!(count >= quorum)) {
    throw new ProtocolViolation('E_QUORUM', `${count} of ${members} members; a quorum is ${quorum}`);
  }
}

const asCertified = (set: SetIdentity): CertifiedSet => set as CertifiedSet;

/** Claims. */
export function decodeSetCertificate(
  members: number,
  bytes: Uint8Array,
): { readonly set: SetIdentity; readonly signatures: readonly SignedMessage[] } {
  const reader = new CanonicalReader(bytes, 'the certificate of a set');
  const set = readSetIdentity(reader);
  const count = reader.within('signatures', 2, 0, members);
  const signatures = Array.from({ length: count }, () =>
    decodeMessage(reader.blobView('a signature', SIGN_BYTES_AT_MOST), SIGN_BODY_BYTES),
  );
  reader.finish();
  return { set, signatures };
}
