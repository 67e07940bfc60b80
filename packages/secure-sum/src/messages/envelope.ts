// A message that its sender signed: Ed25519 over "sumus/1/message" ‖ ctx ‖ phase ‖ type ‖ sender ‖ SHA-256(body). The context is
// not sent along as a claim to be believed: the receiver has its own and compares. What a receiver works with is a
// VerifiedMessage, which only verifyMessage makes.

import { CanonicalReader, CanonicalWriter, delimited, hexOf, type MemberId, sameBytes } from '../canonical/index.ts';
import type { AnyContext } from '../context/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { HASH_BYTES, type Hashing, type PublicPrimitives, SIGNATURE_BYTES, type Signer } from '../primitives.ts';

/** Where in the protocol a message stands. */
export interface MessageKind {
  /** In [0, 255]. */
  readonly phase: number;
  /** A name such as 'advertise' or 'mask/unmask'. */
  readonly type: string;
}

/** As it travels: claims, none of them checked. */
export interface SignedMessage extends MessageKind {
  /** Hash of the context it was signed under. */
  readonly contextHash: Uint8Array;
  readonly sender: MemberId;
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

declare const verified: unique symbol;

/** A message whose signature, context, phase and type were checked against a key that the receiver trusts to be the sender's. */
export interface VerifiedMessage extends SignedMessage {
  readonly [verified]: true;
}

const LETTERS = Uint8Array.from('SUMS', (letter) => letter.charCodeAt(0));
const VERSION = 1;
/** What a message has besides its body, at most. */
export const ENVELOPE_BYTES_AT_MOST: number = 4 + 1 + HASH_BYTES + 1 + 2 * (4 + 64) + 4 + SIGNATURE_BYTES;

/** What is signed, by its hash: two messages with one digest say the same. */
export function signedBytes(primitives: Hashing, message: Omit<SignedMessage, 'signature'>): Uint8Array<ArrayBuffer> {
  const { contextHash, phase, type, sender, body } = message;
  return delimited(
    'sumus/1/message',
    contextHash,
    new CanonicalWriter(1).u8('phase', phase).finish(),
    type,
    sender,
    primitives.sha256(body),
  );
}

export async function signMessage(
  primitives: Hashing,
  signer: Signer,
  context: AnyContext,
  { phase, type, sender, body }: MessageKind & { readonly sender: MemberId; readonly body: Uint8Array },
): Promise<SignedMessage> {
  const unsigned = { contextHash: context.hash, phase, type, sender, body };
  const signature = await signer.sign(signedBytes(primitives, unsigned));
  return Object.freeze({ ...unsigned, signature });
}

/** What the receiver expects; a message that is anything else is refused before its body is looked at. */
export interface Expected extends MessageKind {
  readonly context: AnyContext;
  /** The sender's key, from a valid certificate (identity/). */
  readonly sender: { readonly memberId: MemberId; readonly publicKey: Uint8Array };
}

export async function verifyMessage(
  primitives: PublicPrimitives,
  message: SignedMessage,
  { context, phase, type, sender }: Expected,
): Promise<VerifiedMessage> {
  const from = `${message.type} of ${message.sender}`;
  if (!sameBytes(message.contextHash, context.hash)) {
    throw new ProtocolViolation(
      'E_CTX',
      `${from} belongs to context ${hexOf(message.contextHash.subarray(0, 8))}…, not to ${hexOf(context.hash.subarray(0, 8))}…`,
    );
  }
  if (message.phase !== phase || message.type !== type) {
    throw new ProtocolViolation('E_PHASE', `${from} in phase ${message.phase}: expected is ${type} in phase ${phase}`);
  }
  if (message.sender !== sender.memberId) {
    throw new ProtocolViolation('E_SIG', `${from}: the key at hand is that of ${sender.memberId}`);
  }
  if (!(await primitives.ed25519.verify(sender.publicKey, signedBytes(primitives, message), message.signature))) {
    throw new ProtocolViolation('E_SIG', `the signature of ${from} does not verify`);
  }
  return asVerified(message);
}

const asVerified = (message: SignedMessage): VerifiedMessage => message as VerifiedMessage;

export function encodeMessage(message: SignedMessage): Uint8Array<ArrayBuffer> {
  const { contextHash, phase, type, sender, body, signature } = message;
  // Exactly so long: nothing is copied twice.
  const others = LETTERS.length + 2 + contextHash.length + 3 * 4 + type.length + sender.length + signature.length;
  return new CanonicalWriter(others + body.length)
    .fixed('letters', LETTERS, LETTERS.length)
    .u8('version', VERSION)
    .fixed('context', contextHash, HASH_BYTES)
    .u8('phase', phase)
    .name('type', type)
    .name('sender', sender)
    .blob('body', body)
    .fixed('signature', signature, SIGNATURE_BYTES)
    .finish();
}

/**
 * Refuses a body longer than `bodyBytesAtMost` before a byte of it is copied. One longer than `copiedAtMost` is a view into `bytes`, which
 * then must not change before the step that takes the message is over. Nothing is verified yet.
 */
export function decodeMessage(
  bytes: Uint8Array,
  bodyBytesAtMost: number,
  copiedAtMost: number = bodyBytesAtMost,
): SignedMessage {
  const reader = new CanonicalReader(bytes, 'a message');
  if (!sameBytes(reader.fixed('letters', LETTERS.length), LETTERS))
    reader.refuse('E_MALFORMED', "does not begin with 'SUMS'");
  const version = reader.u8('version');
  if (version !== VERSION) reader.refuse('E_MALFORMED', `version ${version} is not ${VERSION}`);
  const contextHash = reader.fixed('context', HASH_BYTES);
  const phase = reader.u8('phase');
  const type = reader.name('type');
  const sender = reader.member('sender');
  const found = reader.blobView('body', bodyBytesAtMost);
  const body = found.length > copiedAtMost ? found : found.slice();
  const signature = reader.fixed('signature', SIGNATURE_BYTES);
  reader.finish();
  return Object.freeze({ contextHash, phase, type, sender, body, signature });
}
