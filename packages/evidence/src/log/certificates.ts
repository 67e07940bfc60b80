// Who a member is, by the certificate that the log has of it.

import type { RunEvent, RunState } from '@sumus/federation/run';
import { hexOf } from '@sumus/secure-sum/canonical';
import { decodeCertificate, noRevocations, verifyCertificate } from '@sumus/secure-sum/identity';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { isRefusal } from './read-log.ts';
import { bytesOfHex } from './text-bytes.ts';

type Joined = Extract<RunEvent, { kind: 'member joined' }>;

export interface CertificateOfMember {
  readonly member: string;
  readonly role: string;
  /** Ed25519, hexadecimal. */
  readonly publicKey: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** By member; those that cannot be read are left out, and found by certificateProblem. */
export function certificatesOf(events: readonly RunEvent[]): ReadonlyMap<string, CertificateOfMember> {
  const certificates = new Map<string, CertificateOfMember>();
  for (const event of events) {
    const certificate = event.kind === 'member joined' ? decoded(event.certificate) : undefined;
    if (certificate === undefined) continue;
    const { memberId, role, publicKey, notBeforeMs, notAfterMs } = certificate;
    certificates.set(memberId, { member: memberId, role, publicKey: hexOf(publicKey), notBeforeMs, notAfterMs });
  }
  return certificates;
}

/** Where anybody is admitted, the coordinator's own word is what a certificate is worth. Revocations come later than the joining. */
export async function certificateProblem(
  primitives: PublicPrimitives,
  { plan, coordinator, projectId }: RunState,
  { certificate: hex, cause, atMs }: Joined,
): Promise<string | undefined> {
  const certificate = decoded(hex);
  if (certificate === undefined) return `${cause.member} joined with bytes that are no certificate`;
  if (certificate.memberId !== cause.member)
    return `${cause.member} joined with a certificate of ${certificate.memberId}`;
  const { admission } = plan.plan.contributors;
  const authority = bytesOfHex(admission.kind === 'open' ? coordinator : admission.authority);
  if (authority === undefined) return 'the authority is no key';
  try {
    const trust = { authority, projectId, nowMs: atMs, revocations: noRevocations(projectId) };
    await verifyCertificate(primitives, trust, certificate);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.message;
  }
}

function decoded(hex: string): ReturnType<typeof decodeCertificate> | undefined {
  const bytes = bytesOfHex(hex);
  if (bytes === undefined) return undefined;
  try {
    return decodeCertificate(bytes);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}
