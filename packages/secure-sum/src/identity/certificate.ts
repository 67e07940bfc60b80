// Who is a member: a certificate by the enrolment authority, which is not the coordinator. How many identities one person can get
// is the authority's doing and no cryptography inside a round repairs it: floors/ assumes a fraction of corrupt members, the
// authority must keep it. What a round works with is a ValidCertificate, which only verifyCertificate makes.

import { CanonicalReader, CanonicalWriter, delimited, hexOf, type MemberId, sameBytes } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { type Hashing, PUBLIC_KEY_BYTES, type PublicPrimitives, SIGNATURE_BYTES, type Signer } from '../primitives.ts';
import type { Revocations } from './revocation.ts';

export type Role = 'silo' | 'device' | 'committee';
const roles: readonly Role[] = ['silo', 'device', 'committee'];

export interface CertificateFields {
  readonly projectId: string;
  readonly memberId: MemberId;
  readonly role: Role;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** First and last millisecond at which it holds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** What the authority limits together: an organisation, a login, a kind of invitation. */
  readonly quotaClass: string;
}

export interface Certificate extends CertificateFields {
  readonly signature: Uint8Array;
}

declare const valid: unique symbol;

/** Checked against authority, project, time and revocations, at a time the caller named. */
export interface ValidCertificate extends Certificate {
  readonly [valid]: true;
}

const CERTIFICATES_REMEMBERED = 8192;
export const CERTIFICATE_BYTES_AT_MOST: number = 3 * (4 + 64) + 1 + PUBLIC_KEY_BYTES + 16 + SIGNATURE_BYTES;

/** The authority's part: it has established who asks, that the key is theirs, and that their quota is not used up. */
export async function certify(authority: Signer, fields: CertificateFields): Promise<Certificate> {
  const signature = await authority.sign(signedFields(fields));
  return Object.freeze({ ...fields, publicKey: fields.publicKey.slice(), signature });
}

/** What a participant pins and knows: none of it is taken from the coordinator. */
export interface Trust {
  /** The enrolment authority's Ed25519 key. */
  readonly authority: Uint8Array;
  readonly projectId: string;
  readonly nowMs: number;
  /** The newest list that this participant has verified. */
  readonly revocations: Revocations;
}

/** `role`: which it must have; one of them, where several will do. */
export async function verifyCertificate(
  primitives: PublicPrimitives,
  { authority, projectId, nowMs, revocations }: Trust,
  certificate: Certificate,
  role?: Role | readonly Role[],
): Promise<ValidCertificate> {
  const { memberId, notBeforeMs, notAfterMs } = certificate;
  const refuse = (why: string): never => {
    throw new ProtocolViolation('E_CERT', `the certificate of ${memberId} ${why}`);
  };
  if (certificate.projectId !== projectId) refuse(`is for ${certificate.projectId}, not for ${projectId}`);
  const wanted = role === undefined ? roles : [role].flat();
  if (!wanted.includes(certificate.role)) refuse(`is for a ${certificate.role}, not for a ${wanted.join(' or ')}`);
  if (nowMs < notBeforeMs) refuse(`holds from ${notBeforeMs} on, now is ${nowMs}`);
  if (nowMs > notAfterMs) refuse(`held until ${notAfterMs}, now is ${nowMs}`);
  if (revocations.projectId !== projectId) refuse(`cannot be checked: the revocations are of ${revocations.projectId}`);
  const hash = hexOf(certificateHash(primitives, certificate));
  if (revocations.revoked.has(hash)) refuse('was revoked');
  const issued = issuedMemoryOf(primitives);
  const { signature } = certificate;
  if (signature.length !== SIGNATURE_BYTES) refuse('is not signed by the enrolment authority');
  // One character a byte; all three are of one length.
  const statement = `${hash}${String.fromCharCode(...authority, ...signature)}`;
  if (!issued.has(statement)) {
    if (!(await primitives.ed25519.verify(authority, signedFields(certificate), signature))) {
      refuse('is not signed by the enrolment authority');
    }
    issued.add(statement);
  }
  return asValid(certificate);
}

/**
 * Which signatures of authorities were found good: authority, statement and signature together, so there is nothing that could change
 * about it. Time and revocations are asked every time. A member meets the same certificates in every round.
 */
const issuedMemories = new WeakMap<PublicPrimitives['ed25519'], IssuedMemory>();

function issuedMemoryOf({ ed25519 }: PublicPrimitives): IssuedMemory {
  const known = issuedMemories.get(ed25519);
  if (known !== undefined) return known;
  const fresh = new IssuedMemory();
  issuedMemories.set(ed25519, fresh);
  return fresh;
}

/** The oldest statement goes first. */
class IssuedMemory {
  readonly #statements = new Set<string>();

  has(statement: string): boolean {
    return this.#statements.has(statement);
  }

  add(statement: string): void {
    if (this.#statements.size >= CERTIFICATES_REMEMBERED) {
      for (const oldest of this.#statements) {
        this.#statements.delete(oldest);
        break;
      }
    }
    this.#statements.add(statement);
  }
}

const asValid = (certificate: Certificate): ValidCertificate => certificate as ValidCertificate;

/** How a certificate is named in rosters, revocations and the log. The signature is no part of it: Ed25519 has several for one message. */
export function certificateHash(primitives: Hashing, certificate: CertificateFields): Uint8Array<ArrayBuffer> {
  return primitives.sha256(signedFields(certificate));
}

const signedFields = (fields: CertificateFields): Uint8Array<ArrayBuffer> =>
  delimited('sumus/1/certificate', writeFields(new CanonicalWriter(), fields).finish());

function writeFields(writer: CanonicalWriter, fields: CertificateFields): CanonicalWriter {
  return writer
    .name('project', fields.projectId)
    .name('member', fields.memberId)
    .u8('role', roles.indexOf(fields.role))
    .fixed('public key', fields.publicKey, PUBLIC_KEY_BYTES)
    .u64('not before', fields.notBeforeMs)
    .u64('not after', fields.notAfterMs)
    .name('quota class', fields.quotaClass);
}

export function encodeCertificate(certificate: Certificate): Uint8Array<ArrayBuffer> {
  return writeFields(new CanonicalWriter(CERTIFICATE_BYTES_AT_MOST), certificate)
    .fixed('signature', certificate.signature, SIGNATURE_BYTES)
    .finish();
}

export function decodeCertificate(bytes: Uint8Array): Certificate {
  const reader = new CanonicalReader(bytes, 'a certificate');
  const certificate = {
    projectId: reader.name('project'),
    memberId: reader.member('member'),
    role: roles[reader.within('role', 1, 0, roles.length - 1)]!,
    publicKey: reader.fixed('public key', PUBLIC_KEY_BYTES),
    notBeforeMs: reader.u64('not before'),
    notAfterMs: reader.u64('not after'),
    quotaClass: reader.name('quota class'),
    signature: reader.fixed('signature', SIGNATURE_BYTES),
  };
  reader.finish();
  return Object.freeze(certificate);
}

/** Whether two certificates are of one statement. */
export const sameCertificate = (primitives: Hashing, a: CertificateFields, b: CertificateFields): boolean =>
  sameBytes(certificateHash(primitives, a), certificateHash(primitives, b));
