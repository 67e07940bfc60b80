// That whoever asks to be a member has the link, said so that only the owner's command can check it: a MAC under the invitation's secret over
// everything that the certificate will say. Somebody who reads the server's traffic or disk can neither make one nor move it to another key.
//
//   proof = HMAC-SHA-256(secret, "sumus/1/enrolment" ‖ project ‖ run ‖ invitation ‖ member ‖ public key), each behind its length

import { delimited } from '@sumus/secure-sum/canonical';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { bytesOfHex, hexOf } from '../text/hexadecimal.ts';
import type { InvitationSecret } from './invitation-secret.ts';

export interface EnrolmentClaim {
  readonly projectId: string;
  readonly runId: string;
  /** Hexadecimal. */
  readonly invitation: string;
  readonly member: string;
  /** The Ed25519 key that is to be certified. */
  readonly publicKey: Uint8Array;
}

/** Hexadecimal. */
export function enrolmentProof(
  primitives: Pick<PublicPrimitives, 'hmacSha256'>,
  secret: InvitationSecret,
  { projectId, runId, invitation, member, publicKey }: EnrolmentClaim,
): string {
  const bytes = secret.expose();
  const said = delimited('sumus/1/enrolment', projectId, runId, bytesOfHex(invitation), member, publicKey);
  const proof = primitives.hmacSha256(bytes, said);
  bytes.fill(0);
  return hexOf(proof);
}

/** The owner's command asks this, before it certifies. */
export function isEnrolmentProof(
  primitives: Pick<PublicPrimitives, 'hmacSha256' | 'timingSafeEqual'>,
  secret: InvitationSecret,
  claim: EnrolmentClaim,
  proof: string,
): boolean {
  const wanted = bytesOfHex(enrolmentProof(primitives, secret, claim));
  return primitives.timingSafeEqual(wanted, bytesOfHex(proof));
}
