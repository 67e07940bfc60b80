// Who may contribute where contributors do not announce themselves (one-shot: they speak once), and the committee that opens sums.
// Its root takes the place of the roster's in the context, because contributors are not known when the context is formed.
//
//   listed:    root = SHA-256("sumus/1/directory/listed" ‖ count ‖ Merkle root of the certificates' hashes ‖ committee's root)
//   certified: root = SHA-256("sumus/1/directory/certified" ‖ authority ‖ project ‖ role ‖ committee's root): whoever the enrolment
//              authority gives that role, for populations that nobody can list

import { compareNames, delimited, hexOf, type MemberId, u32Bytes } from '../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import {
  type Certificate,
  certificateHash,
  type Role,
  type Trust,
  type ValidCertificate,
  verifyCertificate,
} from '../identity/index.ts';
import { type Inclusion, isIncluded, type MerkleTree, proveInclusion, rootOf, treeOf } from '../log/index.ts';
import type { Hashing, PublicPrimitives } from '../primitives.ts';
import type { Roster } from './roster.ts';

export interface ListedDirectory {
  readonly kind: 'listed';
  /** 32 bytes: `rosterRoot` of the context. */
  readonly root: Uint8Array;
  readonly committee: Roster;
  /** Hash of the certificate of each member, in hexadecimal. */
  readonly certificateHashes: ReadonlyMap<MemberId, string>;
  readonly members: readonly MemberId[];
  readonly tree: MerkleTree;
}

export interface CertifiedDirectory {
  readonly kind: 'certified';
  readonly root: Uint8Array;
  readonly committee: Roster;
  readonly role: Role;
}

export type Directory = ListedDirectory | CertifiedDirectory;

/** From certificates in any order; one a member. */
export function listedDirectory(
  primitives: Hashing,
  certificates: readonly Certificate[],
  committee: Roster,
): ListedDirectory {
  const sorted = [...certificates].sort((a, b) => compareNames(a.memberId, b.memberId));
  const certificateHashes = new Map<MemberId, string>();
  const hashes = sorted.map((certificate) => {
    const hash = certificateHash(primitives, certificate);
    if (certificateHashes.has(certificate.memberId)) {
      throw new ProtocolViolation('E_DUPLICATE', `${certificate.memberId} stands in the directory twice`);
    }
    certificateHashes.set(certificate.memberId, hexOf(hash));
    return hash;
  });
  const tree = treeOf(primitives, hashes);
  const root = listedRoot(primitives, hashes.length, rootOf(primitives, tree), committee.root);
  const members = sorted.map((one) => one.memberId);
  return Object.freeze({ kind: 'listed', root, committee, certificateHashes, members, tree });
}

const listedRoot = (primitives: Hashing, count: number, treeRoot: Uint8Array, committeeRoot: Uint8Array): Uint8Array =>
  primitives.sha256(delimited('sumus/1/directory/listed', u32Bytes(count), treeRoot, committeeRoot));

export function certifiedDirectory(
  primitives: Hashing,
  { authority, projectId, role }: { readonly authority: Uint8Array; readonly projectId: string; readonly role: Role },
  committee: Roster,
): CertifiedDirectory {
  const root = primitives.sha256(delimited('sumus/1/directory/certified', authority, projectId, role, committee.root));
  return Object.freeze({ kind: 'certified', root, committee, role });
}

/** That this certificate holds and its member may contribute: E_CERT otherwise. */
export async function requireContributor(
  primitives: PublicPrimitives,
  trust: Trust,
  directory: Directory,
  certificate: Certificate,
): Promise<ValidCertificate> {
  const { memberId } = certificate;
  switch (directory.kind) {
    case 'listed':
      if (directory.certificateHashes.get(memberId) !== hexOf(certificateHash(primitives, certificate))) {
        throw new ProtocolViolation('E_CERT', `${memberId} is not in the directory with this certificate`);
      }
      return verifyCertificate(primitives, trust, certificate);
    case 'certified':
      return verifyCertificate(primitives, trust, certificate, directory.role);
    default:
      return directory satisfies never;
  }
}

/** For contributors who do not fetch the list: that their certificate is in it. */
export interface ListingProof extends Pick<Inclusion, 'index' | 'size' | 'path'> {
  readonly treeRoot: Uint8Array;
  readonly committeeRoot: Uint8Array;
}

export function proveListing(primitives: Hashing, directory: ListedDirectory, memberId: MemberId): ListingProof {
  const index = directory.members.indexOf(memberId);
  if (index < 0) throw new ParameterError(`${memberId} is not in the directory`);
  const { tree, committee } = directory;
  const path = proveInclusion(primitives, tree, index);
  return { index, size: tree.size, path, treeRoot: rootOf(primitives, tree), committeeRoot: committee.root };
}

export function isListed(
  primitives: Hashing,
  root: Uint8Array,
  certificate: Certificate,
  proof: ListingProof,
): boolean {
  const { index, size, path, treeRoot, committeeRoot } = proof;
  if (!Number.isInteger(size) || size < 0 || size >= 2 ** 32) return false;
  if (hexOf(listedRoot(primitives, size, treeRoot, committeeRoot)) !== hexOf(root)) return false;
  const leaf = certificateHash(primitives, certificate);
  return isIncluded(primitives, { leaf, index, size, root: treeRoot, path });
}
