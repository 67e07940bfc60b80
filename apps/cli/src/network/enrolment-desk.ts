// The owner's desk: who asks to be a member is answered here, by the only one who has the authority's key and the invitations' secrets. A server
// carries what is asked and answered, and can neither ask in somebody's name nor answer. What is decided is on disk before it is said.

import { certify, encodeCertificate, memberId } from '@sumus/secure-sum/identity';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import type { AnswerEnrolment, EnrolmentAsked } from '@sumus/wire/bodies';
import { isEnrolmentProof } from '@sumus/wire/link';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import type { InvitationBook } from './invitation-book.ts';

export interface DeskOptions {
  readonly primitives: PublicPrimitives;
  readonly authority: Signer;
  readonly book: InvitationBook;
  readonly projectId: string;
  readonly runId: string;
  /** How long a certificate holds. */
  readonly certifiedUntilMs: number;
}

const HOUR_MS = 60 * 60 * 1000;

/** Clocks differ: a certificate holds from a little before it is made. */
const BEFORE_MS = 24 * HOUR_MS;

/** The answer to one who asks. Undefined where the invitation is none of this book's: another command of the owner may have it. */
export async function answerTo(
  asked: EnrolmentAsked,
  nowMs: number,
  { primitives, authority, book, projectId, runId, certifiedUntilMs }: DeskOptions,
): Promise<AnswerEnrolment | undefined> {
  const invitation = book.find(asked.invitation);
  if (invitation === undefined) return undefined;
  const { member, role, secret, notAfterMs, certified } = invitation;
  const publicKey = bytesOfHex(asked.publicKey);
  // The book says whom this is for, whatever the server says.
  const claim = { projectId, runId, invitation: asked.invitation, member, publicKey };
  if (!isEnrolmentProof(primitives, secret, claim, asked.proof)) {
    return { kind: 'refused', reason: 'The proof is not of somebody who has the link.' };
  }
  if (invitation.isRevoked) return { kind: 'refused', reason: 'The invitation was taken back.' };
  if (certified !== undefined) {
    if (certified.publicKey === asked.publicKey) return { kind: 'certified', certificate: certified.certificate };
    return { kind: 'refused', reason: 'The invitation was used already, and each makes one member.' };
  }
  if (nowMs > notAfterMs) return { kind: 'refused', reason: 'The time of the invitation is over.' };
  const certificate = await certify(authority, {
    projectId,
    memberId: memberId(member),
    role,
    publicKey,
    notBeforeMs: nowMs - BEFORE_MS,
    notAfterMs: certifiedUntilMs,
    quotaClass: 'invitation',
  });
  const text = hexOf(encodeCertificate(certificate));
  book.certify(asked.invitation, asked.publicKey, text);
  return { kind: 'certified', certificate: text };
}
