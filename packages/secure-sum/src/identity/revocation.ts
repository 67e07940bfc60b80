// Which certificates no longer hold: a complete list, numbered, signed by the enrolment authority. A participant accepts a list
// only when it is no older than the newest it has seen and not older than it tolerates, so a coordinator that withholds
// revocations stops the participant instead of deceiving it.

import { CanonicalReader, CanonicalWriter, delimited, hexOf } from '../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { HASH_BYTES, type PublicPrimitives, SIGNATURE_BYTES, type Signer } from '../primitives.ts';

export interface RevocationFields {
  readonly projectId: string;
  /** Higher for each new list. */
  readonly sequence: number;
  readonly issuedAtMs: number;
  /** Hashes of certificates, ascending, none twice. */
  readonly certificateHashes: readonly Uint8Array[];
}

export interface RevocationList extends RevocationFields {
  readonly signature: Uint8Array;
}

/** A verified list, or the empty one that a project begins with. */
export interface Revocations {
  readonly projectId: string;
  readonly sequence: number;
  readonly issuedAtMs: number;
  /** In hexadecimal. */
  readonly revoked: ReadonlySet<string>;
}

/** What is known of a project before its first list. */
export const noRevocations = (projectId: string): Revocations =>
  Object.freeze({ projectId, sequence: 0, issuedAtMs: 0, revoked: new Set<string>() });

const MOST = 1_000_000;

/** The authority's part. Sorts the hashes, so that one list has one encoding. */
export async function revoke(authority: Signer, fields: RevocationFields): Promise<RevocationList> {
  const byHex = new Map(fields.certificateHashes.map((hash) => [hexOf(hash), hash]));
  if (byHex.size !== fields.certificateHashes.length) throw new ParameterError('a certificate is revoked twice');
  const certificateHashes = [...byHex.keys()].sort().map((hex) => byHex.get(hex)!);
  const sorted = { ...fields, certificateHashes };
  return Object.freeze({ ...sorted, signature: await authority.sign(signedFields(sorted)) });
}

export interface RevocationTrust {
  readonly authority: Uint8Array;
  readonly nowMs: number;
  readonly maximumAgeMs: number;
  /** The newest list seen before. */
  readonly before: Revocations;
}

export async function verifyRevocations(
  primitives: PublicPrimitives,
  { authority, nowMs, maximumAgeMs, before }: RevocationTrust,
  list: RevocationList,
): Promise<Revocations> {
  const { projectId, sequence, issuedAtMs, certificateHashes } = list;
  const refuse = (why: string): never => {
    throw new ProtocolViolation('E_CERT', `revocation list ${sequence} of ${projectId} ${why}`);
  };
  if (projectId !== before.projectId) refuse(`is not of ${before.projectId}`);
  if (sequence < before.sequence) refuse(`is older than list ${before.sequence}`);
  if (nowMs - issuedAtMs > maximumAgeMs) refuse(`was issued ${nowMs - issuedAtMs} ms ago, more than ${maximumAgeMs}`);
  if (!(await primitives.ed25519.verify(authority, signedFields(list), list.signature))) {
    refuse('is not signed by the enrolment authority');
  }
  const revoked = new Set(certificateHashes.map(hexOf));
  // Revoked is revoked: a list that forgets one is a mistake of the authority or an attack on it.
  for (const hash of before.revoked)
    if (!revoked.has(hash)) refuse(`leaves out ${hash.slice(0, 16)}…, revoked earlier`);
  if (sequence === before.sequence && revoked.size !== before.revoked.size) {
    refuse('differs from the one seen under the same number');
  }
  return Object.freeze({ projectId, sequence, issuedAtMs, revoked });
}

const signedFields = (fields: RevocationFields): Uint8Array<ArrayBuffer> =>
  delimited('sumus/1/revocations', writeFields(new CanonicalWriter(), fields).finish());

function writeFields(writer: CanonicalWriter, fields: RevocationFields): CanonicalWriter {
  writer
    .name('project', fields.projectId)
    .u64('sequence', fields.sequence)
    .u64('issued at', fields.issuedAtMs)
    .u32('revoked', fields.certificateHashes.length);
  for (const hash of fields.certificateHashes) writer.fixed('a certificate hash', hash, HASH_BYTES);
  return writer;
}

export function encodeRevocationList(list: RevocationList): Uint8Array<ArrayBuffer> {
  return writeFields(new CanonicalWriter(), list).fixed('signature', list.signature, SIGNATURE_BYTES).finish();
}

export function decodeRevocationList(bytes: Uint8Array): RevocationList {
  const reader = new CanonicalReader(bytes, 'a revocation list');
  const projectId = reader.name('project');
  const sequence = reader.u64('sequence');
  const issuedAtMs = reader.u64('issued at');
  const count = reader.count('revoked', MOST, HASH_BYTES);
  const certificateHashes: Uint8Array[] = [];
  for (let i = 0, last = ''; i < count; i++) {
    const hash = reader.fixed('a certificate hash', HASH_BYTES);
    const hex = hexOf(hash);
    if (hex <= last) reader.refuse('E_MALFORMED', `certificate hash ${i} is not above the one before it`);
    certificateHashes.push(hash);
    last = hex;
  }
  const signature = reader.fixed('signature', SIGNATURE_BYTES);
  reader.finish();
  return Object.freeze({ projectId, sequence, issuedAtMs, certificateHashes, signature });
}
