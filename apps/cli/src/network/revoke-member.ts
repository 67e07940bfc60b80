// A member whose word no longer counts: its certificate is on the authority's list, which is one for all runs of a project and never gets shorter.
// The list is signed here, by the key that certified, and told to the server of every run of the project; participants take it from there.
import { certificateHash, decodeCertificate, encodeRevocationList, revoke } from '@sumus/secure-sum/identity';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { bytesOfHex, hexOf } from '@sumus/wire/text';
import { UsageError } from '../command.ts';
import type { InvitationBook } from './invitation-book.ts';

/** Writes it down. Throws where nobody of that name was invited. */
export function markRevoked(book: InvitationBook, member: string): void {
  const found = book.all.filter((one) => one.member === member);
  if (found.length === 0) throw new UsageError(`nobody was invited to this run as ${member}`);
  for (const { id, isRevoked } of found) if (!isRevoked) book.revoke(id);
}

export interface ListToSign {
  readonly primitives: PublicPrimitives;
  readonly authority: Signer;
  readonly projectId: string;
  /** Of every run of the project. */
  readonly books: readonly InvitationBook[];
  readonly nowMs: number;
}

/** Hexadecimal; undefined where nobody who has a certificate was revoked. The more were revoked, the higher its number. */
export async function revocationList({
  primitives,
  authority,
  projectId,
  books,
  nowMs,
}: ListToSign): Promise<string | undefined> {
  const revoked = books.flatMap(({ all }) =>
    all.filter(({ isRevoked, certified }) => isRevoked && certified !== undefined),
  );
  if (revoked.length === 0) return undefined;
  const certificateHashes = revoked.map(({ certified }) =>
    certificateHash(primitives, decodeCertificate(bytesOfHex(certified?.certificate ?? ''))),
  );
  const fields = { projectId, sequence: revoked.length, issuedAtMs: nowMs, certificateHashes };
  return hexOf(encodeRevocationList(await revoke(authority, fields)));
}
