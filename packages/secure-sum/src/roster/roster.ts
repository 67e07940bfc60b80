// Who takes part in a round and with which keys: certificates and advertisements, in the order of member names, with a root that
// the log keeps before the beacon is drawn. Coordinator and participants make the same checks: one entry a member, no key twice
// anywhere, none of low order. A member's index is its place here; signs of masks and evaluation points follow it.
//
// The cheap checks are made of every entry when the roster is made; certificate and signature of a single one by vouchFor, whose
// answer is what the protocol works with (on a sparse graph a participant looks only at its neighbours').

import {
  CanonicalReader,
  CanonicalWriter,
  compareNames,
  delimited,
  hexOf,
  type MemberId,
  sameBytes,
  u32Bytes,
} from '../canonical/index.ts';
import { HYBRID_SUITE, type OpenContext, suiteOf } from '../context/index.ts';
import { MalformedMessage, ProtocolViolation } from '../errors.ts';
import {
  CERTIFICATE_BYTES_AT_MOST,
  type Certificate,
  certificateHash,
  decodeCertificate,
  encodeCertificate,
  type Role,
  type Trust,
  type ValidCertificate,
  verifyCertificate,
} from '../identity/index.ts';
import { isIncluded, type MerkleTree, proveInclusion, rootOf, treeOf } from '../log/index.ts';
import {
  decodeMessage,
  ENVELOPE_BYTES_AT_MOST,
  encodeMessage,
  type SignedMessage,
  verifyMessage,
} from '../messages/index.ts';
import { type Hashing, PUBLIC_KEY_BYTES, type PublicPrimitives } from '../primitives.ts';
import { ADVERTISE, ADVERTISE_BODY_BYTES_AT_MOST, decodeAdvertisement } from './advertisement.ts';

/** As it travels: claims. */
export interface RosterEntry {
  readonly certificate: Certificate;
  readonly advertisement: SignedMessage;
}

export interface ListedMember {
  readonly memberId: MemberId;
  readonly index: number;
  /** X25519 keys of this round, in the order the protocol gives them. Unverified until vouchFor. */
  readonly keys: readonly Uint8Array[];
  /** X-Wing key for boxes: everybody's under the hybrid suite, nobody's under another. */
  readonly hybridKey?: Uint8Array;
}

export interface Roster {
  readonly context: OpenContext;
  /** 32 bytes: bound into the context, kept by the log. */
  readonly root: Uint8Array;
  readonly entries: readonly RosterEntry[];
  readonly members: readonly ListedMember[];
  readonly indexOf: ReadonlyMap<MemberId, number>;
  readonly tree: MerkleTree;
}

declare const vouched: unique symbol;

/** A member whose certificate and signature on its keys were checked. */
export interface RosterMember extends ListedMember {
  readonly [vouched]: true;
  readonly certificate: ValidCertificate;
}

export const MEMBERS_AT_MOST = 100_000;
const ENTRY_BYTES_AT_MOST = 8 + CERTIFICATE_BYTES_AT_MOST + ENVELOPE_BYTES_AT_MOST + ADVERTISE_BODY_BYTES_AT_MOST;

/** `keyCount`: how many keys the protocol wants of everybody. Entries in any order. */
export function rosterOf(
  primitives: Hashing,
  context: OpenContext,
  keyCount: number,
  entries: readonly RosterEntry[],
): Roster {
  return rosterWith(primitives, context, keyCount, entries, (sorted) => sorted.map(encodeEntry));
}

/** `leavesOf`: the bytes of the entries, in the order of their members. */
function rosterWith(
  primitives: Hashing,
  context: OpenContext,
  keyCount: number,
  entries: readonly RosterEntry[],
  leavesOf: (sorted: readonly RosterEntry[]) => readonly Uint8Array[],
): Roster {
  if (entries.length > MEMBERS_AT_MOST) throw new MalformedMessage('E_LEN', `a roster of ${entries.length} members`);
  const sorted = [...entries].sort((a, b) => compareNames(a.certificate.memberId, b.certificate.memberId));
  const owners = new Map<string, MemberId>();
  const members = sorted.map((entry, index): ListedMember => {
    const { memberId } = entry.certificate;
    if (index > 0 && sorted[index - 1]!.certificate.memberId === memberId) {
      throw new ProtocolViolation('E_DUPLICATE', `${memberId} stands in the roster twice`);
    }
    const { keys, hybridKey } = keysOf(primitives, context, keyCount, entry);
    for (const key of keys) claimKey(owners, key, memberId);
    if (hybridKey === undefined) return Object.freeze({ memberId, index, keys });
    // Its X25519 half is a key like others: nobody uses one twice.
    claimKey(owners, hybridKey.subarray(-PUBLIC_KEY_BYTES), memberId);
    return Object.freeze({ memberId, index, keys, hybridKey });
  });
  const tree = treeOf(primitives, leavesOf(sorted));
  const root = rosterRoot(primitives, sorted.length, rootOf(primitives, tree));
  const indexOf = new Map(members.map(({ memberId, index }) => [memberId, index]));
  return Object.freeze({ context, root, entries: sorted, members, indexOf, tree });
}

/** The root of a Merkle tree does not say how many leaves there are; this one does. */
const rosterRoot = (primitives: Hashing, memberCount: number, treeRoot: Uint8Array): Uint8Array =>
  primitives.sha256(delimited('sumus/1/roster', u32Bytes(memberCount), treeRoot));

/** The keys of an entry that fits together, its signature unchecked. */
function keysOf(
  primitives: Hashing,
  context: OpenContext,
  keyCount: number,
  entry: RosterEntry,
): Pick<ListedMember, 'keys' | 'hybridKey'> {
  const { certificate, advertisement } = entry;
  const { memberId } = certificate;
  if (!sameBytes(advertisement.contextHash, context.hash)) {
    throw new ProtocolViolation('E_CTX', `the advertisement of ${memberId} belongs to another context`);
  }
  const body = decodeAdvertisement(advertisement.body);
  const belongs = sameBytes(body.certificateHash, certificateHash(primitives, certificate));
  if (advertisement.sender !== memberId || !belongs) {
    throw new ProtocolViolation(
      'E_CERT',
      `an advertisement of ${advertisement.sender} beside the certificate of ${memberId}`,
    );
  }
  if (body.keys.length !== keyCount) {
    throw new MalformedMessage('E_LEN', `${memberId} advertises ${body.keys.length} keys, not ${keyCount}`);
  }
  const { keys, hybridKey } = body;
  const hybrid = suiteOf(context.fields) === HYBRID_SUITE;
  if (hybrid !== (hybridKey !== undefined)) {
    throw new ProtocolViolation(
      'E_ROSTER',
      `${memberId} advertises ${hybrid ? 'no' : 'a'} hybrid key under the suite ${suiteOf(context.fields)}`,
    );
  }
  return hybridKey === undefined ? { keys } : { keys, hybridKey };
}

function claimKey(owners: Map<string, MemberId>, key: Uint8Array, memberId: MemberId): void {
  // One character a byte: a name as good as hexadecimal, made at once.
  const name = String.fromCharCode(...key);
  const owner = owners.get(name);
  if (owner !== undefined) {
    const who = owner === memberId ? `${memberId} uses one key twice` : `${owner} and ${memberId} claim one key`;
    throw new ProtocolViolation('E_DUPKEY', `${who}: ${hexOf(key.subarray(0, 8))}…`);
  }
  owners.set(name, memberId);
}

/** Checks certificate and signature of one entry. */
export async function vouchFor(
  primitives: PublicPrimitives,
  trust: Trust,
  roster: Roster,
  index: number,
  role?: Role | readonly Role[],
): Promise<RosterMember> {
  const { certificate: claimed, advertisement } = roster.entries[index]!;
  const certificate = await verifyCertificate(primitives, trust, claimed, role);
  await verifyMessage(primitives, advertisement, { ...ADVERTISE, context: roster.context, sender: certificate });
  return asVouched({ ...roster.members[index]!, certificate });
}

const asVouched = (member: ListedMember & { readonly certificate: ValidCertificate }): RosterMember =>
  Object.freeze(member) as RosterMember;

/** A participant finds itself in the roster as it advertised itself, or aborts: E_ROSTER, with what stands there as evidence. */
export function requireOwnEntry(
  roster: Roster,
  own: { readonly memberId: MemberId; readonly keys: readonly Uint8Array[]; readonly hybridKey?: Uint8Array },
): ListedMember {
  const member = roster.members[roster.indexOf.get(own.memberId) ?? -1];
  if (member === undefined) throw new ProtocolViolation('E_ROSTER', `${own.memberId} is not in the roster`);
  const empty = new Uint8Array(0);
  const same =
    member.keys.length === own.keys.length &&
    member.keys.every((key, i) => sameBytes(key, own.keys[i]!)) &&
    sameBytes(member.hybridKey ?? empty, own.hybridKey ?? empty);
  if (!same) {
    throw new ProtocolViolation('E_ROSTER', `the roster has other keys for ${own.memberId} than it advertised`, {
      evidence: [encodeMessage(roster.entries[member.index]!.advertisement)],
    });
  }
  return member;
}

/** The leaf of the roster's tree. */
export function encodeEntry({ certificate, advertisement }: RosterEntry): Uint8Array<ArrayBuffer> {
  return new CanonicalWriter(ENTRY_BYTES_AT_MOST)
    .blob('certificate', encodeCertificate(certificate))
    .blob('advertisement', encodeMessage(advertisement))
    .finish();
}

export function decodeEntry(bytes: Uint8Array): RosterEntry {
  const reader = new CanonicalReader(bytes, 'a roster entry');
  const certificate = decodeCertificate(reader.blobView('certificate', CERTIFICATE_BYTES_AT_MOST));
  const bodyBytesAtMost = ADVERTISE_BODY_BYTES_AT_MOST;
  const message = reader.blobView('advertisement', ENVELOPE_BYTES_AT_MOST + bodyBytesAtMost);
  reader.finish();
  return Object.freeze({ certificate, advertisement: decodeMessage(message, bodyBytesAtMost) });
}

export function encodeRoster({ entries }: Roster): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(4 + entries.length * ENTRY_BYTES_AT_MOST).u32('members', entries.length);
  for (const entry of entries) writer.blob('an entry', encodeEntry(entry));
  return writer.finish();
}

/** Decodes, and makes every check that rosterOf makes; the order must be the right one. */
export function decodeRoster(primitives: Hashing, context: OpenContext, keyCount: number, bytes: Uint8Array): Roster {
  const reader = new CanonicalReader(bytes, 'a roster');
  const count = reader.count('members', MEMBERS_AT_MOST, 4);
  const leaves = Array.from({ length: count }, () => reader.blob('an entry', ENTRY_BYTES_AT_MOST));
  reader.finish();
  const entries = leaves.map(decodeEntry);
  return rosterWith(primitives, context, keyCount, entries, (sorted) => {
    if (sorted.some((entry, i) => entry !== entries[i])) {
      throw new MalformedMessage('E_MALFORMED', 'a roster is not in the order of its members');
    }
    // An entry has one encoding, which decodeEntry has just read.
    return leaves;
  });
}

/** For participants who get only some entries of a large roster. */
export interface EntryProof {
  readonly index: number;
  readonly memberCount: number;
  readonly treeRoot: Uint8Array;
  readonly path: readonly Uint8Array[];
}

export function proveEntry(primitives: Hashing, { tree }: Roster, index: number): EntryProof {
  const path = proveInclusion(primitives, tree, index);
  return { index, memberCount: tree.size, treeRoot: rootOf(primitives, tree), path };
}

/** Whether the entry is the one at this index of the roster with this root. */
export function isEntryOf(primitives: Hashing, root: Uint8Array, entry: RosterEntry, proof: EntryProof): boolean {
  const { index, memberCount: size, treeRoot, path } = proof;
  if (!Number.isSafeInteger(size) || size < 0 || size > MEMBERS_AT_MOST) return false;
  if (!sameBytes(root, rosterRoot(primitives, size, treeRoot))) return false;
  return isIncluded(primitives, { leaf: encodeEntry(entry), index, size, root: treeRoot, path });
}
