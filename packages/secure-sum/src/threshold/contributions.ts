// A contribution as it lies with the coordinator: who (a certificate), and the signed message with the ciphertext. Whether it
// encrypts anything the coordinator cannot tell and need not: members look before they promise. Public.

import { CanonicalReader, CanonicalWriter, type MemberId } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import {
  CERTIFICATE_BYTES_AT_MOST,
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  type Trust,
  verifyCertificate,
} from '../identity/index.ts';
import {
  decodeMessage,
  ENVELOPE_BYTES_AT_MOST,
  encodeMessage,
  type SignedMessage,
  signedBytes,
  type VerifiedMessage,
  verifyMessage,
} from '../messages/index.ts';
import { HASH_BYTES, type PublicPrimitives } from '../primitives.ts';
import { BODY_BYTES_AT_MOST, CIPHERTEXT } from './kinds.ts';

export interface Contribution {
  readonly memberId: MemberId;
  /** What the signature is over, by its hash: names the contribution in statements. */
  readonly digest: Uint8Array;
  readonly message: VerifiedMessage;
  /** As encodeContribution wrote it. */
  readonly encoded: Uint8Array;
}

export function encodeContribution(certificate: Certificate, message: SignedMessage): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(message.body.length + 2 * ENVELOPE_BYTES_AT_MOST)
    .blob('certificate', encodeCertificate(certificate))
    .blob('message', encodeMessage(message))
    .finish();
}

/** Certificate of a silo, signature, context: E_CERT, E_SIG, E_CTX otherwise. */
export async function receiveContribution(
  primitives: PublicPrimitives,
  trust: Trust,
  context: OpenContext,
  encoded: Uint8Array,
  bodyBytesAtMost: number = BODY_BYTES_AT_MOST,
): Promise<Contribution> {
  const reader = new CanonicalReader(encoded, 'a contribution');
  const claimed = decodeCertificate(reader.blobView('certificate', CERTIFICATE_BYTES_AT_MOST));
  const bytes = reader.blobView('message', ENVELOPE_BYTES_AT_MOST + bodyBytesAtMost);
  reader.finish();
  const certificate = await verifyCertificate(primitives, trust, claimed, 'silo');
  const expected = { ...CIPHERTEXT, context, sender: certificate };
  const message = await verifyMessage(primitives, decodeMessage(bytes, bodyBytesAtMost), expected);
  const digest = primitives.sha256(signedBytes(primitives, message));
  return Object.freeze({ memberId: certificate.memberId, digest, message, encoded });
}

/** Body of CIPHERTEXT: which epoch, and the vector as the lattice encodes it. */
export function encodeCiphertextBody(epoch: Uint8Array, vector: Uint8Array): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(vector.length + 64).fixed('epoch', epoch, HASH_BYTES).blob('vector', vector).finish();
}

/** The vector is a view. */
export function decodeCiphertextBody(body: Uint8Array): { readonly epoch: Uint8Array; readonly vector: Uint8Array } {
  const reader = new CanonicalReader(body, 'a ciphertext');
  const epoch = reader.fixed('epoch', HASH_BYTES);
  const vector = reader.blobView('vector', BODY_BYTES_AT_MOST);
  reader.finish();
  return { epoch, vector };
}

/** What the coordinator asks of the members of a set: their numbers, rising, and the contributions in the order of names. */
export function encodeRequest(
  activeSet: readonly number[],
  contributions: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const bytes = contributions.reduce((sum, { length }) => sum + length + 4, 64 + 2 * activeSet.length);
  const writer = new CanonicalWriter(bytes).u16('active set', activeSet.length);
  for (const number of activeSet) writer.u16('a member', number);
  writer.u32('contributions', contributions.length);
  for (const contribution of contributions) writer.blob('a contribution', contribution);
  return writer.finish();
}

export function decodeRequest(bytes: Uint8Array): {
  readonly activeSet: readonly number[];
  readonly contributions: readonly Uint8Array[];
} {
  const reader = new CanonicalReader(bytes, 'a request to open');
  const size = reader.u16('active set');
  const activeSet: number[] = [];
  for (let i = 0; i < size; i++) activeSet.push(reader.u16('a member'));
  const count = reader.count('contributions', 1 << 16, 4);
  const contributions: Uint8Array[] = [];
  for (let i = 0; i < count; i++) contributions.push(reader.blobView('a contribution', BODY_BYTES_AT_MOST));
  reader.finish();
  return { activeSet, contributions };
}
