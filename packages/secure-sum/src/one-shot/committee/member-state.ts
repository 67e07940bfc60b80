// Where a committee member stands: what it has signed, what it holds for an answer, and every nullifier it ever signed for. Stored
// before each signature leaves, so a member that restarts signs what it signed and nothing else (attack 30).

import { CanonicalReader, CanonicalWriter, hexOf, type MemberId } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import { ENVELOPE_BYTES_AT_MOST } from '../../messages/index.ts';
import { HASH_BYTES } from '../../primitives.ts';
import { SecretBytes } from '../../secret-bytes.ts';
import { encodeSetIdentity, readSetIdentity, SIGN_BODY_BYTES } from '../round/certificate-of-set.ts';
import { openingKeyBytes, shareBytes } from '../round/contribution.ts';
import type { SetIdentity } from '../round/contributor-set.ts';
import type { OneShotRound } from '../round/round.ts';

/** To whom an answer is boxed where sums are opened to participants. */
export interface Reader {
  readonly memberId: MemberId;
  readonly openingKey: Uint8Array;
}

export interface SignedFlush {
  readonly set: SetIdentity;
  /** The signature as it was sent: sent again as it is. */
  readonly message: Uint8Array;
  /** Encoded sum of the member's shares of the set's keys; the shares themselves are gone. */
  readonly answer: SecretBytes;
  readonly readers: readonly Reader[];
}

export type MemberState =
  | {
      readonly phase: 'serving';
      readonly signed: ReadonlyMap<number, SignedFlush>;
      readonly nullifiers: ReadonlySet<string>;
    }
  | { readonly phase: 'ended' };

const LABEL = 'sumus/1/one-shot/member';
const FLUSHES_AT_MOST = 2 ** 20;
const NULLIFIERS_AT_MOST = 2 ** 24;

/** Asked before a set is signed: nothing is signed that restoreMember would not take back. */
export function requireRoom(
  { signed, nullifiers }: Extract<MemberState, { phase: 'serving' }>,
  contributions: number,
): void {
  if (signed.size >= FLUSHES_AT_MOST || nullifiers.size + contributions > NULLIFIERS_AT_MOST) {
    throw new ProtocolViolation(
      'E_EPOCH',
      `${signed.size} flushes and ${nullifiers.size} contributions were signed in this epoch; ${contributions} more need another one`,
    );
  }
}

/** For storage that its owner alone reads: shares of sums of keys lie in it in the clear. */
export function storeMemberInTheClear(round: OneShotRound, state: MemberState): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 14)
    .name('a label', LABEL)
    .fixed('context', round.context.hash, HASH_BYTES)
    .u8('serving', state.phase === 'serving' ? 1 : 0);
  if (state.phase === 'ended') return writer.finish();
  writer.u32('flushes', state.signed.size);
  for (const { set, message, answer, readers } of state.signed.values()) {
    writer.fixed('set', encodeSetIdentity(set), SIGN_BODY_BYTES).blob('message', message);
    answer.with((bytes) => writer.blob('answer', bytes));
    writer.u32('readers', readers.length);
    for (const { memberId, openingKey } of readers) {
      writer.name('a reader', memberId).fixed('opening key', openingKey, openingKeyBytes(round.parameters));
    }
  }
  writer.u32('nullifiers', state.nullifiers.size);
  for (const nullifier of state.nullifiers) {
    const bytes = Uint8Array.from({ length: HASH_BYTES }, (_, i) =>
      Number.parseInt(nullifier.slice(2 * i, 2 * i + 2), 16),
    );
    writer.fixed('a nullifier', bytes, HASH_BYTES);
  }
  return writer.finish();
}

export function restoreMember(round: OneShotRound, bytes: Uint8Array): MemberState {
  const reader = new CanonicalReader(bytes, 'a stored committee member');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a stored committee member');
  if (reader.fixed('context', HASH_BYTES).some((byte, i) => byte !== round.context.hash[i])) {
    reader.refuse('E_MALFORMED', 'stored in another round');
  }
  if (reader.within('serving', 1, 0, 1) === 0) {
    reader.finish();
    return Object.freeze({ phase: 'ended' });
  }
  const count = reader.count('flushes', FLUSHES_AT_MOST, SIGN_BODY_BYTES);
  const signed = new Map<number, SignedFlush>();
  for (let i = 0; i < count; i++) {
    const one = readSigned(round, reader);
    if (signed.has(one.set.flush)) reader.refuse('E_MALFORMED', `flush ${one.set.flush} occurs twice`);
    signed.set(one.set.flush, one);
  }
  const nullifierCount = reader.count('nullifiers', NULLIFIERS_AT_MOST, HASH_BYTES);
  const nullifiers = new Set<string>();
  for (let i = 0; i < nullifierCount; i++) nullifiers.add(hexOf(reader.fixed('a nullifier', HASH_BYTES)));
  if (nullifiers.size !== nullifierCount) reader.refuse('E_MALFORMED', 'a nullifier occurs twice');
  reader.finish();
  return Object.freeze({ phase: 'serving', signed, nullifiers });
}

function readSigned({ parameters }: OneShotRound, reader: CanonicalReader): SignedFlush {
  const set = readSetIdentity(reader);
  const message = reader.blob('message', ENVELOPE_BYTES_AT_MOST + SIGN_BODY_BYTES);
  const bytes = reader.blob('answer', shareBytes(parameters));
  const answer = new SecretBytes(bytes);
  bytes.fill(0);
  const count = reader.count('readers', parameters.maximumContributors, openingKeyBytes(parameters) + 5);
  const readers = Array.from({ length: count }, () => ({
    memberId: reader.member('a reader'),
    openingKey: reader.fixed('opening key', openingKeyBytes(parameters)),
  }));
  return Object.freeze({ set, message, answer, readers });
}
