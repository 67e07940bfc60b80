// A message of a run as bytes: a header that its sender signs, and a body that the header names by hash and length. The header says run,
// sender, receiver and number, so that a message stands for itself: it cannot be moved to another run, round or receiver, nor said twice.
//
//   "SUMR" ‖ version ‖ u32 length ‖ header (canonical JSON) ‖ signature (64) ‖ body
//   signature = Ed25519 over "sumus/1/run-message" ‖ 0 ‖ SHA-256(header)
//
// Refuses, in this order: what is too long, no frame, not canonical, signed by another key, a body of another hash. Nothing of a frame is
// used before all of that.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import type { Hashing, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { statementOf } from '../canonical/statement.ts';
import { bytesOfHex, hexOf, utf8Bytes, utf8Text } from '../canonical/utf8.ts';
import { MalformedMessage, ProtocolViolation } from '../errors.ts';
import { hash } from '../ledger/content.ts';
import { check, object, problemLine } from '../schema/objects.ts';
import { orNull, type Schema, text, whole } from '../schema/schema.ts';
import type { BlobName } from './events.ts';
import { type ToCoordinator, type ToParticipant, toCoordinatorSchema, toParticipantSchema } from './messages.ts';

export interface HeaderToCoordinator {
  readonly format: 'sumus/run/1';
  readonly run: string;
  readonly from: string;
  /** From 0, without gaps; null for what may be said again and again. */
  readonly number: number | null;
  readonly message: ToCoordinator;
  readonly body: BlobName | null;
}

export interface HeaderToParticipant {
  readonly format: 'sumus/run/1';
  readonly run: string;
  readonly to: string;
  /** A round, or the draw before it: numbers begin anew with each, and what is behind it is not sent again. */
  readonly chapter: number;
  readonly number: number | null;
  /** The coordinator has every message of this participant below this number. */
  readonly acknowledged: number;
  readonly message: ToParticipant;
  readonly body: BlobName | null;
}

/** As it was read: not signed by anybody until verifyFrame says so. */
export interface Frame<Header> {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly signature: Uint8Array;
  readonly body: Uint8Array;
}

const LETTERS = utf8Bytes('SUMR');
const VERSION = 1;
const SIGNATURE_BYTES = 64;
const FIXED_BYTES = LETTERS.length + 1 + 4;
const HEADER_BYTES_AT_MOST = 2 ** 26;
/** Of a participant, whoever it says to be: read before anybody's signature is looked at. */
const HEADER_BYTES_TO_COORDINATOR = 2 ** 20;

const blob: Schema<BlobName> = object<BlobName>({ sha256: hash, bytes: whole(1, 2 ** 40) });
const name: Schema<string> = text({ atLeast: 1, atMost: 64 });
const number: Schema<number | null> = orNull(whole(0, 2 ** 31 - 1));
const format: Schema<'sumus/run/1'> = {
  read: (value, path, problems) => {
    if (value === 'sumus/run/1') return { value };
    problems.push({ path, what: 'is another format', next: 'write "sumus/run/1"' });
    return undefined;
  },
  json: { const: 'sumus/run/1' },
};

const toCoordinator: Schema<HeaderToCoordinator> = object<HeaderToCoordinator>({
  format,
  run: name,
  from: name,
  number,
  message: toCoordinatorSchema,
  body: orNull(blob),
});

const toParticipant: Schema<HeaderToParticipant> = object<HeaderToParticipant>({
  format,
  run: name,
  to: name,
  chapter: whole(0, 2 ** 31 - 1),
  number,
  acknowledged: whole(0, 2 ** 31 - 1),
  message: toParticipantSchema,
  body: orNull(blob),
});

export const blobName = (primitives: Hashing, bytes: Uint8Array): BlobName =>
  Object.freeze({ sha256: hexOf(primitives.sha256(bytes)), bytes: bytes.length });

/** Letters, header and signature; the body that the header names comes behind it. */
export async function writeHead(
  primitives: Hashing,
  signer: Signer,
  header: HeaderToCoordinator | HeaderToParticipant,
): Promise<Uint8Array<ArrayBuffer>> {
  const headerBytes = utf8Bytes(canonicalJson(header));
  const signature = await signer.sign(statementOf('sumus/1/run-message', primitives.sha256(headerBytes)));
  const bytes = new Uint8Array(FIXED_BYTES + headerBytes.length + SIGNATURE_BYTES);
  bytes.set(LETTERS);
  bytes[LETTERS.length] = VERSION;
  new DataView(bytes.buffer).setUint32(LETTERS.length + 1, headerBytes.length, true);
  bytes.set(headerBytes, FIXED_BYTES);
  bytes.set(signature, FIXED_BYTES + headerBytes.length);
  return bytes;
}

/** A head around the bytes of its message, which many heads may share: header and signature are over all three. */
export interface HeadAround {
  readonly before: Uint8Array;
  readonly behind: Uint8Array;
}

/**
 * `messageBytes`: the message's canonical JSON. A header's members stand in the order of their names, so the message has three members before it
 * and three behind it, and what is said to a thousand is written once.
 */
export async function writeHeadAround(
  primitives: Hashing,
  signer: Signer,
  { acknowledged, body, chapter, format, number: place, run, to }: HeaderToParticipant,
  messageBytes: Uint8Array,
): Promise<HeadAround> {
  const first = canonicalJson({ acknowledged, body, chapter, format });
  const last = canonicalJson({ number: place, run, to });
  const start = utf8Bytes(`${first.slice(0, -1)},"message":`);
  const end = utf8Bytes(`,${last.slice(1)}`);
  const signature = await signer.sign(statementOf('sumus/1/run-message', primitives.sha256(start, messageBytes, end)));
  const before = new Uint8Array(FIXED_BYTES + start.length);
  before.set(LETTERS);
  before[LETTERS.length] = VERSION;
  const length = start.length + messageBytes.length + end.length;
  new DataView(before.buffer).setUint32(LETTERS.length + 1, length, true);
  before.set(start, FIXED_BYTES);
  return { before, behind: joinFrame(end, signature) };
}

export function joinFrame(head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

export const readFrameToCoordinator = (bytes: Uint8Array, bytesAtMost: number): Frame<HeaderToCoordinator> =>
  readFrame(bytes, bytesAtMost, toCoordinator, HEADER_BYTES_TO_COORDINATOR);

export const readFrameToParticipant = (bytes: Uint8Array, bytesAtMost: number): Frame<HeaderToParticipant> =>
  readFrame(bytes, bytesAtMost, toParticipant, HEADER_BYTES_AT_MOST);

function readFrame<Header extends { readonly body: BlobName | null }>(
  bytes: Uint8Array,
  bytesAtMost: number,
  schema: Schema<Header>,
  headerBytesAtMost: number,
): Frame<Header> {
  const refuse = (why: string, cause?: unknown): never => {
    throw new MalformedMessage(`a frame of ${bytes.length} bytes ${why}`, cause === undefined ? {} : { cause });
  };
  if (bytes.length > bytesAtMost) refuse(`is longer than the ${bytesAtMost} that are taken`);
  if (bytes.length < FIXED_BYTES + SIGNATURE_BYTES || LETTERS.some((letter, i) => bytes[i] !== letter)) {
    refuse('does not begin like one');
  }
  if (bytes[LETTERS.length] !== VERSION) refuse(`is of version ${bytes[LETTERS.length]}, not ${VERSION}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(LETTERS.length + 1, true);
  if (length > headerBytesAtMost || FIXED_BYTES + length + SIGNATURE_BYTES > bytes.length) {
    refuse(`has no room for a header of ${length}`);
  }
  const headerBytes = bytes.slice(FIXED_BYTES, FIXED_BYTES + length);
  const source = utf8Text(headerBytes);
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    return refuse('has a header that is no JSON', cause);
  }
  const read = check(schema, value);
  if (read.kind === 'invalid') return refuse(`has a header whose ${problemLine(read.problems[0]!)}`);
  if (canonicalJson(read.value) !== source) refuse('has a header that is not canonical');
  const bodyAt = FIXED_BYTES + length + SIGNATURE_BYTES;
  const body = bytes.subarray(bodyAt);
  if (body.length !== (read.value.body?.bytes ?? 0))
    refuse(`has a body of ${body.length} bytes, not as its header says`);
  return Object.freeze({
    header: read.value,
    headerBytes,
    signature: bytes.slice(bodyAt - SIGNATURE_BYTES, bodyAt),
    body,
  });
}

/** Whether `key` signed a frame of this header. */
export const isSigned = (
  primitives: PublicPrimitives,
  header: HeaderToCoordinator,
  signature: Uint8Array,
  key: Uint8Array,
): Promise<boolean> => {
  const headerHash = primitives.sha256(utf8Bytes(canonicalJson(header)));
  return primitives.ed25519.verify(key, statementOf('sumus/1/run-message', headerHash), signature);
};

/** Throws unless `key` signed the header and the body is the one that it names. Answers with the body's name: whoever keeps it need not hash it again. */
export async function verifyFrame<Header extends { readonly body: BlobName | null }>(
  primitives: PublicPrimitives,
  { header, headerBytes, signature, body }: Frame<Header>,
  key: Uint8Array,
): Promise<BlobName | null> {
  const statement = statementOf('sumus/1/run-message', primitives.sha256(headerBytes));
  if (!(await primitives.ed25519.verify(key, statement, signature))) {
    throw new ProtocolViolation(`a frame is not signed by ${hexOf(key)}`);
  }
  if (header.body === null) return null;
  const found = (await primitives.sha256OfMany?.(body)) ?? primitives.sha256(body);
  if (!primitives.timingSafeEqual(found, bytesOfHex(header.body.sha256))) {
    throw new ProtocolViolation(`the body of a frame has hash ${hexOf(found)}, not ${header.body.sha256}`);
  }
  return header.body;
}
