// A contribution. Its head is small and signed and says everything: which model, which ephemeral key, the hash of the encrypted
// vector, a commitment to every member's share. Head, certificate and one box go on to each committee member; the encrypted vector,
// megabytes of it, is added by the coordinator and dropped.
//
//   body of the head = index ‖ model version ‖ model hash ‖ ephemeral key ‖ opening key? ‖ SHA-256(vector) ‖ m commitments
//   contribution     = certificate ‖ head ‖ vector ‖ m boxes
//   nullifier        = SHA-256("sumus/1/one-shot/nullifier" ‖ ctx ‖ member ‖ index): computed by whoever needs it, never sent
//
// Refused before anything is allocated: lengths other than the parameters give, bytes left over.

import {
  CanonicalReader,
  CanonicalWriter,
  delimited,
  hexOf,
  type MemberId,
  sameBytes,
  u32Bytes,
} from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import {
  CERTIFICATE_BYTES_AT_MOST,
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  type Trust,
} from '../../identity/index.ts';
import {
  decodeMessage,
  ENVELOPE_BYTES_AT_MOST,
  encodeMessage,
  type SignedMessage,
  signedBytes,
  verifyMessage,
} from '../../messages/index.ts';
import { HASH_BYTES, type Hashing, PUBLIC_KEY_BYTES, type PublicPrimitives } from '../../primitives.ts';
import { requireContributor, requireHybridKey, requireRoundKey, X_WING_PUBLIC_KEY_BYTES } from '../../roster/index.ts';
import { CONTRIBUTE } from './kinds.ts';
import { type ModelVersion, type ModelVersions, requireKnownModel } from './models.ts';
import type { OneShotParameters } from './parameters.ts';
import type { OneShotRound } from './round.ts';

export interface HeadBody {
  /** The how-manieth contribution of this member in the context, from 0 on. */
  readonly index: number;
  readonly model: ModelVersion;
  /** X25519: the contributor's side of all its boxes. */
  readonly ephemeralKey: Uint8Array;
  /** Where sums are opened to participants, the committee's answers are boxed to it: X25519, behind it X-Wing under the hybrid suite. */
  readonly openingKey: Uint8Array | undefined;
  readonly ciphertextHash: Uint8Array;
  /** To the share of each member, in the order of their numbers. */
  readonly commitments: readonly Uint8Array[];
}

export interface Contribution {
  readonly certificate: Certificate;
  readonly head: SignedMessage;
  /** Packed (lattice, packed-contribution.ts). A view into what was decoded. */
  readonly ciphertext: Uint8Array;
  readonly boxes: readonly Uint8Array[];
}

declare const verified: unique symbol;

/** A head whose signature, certificate, model and index were checked. */
export interface VerifiedHead extends HeadBody {
  readonly [verified]: true;
  readonly memberId: MemberId;
  /** In hexadecimal; one contribution of one member in this context, for ever. */
  readonly nullifier: string;
  /** SHA-256 of what was signed: stands for the whole contribution in the set's hash. */
  readonly digest: Uint8Array;
  readonly certificate: Certificate;
  readonly message: SignedMessage;
}

/** Salt of a commitment, in front of the share in its box. */
export const SALT_BYTES = 32;
const NONCE_AND_TAG_BYTES = 12 + 16;
/** Of X-Wing, in front of a hybrid box (boxes/x-wing.ts, which holds secrets and is not entered from here). */
const ENCAPSULATION_BYTES = 1120;
const SHARE_FRAME_BYTES = 4 + 1 + 1 + 32 + 2 + 4;

/** Bytes of one member's share as lattice's wire/one-time-keys.ts writes it; of the box around it and its salt. */
export const shareBytes = ({ oneTime }: OneShotParameters): number =>
  SHARE_FRAME_BYTES + Math.ceil((oneTime.committee.blocks * 30) / 8);
/** What a box has besides its plaintext, under the suite of the round. */
export const boxOverheadBytes = ({ boxes }: OneShotParameters): number =>
  NONCE_AND_TAG_BYTES + (boxes === 'hybrid' ? ENCAPSULATION_BYTES : 0);

export const openingKeyBytes = ({ boxes }: OneShotParameters): number =>
  PUBLIC_KEY_BYTES + (boxes === 'hybrid' ? X_WING_PUBLIC_KEY_BYTES : 0);

export const boxBytes = (parameters: OneShotParameters): number =>
  boxOverheadBytes(parameters) + SALT_BYTES + shareBytes(parameters);

export const headBytesAtMost = (parameters: OneShotParameters): number =>
  ENVELOPE_BYTES_AT_MOST +
  8 +
  3 * HASH_BYTES +
  1 +
  openingKeyBytes(parameters) +
  HASH_BYTES * parameters.oneTime.committee.members;

export function contributionBytesAtMost(parameters: OneShotParameters): number {
  const { members } = parameters.oneTime.committee;
  return (
    CERTIFICATE_BYTES_AT_MOST +
    headBytesAtMost(parameters) +
    parameters.ciphertextBytes +
    members * (4 + boxBytes(parameters)) +
    16
  );
}

export function encodeHeadBody(parameters: OneShotParameters, body: HeadBody): Uint8Array<ArrayBuffer> {
  const { index, model, ephemeralKey, openingKey, ciphertextHash, commitments } = body;
  const writer = new CanonicalWriter(headBytesAtMost(parameters))
    .u32('index', index)
    .u32('model version', model.version)
    .fixed('model hash', model.hash, HASH_BYTES)
    .fixed('ephemeral key', ephemeralKey, PUBLIC_KEY_BYTES)
    .u8('has an opening key', openingKey === undefined ? 0 : 1);
  if (openingKey !== undefined) writer.fixed('opening key', openingKey, openingKeyBytes(parameters));
  writer.fixed('ciphertext hash', ciphertextHash, HASH_BYTES);
  for (const commitment of commitments) writer.fixed('a commitment', commitment, HASH_BYTES);
  return writer.finish();
}

export function decodeHeadBody(parameters: OneShotParameters, bytes: Uint8Array): HeadBody {
  const { flushes, openedTo, oneTime } = parameters;
  const reader = new CanonicalReader(bytes, 'the head of a contribution');
  const index = reader.within('index', 4, 0, flushes.contributionsEach - 1);
  const model = Object.freeze({ version: reader.u32('model version'), hash: reader.fixed('model hash', HASH_BYTES) });
  const ephemeralKey = requireRoundKey(reader.fixed('ephemeral key', PUBLIC_KEY_BYTES));
  const wanted = openedTo === 'participants' ? 1 : 0;
  reader.within('has an opening key', 1, wanted, wanted);
  const openingKey =
    wanted === 1 ? requireOpeningKey(reader.fixed('opening key', openingKeyBytes(parameters))) : undefined;
  const ciphertextHash = reader.fixed('ciphertext hash', HASH_BYTES);
  const { members } = oneTime.committee;
  const commitments = Array.from({ length: members }, () => reader.fixed('a commitment', HASH_BYTES));
  reader.finish();
  return Object.freeze({ index, model, ephemeralKey, openingKey, ciphertextHash, commitments });
}

function requireOpeningKey(key: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const { publicKey, hybridKey } = splitOpeningKey(key);
  requireRoundKey(publicKey);
  if (hybridKey !== undefined) requireHybridKey(hybridKey);
  return key;
}

/** X25519, and X-Wing where it is there. */
export function splitOpeningKey(key: Uint8Array): {
  readonly publicKey: Uint8Array;
  readonly hybridKey: Uint8Array | undefined;
} {
  const hybridKey = key.length > PUBLIC_KEY_BYTES ? key.subarray(PUBLIC_KEY_BYTES) : undefined;
  return { publicKey: key.subarray(0, PUBLIC_KEY_BYTES), hybridKey };
}

export function encodeContribution(parameters: OneShotParameters, contribution: Contribution): Uint8Array<ArrayBuffer> {
  const { certificate, head, ciphertext, boxes } = contribution;
  const writer = new CanonicalWriter(contributionBytesAtMost(parameters))
    .blob('certificate', encodeCertificate(certificate))
    .blob('head', encodeMessage(head))
    .blob('ciphertext', ciphertext)
    .u16('boxes', boxes.length);
  for (const box of boxes) writer.blob('a box', box);
  return writer.finish();
}

export function decodeContribution(parameters: OneShotParameters, bytes: Uint8Array): Contribution {
  const reader = new CanonicalReader(bytes, 'a contribution');
  const certificate = decodeCertificate(reader.blobView('certificate', CERTIFICATE_BYTES_AT_MOST));
  const head = decodeMessage(reader.blobView('head', headBytesAtMost(parameters)), headBytesAtMost(parameters));
  const ciphertext = reader.blobView('ciphertext', parameters.ciphertextBytes);
  if (ciphertext.length !== parameters.ciphertextBytes) {
    reader.refuse('E_LEN', `a vector of ${ciphertext.length} bytes, not ${parameters.ciphertextBytes}`);
  }
  const { members } = parameters.oneTime.committee;
  reader.within('boxes', 2, members, members);
  const length = boxBytes(parameters);
  const boxes = Array.from({ length: members }, () => {
    const box = reader.blob('a box', length);
    if (box.length !== length) reader.refuse('E_LEN', `a box of ${box.length} bytes, not ${length}`);
    return box;
  });
  reader.finish();
  return Object.freeze({ certificate, head, ciphertext, boxes });
}

export const nullifierOf = (primitives: Hashing, round: OneShotRound, memberId: MemberId, index: number): string =>
  hexOf(primitives.sha256(delimited('sumus/1/one-shot/nullifier', round.context.hash, memberId, u32Bytes(index))));

export const commitmentTo = (
  primitives: Hashing,
  round: OneShotRound,
  from: MemberId,
  to: MemberId,
  saltAndShare: Uint8Array,
): Uint8Array<ArrayBuffer> =>
  primitives.sha256(delimited('sumus/1/one-shot/share', round.context.hash, from, to), saltAndShare);

/** Who checks a head, and what it knows itself. */
export interface HeadChecks {
  readonly round: OneShotRound;
  readonly trust: Trust;
  readonly models: ModelVersions;
}

export async function verifyHead(
  primitives: PublicPrimitives,
  { round, trust, models }: HeadChecks,
  { certificate: claimed, head }: Pick<Contribution, 'certificate' | 'head'>,
): Promise<VerifiedHead> {
  const { parameters, directory, context } = round;
  const certificate = await requireContributor(primitives, trust, directory, claimed);
  const message = await verifyMessage(primitives, head, { ...CONTRIBUTE, context, sender: certificate });
  const body = decodeHeadBody(parameters, message.body);
  requireKnownModel(models, body.model);
  const { memberId } = certificate;
  const digest = primitives.sha256(signedBytes(primitives, message));
  const nullifier = nullifierOf(primitives, round, memberId, body.index);
  return asVerified({ ...body, memberId, nullifier, digest, certificate, message });
}

/** From one's own storage, where it was put after it was verified. */
export function storedHead(
  primitives: Hashing,
  round: OneShotRound,
  stored: Pick<Contribution, 'certificate' | 'head'>,
): VerifiedHead {
  const { certificate, head: message } = stored;
  const body = decodeHeadBody(round.parameters, message.body);
  const digest = primitives.sha256(signedBytes(primitives, message));
  const nullifier = nullifierOf(primitives, round, certificate.memberId, body.index);
  return asVerified({ ...body, memberId: certificate.memberId, nullifier, digest, certificate, message });
}

const asVerified = (head: Omit<VerifiedHead, typeof verified>): VerifiedHead => Object.freeze(head) as VerifiedHead;

/** Of an encrypted vector: megabytes. */
export const ciphertextHashOf = async (
  primitives: Hashing,
  ciphertext: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> =>
  primitives.sha256OfMany === undefined ? primitives.sha256(ciphertext) : primitives.sha256OfMany(ciphertext);

/** That the encrypted vector is the one that the head was signed for. */
export async function requireCiphertext(
  primitives: Hashing,
  head: VerifiedHead,
  ciphertext: Uint8Array,
): Promise<void> {
  if (!sameBytes(await ciphertextHashOf(primitives, ciphertext), head.ciphertextHash)) {
    throw new ProtocolViolation('E_SIG', `the vector of ${head.memberId} is not the one that it signed`);
  }
}
