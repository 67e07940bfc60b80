// A tree head: size and root, signed by the log's key, and co-signed by witnesses, who are participants or independent parties.
// One head that at least ⌈2/3⌉ of the pinned witnesses signed, each only what continues what it signed before, cannot be one of two
// histories unless more than a third of them lie: two such sets share more than a third of the witnesses.

import { CanonicalReader, CanonicalWriter, delimited, hexOf, type MemberId } from '../canonical/index.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { HASH_BYTES, PUBLIC_KEY_BYTES, type PublicPrimitives, SIGNATURE_BYTES, type Signer } from '../primitives.ts';
import { type MerkleTree, rootOf } from './merkle.ts';

export interface TreeHead {
  /** The log's Ed25519 key, which is its name. */
  readonly logKey: Uint8Array;
  readonly size: number;
  readonly root: Uint8Array;
  readonly timestampMs: number;
}

export interface Cosignature {
  readonly witness: MemberId;
  readonly signature: Uint8Array;
}

export interface SignedTreeHead extends TreeHead {
  readonly signature: Uint8Array;
  /** By witness, ascending. */
  readonly cosignatures: readonly Cosignature[];
}

export interface Witness {
  readonly memberId: MemberId;
  readonly publicKey: Uint8Array;
}

/** What a participant pins. */
export interface LogTrust {
  readonly logKey: Uint8Array;
  readonly witnesses: readonly Witness[];
}

declare const verified: unique symbol;

/** A head with the log's signature and enough of the witnesses'. */
export interface VerifiedTreeHead extends SignedTreeHead {
  readonly [verified]: true;
}

const WITNESSES_AT_MOST = 1024;
export const TREE_HEAD_BYTES_AT_MOST: number =
  2 * PUBLIC_KEY_BYTES + 16 + SIGNATURE_BYTES + 4 + WITNESSES_AT_MOST * (4 + 64 + SIGNATURE_BYTES);

/** ⌈2/3⌉ of the witnesses. */
export const witnessQuorum = (witnessCount: number): number => Math.ceil((2 * witnessCount) / 3);

export async function signTreeHead(
  primitives: PublicPrimitives,
  log: Signer,
  tree: MerkleTree,
  timestampMs: number,
): Promise<SignedTreeHead> {
  const head = { logKey: log.publicKey.slice(), size: tree.size, root: rootOf(primitives, tree), timestampMs };
  return Object.freeze({ ...head, signature: await log.sign(headBytes(head)), cosignatures: [] });
}

/** What the log signs; also what two heads are compared by. */
export function headBytes({ logKey, size, root, timestampMs }: TreeHead): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter().fixed('log', logKey, PUBLIC_KEY_BYTES).u64('size', size);
  return delimited('sumus/1/tree-head', writer.fixed('root', root, HASH_BYTES).u64('time', timestampMs).finish());
}

/** What a witness signs: the same under another label, so that a log that witnesses another cannot be quoted out of place. */
export const cosignedBytes = (head: TreeHead, witness: MemberId): Uint8Array<ArrayBuffer> =>
  delimited('sumus/1/witness', witness, headBytes(head));

/** The head with the witnesses' signatures, one for each; unchecked. */
export function withCosignatures(head: SignedTreeHead, cosignatures: readonly Cosignature[]): SignedTreeHead {
  const byWitness = new Map([...head.cosignatures, ...cosignatures].map((one) => [one.witness as string, one]));
  const sorted = [...byWitness.keys()].sort().map((witness) => byWitness.get(witness)!);
  return Object.freeze({ ...head, cosignatures: sorted });
}

export async function verifyTreeHead(
  primitives: PublicPrimitives,
  { logKey, witnesses }: LogTrust,
  head: SignedTreeHead,
): Promise<VerifiedTreeHead> {
  if (new Set(witnesses.map((one) => one.memberId)).size !== witnesses.length || witnesses.length === 0) {
    throw new ParameterError(`${witnesses.length} witnesses: none, or one of them twice`);
  }
  // One key under two names would count twice.
  if (new Set(witnesses.map((one) => hexOf(one.publicKey))).size !== witnesses.length) {
    throw new ParameterError('two witnesses have one key');
  }
  if (hexOf(head.logKey) !== hexOf(logKey)) {
    throw new ProtocolViolation(
      'E_LOG',
      `a head of log ${hexOf(head.logKey.subarray(0, 8))}…, which is not the pinned one`,
    );
  }
  if (!(await primitives.ed25519.verify(logKey, headBytes(head), head.signature))) {
    throw new ProtocolViolation('E_LOG', `the head of size ${head.size} is not signed by its log`);
  }
  const agreeing = new Set<string>();
  for (const { witness, signature } of head.cosignatures) {
    const known = witnesses.find((one) => one.memberId === witness);
    if (known === undefined || agreeing.has(witness)) continue;
    if (await primitives.ed25519.verify(known.publicKey, cosignedBytes(head, witness), signature))
      agreeing.add(witness);
  }
  const quorum = witnessQuorum(witnesses.length);
  if (agreeing.size < quorum) {
    throw new ProtocolViolation(
      'E_LOG',
      `the head of size ${head.size} has ${agreeing.size} of ${witnesses.length} witnesses, ${quorum} are needed`,
    );
  }
  return asVerified(head);
}

/**
 * A head that the reader verified itself and kept on its own disk: held to the log's signature alone. Who its witnesses were then need not be
 * who they are now.
 */
export async function keptTreeHead(
  primitives: PublicPrimitives,
  logKey: Uint8Array,
  head: SignedTreeHead,
): Promise<VerifiedTreeHead> {
  if (
    hexOf(head.logKey) !== hexOf(logKey) ||
    !(await primitives.ed25519.verify(logKey, headBytes(head), head.signature))
  ) {
    throw new ProtocolViolation('E_LOG', `the head of size ${head.size} that was kept is not signed by its log`);
  }
  return asVerified(head);
}

const asVerified = (head: SignedTreeHead): VerifiedTreeHead => head as VerifiedTreeHead;

export function encodeTreeHead(head: SignedTreeHead): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter()
    .fixed('log', head.logKey, PUBLIC_KEY_BYTES)
    .u64('size', head.size)
    .fixed('root', head.root, HASH_BYTES)
    .u64('time', head.timestampMs)
    .fixed('signature', head.signature, SIGNATURE_BYTES)
    .u32('witnesses', head.cosignatures.length);
  for (const { witness, signature } of head.cosignatures) {
    writer.name('witness', witness).fixed('signature', signature, SIGNATURE_BYTES);
  }
  return writer.finish();
}

export function decodeTreeHead(bytes: Uint8Array): SignedTreeHead {
  const reader = new CanonicalReader(bytes, 'a tree head');
  const logKey = reader.fixed('log', PUBLIC_KEY_BYTES);
  const size = reader.u64('size');
  const root = reader.fixed('root', HASH_BYTES);
  const timestampMs = reader.u64('time');
  const signature = reader.fixed('signature', SIGNATURE_BYTES);
  const count = reader.count('witnesses', WITNESSES_AT_MOST, 5 + SIGNATURE_BYTES);
  const cosignatures: Cosignature[] = [];
  for (let i = 0; i < count; i++) {
    const witness = reader.member('witness');
    const last = cosignatures.at(-1)?.witness ?? '';
    if (witness <= last)
      throw new MalformedMessage('E_MALFORMED', `a tree head: witness ${witness} is not above ${last}`);
    cosignatures.push({ witness, signature: reader.fixed('signature', SIGNATURE_BYTES) });
  }
  reader.finish();
  return Object.freeze({ logKey, size, root, timestampMs, signature, cosignatures });
}
