// A member's answer on its way to the other members of its set: sealed under a key of its own, and that key in a box for each of
// them. The coordinator carries what it cannot read. It matters: with an encryptor who lies about its noise, whoever combines the
// answers reads the key of everybody (lattice: partial-decryption.ts), and the coordinator is not to be that one.
//
//   body = statement ‖ ChaCha20-Poly1305(key, nonce 0, AAD = ctx ‖ "threshold/answer" ‖ statement ‖ sender, answers) ‖ boxes of the key
//
// The key is drawn for one answer and used once, so the nonce may be zero.

import type { KeyEpoch, PartialDecryption } from '@sumus/lattice/shared-keys';
import { decodePartialDecryption, encodePartialDecryption } from '@sumus/lattice/wire';
import { CanonicalReader, CanonicalWriter, delimited, type MemberId, sameBytes } from '../canonical/index.ts';
import { MalformedMessage } from '../errors.ts';
import { HASH_BYTES } from '../primitives.ts';
import { freshSecretBytes } from '../secret-primitives.ts';
import { fromIts, memberNamed, memberNumbered, type NumberedMember } from './circle.ts';
import { openFrom, sealTo } from './dealings.ts';
import type { MemberSetting } from './founding-state.ts';
import { BODY_BYTES_AT_MOST, MEMBERS_OF_A_KEY_AT_MOST, POLYNOMIAL_BODY_BYTES_AT_MOST } from './kinds.ts';
import { asOurs } from './lattice-errors.ts';

const KEY_BYTES = 32;
const KEY_BOX_BYTES_AT_MOST = 2048;
const CIPHERTEXTS_AT_MOST = 1 << 16;
const PURPOSE = 'threshold/answer-key';
const nonce = new Uint8Array(12);

export interface AnswerBody {
  readonly statement: Uint8Array;
  readonly sealed: Uint8Array;
  readonly keys: readonly { readonly to: number; readonly box: Uint8Array }[];
}

export function encodeAnswerBody({ statement, sealed, keys }: AnswerBody): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(sealed.length + 128 * (keys.length + 1))
    .fixed('statement', statement, HASH_BYTES)
    .blob('answers', sealed)
    .u16('keys', keys.length);
  for (const { to, box } of keys) writer.u16('to', to).blob('key', box);
  return writer.finish();
}

export function decodeAnswerBody(body: Uint8Array): AnswerBody {
  const reader = new CanonicalReader(body, 'an answer');
  const statement = reader.fixed('statement', HASH_BYTES);
  const sealed = reader.blobView('answers', BODY_BYTES_AT_MOST);
  const count = reader.within('keys', 2, 0, MEMBERS_OF_A_KEY_AT_MOST);
  const keys: { to: number; box: Uint8Array }[] = [];
  for (let i = 0; i < count; i++) {
    const to = reader.within('to', 2, 1, 65535);
    if (i > 0 && to <= keys[i - 1]!.to) reader.refuse('E_MALFORMED', 'keys are not in the order of members');
    keys.push({ to, box: reader.blob('key', KEY_BOX_BYTES_AT_MOST) });
  }
  reader.finish();
  return Object.freeze({ statement, sealed, keys });
}

/** One member's answers, one for each ciphertext of the vector, in order. */
export function encodeAnswers(epoch: KeyEpoch, answers: readonly PartialDecryption[]): Uint8Array<ArrayBuffer> {
  const encoded = answers.map((answer) => encodePartialDecryption(epoch, answer));
  const writer = new CanonicalWriter(encoded.reduce((sum, { length }) => sum + length + 4, 16));
  writer.u32('answers', encoded.length);
  for (const answer of encoded) writer.blob('an answer', answer);
  return writer.finish();
}

export function decodeAnswers(epoch: KeyEpoch, number: number, bytes: Uint8Array): PartialDecryption[] {
  const reader = new CanonicalReader(bytes, 'answers');
  const count = reader.count('answers', CIPHERTEXTS_AT_MOST, 4);
  const answers: PartialDecryption[] = [];
  for (let i = 0; i < count; i++) {
    const one = reader.blobView('an answer', POLYNOMIAL_BODY_BYTES_AT_MOST);
    answers.push(asOurs('E_SHARE', 'an answer', () => fromIts(number, decodePartialDecryption(epoch, one))));
  }
  reader.finish();
  return answers;
}

/** `to`: the other members of the set, rising. */
export async function sealAnswers(
  setting: MemberSetting,
  {
    statement,
    to,
    plaintext,
  }: { readonly statement: Uint8Array; readonly to: readonly number[]; readonly plaintext: Uint8Array },
): Promise<Uint8Array<ArrayBuffer>> {
  const { primitives, circle, memberId } = setting;
  const key = freshSecretBytes(primitives, KEY_BYTES);
  const sealed = primitives.chacha20Poly1305.seal(
    { key, nonce, associatedData: associatedData(setting, statement, memberId) },
    plaintext,
  );
  const inBox = delimited(key, statement);
  const keys: { to: number; box: Uint8Array }[] = [];
  for (const number of to) {
    keys.push({ to: number, box: await sealTo(setting, memberNumbered(circle, number), PURPOSE, inBox) });
  }
  key.fill(0);
  inBox.fill(0);
  return encodeAnswerBody({ statement, sealed, keys });
}

/** What another member of the set sealed; MalformedMessage E_BOX where it does not open. */
export async function openAnswers(
  setting: MemberSetting,
  from: NumberedMember,
  { statement, sealed, keys }: AnswerBody,
): Promise<Uint8Array> {
  const { primitives, circle, memberId } = setting;
  const { number: own } = memberNamed(circle, memberId);
  const refuse = (why: string): never => {
    throw new MalformedMessage('E_BOX', `the answer of ${from.memberId} ${why}`);
  };
  const boxed = keys.find(({ to }) => to === own) ?? refuse('has no key for this member');
  const inBox = await openFrom(setting, from, PURPOSE, boxed.box);
  const reader = new CanonicalReader(inBox, 'the key of an answer');
  const key = reader.blob('key', KEY_BYTES);
  const named = reader.blob('statement', HASH_BYTES);
  reader.finish();
  if (key.length !== KEY_BYTES || !sameBytes(named, statement)) refuse('has the key of another statement');
  const plaintext = primitives.chacha20Poly1305.open(
    { key, nonce, associatedData: associatedData(setting, statement, from.memberId) },
    sealed,
  );
  key.fill(0);
  inBox.fill(0);
  return plaintext ?? refuse('does not open');
}

const associatedData = ({ circle }: MemberSetting, statement: Uint8Array, sender: MemberId): Uint8Array<ArrayBuffer> =>
  delimited(circle.context.hash, 'threshold/answer', statement, sender);
