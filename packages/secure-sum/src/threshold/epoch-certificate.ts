// What says that an epoch stands: its public key and the signatures of all its members. Public; the coordinator gathers it, everybody
// verifies it (epoch.ts).

import { CanonicalReader, CanonicalWriter } from '../canonical/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { POLYNOMIAL_BODY_BYTES_AT_MOST } from './kinds.ts';

export interface EpochCertificate {
  /** Hash of all REVEALs. */
  readonly transcript: Uint8Array;
  /** Encoded by the lattice. */
  readonly publicKey: Uint8Array;
  /** Encoded EPOCH messages of all members, in the order of their numbers. */
  readonly signatures: readonly Uint8Array[];
}

/** Public key and transcript, once; then the signatures. */
export function encodeEpochCertificate({
  transcript,
  publicKey,
  signatures,
}: EpochCertificate): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(publicKey.length + 64)
    .fixed('transcript', transcript, HASH_BYTES)
    .blob('public key', publicKey)
    .u32('signatures', signatures.length);
  for (const signature of signatures) writer.blob('a signature', signature);
  return writer.finish();
}

export function decodeEpochCertificate(bytes: Uint8Array): EpochCertificate {
  const reader = new CanonicalReader(bytes, 'the certificate of an epoch');
  const transcript = reader.fixed('transcript', HASH_BYTES);
  const publicKey = reader.blob('public key', POLYNOMIAL_BODY_BYTES_AT_MOST);
  const count = reader.count('signatures', 1 << 16, 4);
  const signatures = Array.from({ length: count }, () => reader.blob('a signature', 1024));
  reader.finish();
  return Object.freeze({ transcript, publicKey, signatures });
}
