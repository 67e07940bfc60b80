// A member's state as bytes, for its own disk: they hold its share (or, while founding, its summand of the key) IN THE CLEAR. Whoever
// stores them encrypts them, and keeps one copy: a member that is set back to an older state answers again.
//
// They end with a hash: bytes that were cut or written over are refused, not taken for a member that has promised less.

import type { PublicKey } from '@sumus/lattice/integers';
import type { KeyEpoch, KeyShare } from '@sumus/lattice/shared-keys';
import { decodeContribution, decodePublicKey, encodeContribution, encodePublicKey } from '@sumus/lattice/wire';
import {
  decodeKeyShare,
  decodeSecretKey,
  encodeKeyShareInTheClear,
  encodeSecretKeyInTheClear,
} from '@sumus/lattice/wire/secrets';
import { asciiBytes, CanonicalReader, CanonicalWriter, hexOf, sameBytes } from '../canonical/index.ts';
import { MalformedMessage } from '../errors.ts';
import { HASH_BYTES } from '../primitives.ts';
import { SecretBytes } from '../secret-bytes.ts';
import { memberNamed } from './circle.ts';
import { keyEpoch } from './epoch.ts';
import { NONCE_BYTES } from './founding-bodies.ts';
import type { FoundingState, MadeKey, MemberSetting } from './founding-state.ts';
import { BODY_BYTES_AT_MOST, MEMBERS_OF_A_KEY_AT_MOST, POLYNOMIAL_BODY_BYTES_AT_MOST } from './kinds.ts';
import { asOurs } from './lattice-errors.ts';
import type { Answered, MemberState, ServingSetting } from './member-state.ts';

const FOUNDING = 'sumus/1/threshold/founding-member';
const SERVING = 'sumus/1/threshold/serving-member';
const FOUNDING_PHASES = ['committed', 'revealed', 'dealt', 'tested', 'founded'] as const;
const SERVING_PHASES = ['serving', 'burnt', 'ended'] as const;
const LEDGER_BYTES_AT_MOST = 1 << 28;
const SHARE_BYTES_AT_MOST = 1 << 24;
const ENTRIES_AT_MOST = 1 << 24;

export function encodeFoundingInTheClear(setting: MemberSetting, state: FoundingState): Uint8Array<ArrayBuffer> {
  const { lattice, parameters } = setting;
  const { integers } = parameters.lattice;
  const writer = new CanonicalWriter(1 << 16).name('label', FOUNDING);
  writer.u8('phase', FOUNDING_PHASES.indexOf(state.phase)).blob('message', state.message);
  switch (state.phase) {
    case 'committed':
    case 'revealed': {
      const { begun, nonce } = state;
      clearly(writer, 'secret', encodeSecretKeyInTheClear(lattice, integers, begun.secret));
      writer.blob('contribution', encodeContribution(begun.epoch, begun.contribution));
      clearly(writer, 'nonce', nonce.exposeInTheClear());
      list(writer, state.phase === 'revealed' ? state.commitments : []);
      break;
    }
    case 'dealt':
      writeMade(writer, setting, state);
      list(writer, state.nonceCommitments);
      break;
    case 'tested':
      writeMade(writer, setting, state);
      writer.fixed('challenge', state.challenge, HASH_BYTES).blob('ledger', state.ledger);
      break;
    case 'founded':
      writeMade(writer, setting, state);
      writer.blob('ledger', state.ledger);
      break;
    default:
      state satisfies never;
  }
  return sealedByHash(setting, writer.finish());
}

export function decodeFounding(setting: MemberSetting, bytes: Uint8Array): FoundingState {
  const { lattice, parameters } = setting;
  const { integers } = parameters.lattice;
  const epoch = keyEpoch(setting.primitives, setting);
  const reader = new CanonicalReader(checked(setting, bytes), 'the state of a founding member');
  if (reader.name('label') !== FOUNDING) reader.refuse('E_MALFORMED', 'not the state of a founding member');
  const phase = FOUNDING_PHASES[reader.within('phase', 1, 0, FOUNDING_PHASES.length - 1)]!;
  const message = reader.blob('message', BODY_BYTES_AT_MOST);
  const state = ((): FoundingState => {
    switch (phase) {
      case 'committed':
      case 'revealed': {
        const secret = asOurs('E_SHARE', 'a stored summand', () =>
          decodeSecretKey(lattice, integers, reader.blobView('secret', SHARE_BYTES_AT_MOST)),
        );
        const encoded = reader.blobView('contribution', POLYNOMIAL_BODY_BYTES_AT_MOST);
        const contribution = asOurs('E_SHARE', 'a stored summand', () => decodeContribution(epoch, encoded));
        const nonce = new SecretBytes(reader.blobView('nonce', NONCE_BYTES));
        const commitments = readList(reader);
        const { number: member } = memberNamed(setting.circle, setting.memberId);
        const begun = { phase: 'begun', epoch, member, secret, contribution } as const;
        return phase === 'committed' ? { phase, begun, nonce, message } : { phase, begun, nonce, commitments, message };
      }
      case 'dealt':
        return { phase, message, ...readMade(reader, setting, epoch), nonceCommitments: readList(reader) };
      case 'tested': {
        const made = readMade(reader, setting, epoch);
        const challenge = reader.fixed('challenge', HASH_BYTES);
        return { phase, message, ...made, challenge, ledger: reader.blob('ledger', LEDGER_BYTES_AT_MOST) };
      }
      case 'founded': {
        const made = readMade(reader, setting, epoch);
        return { phase, message, ...made, ledger: reader.blob('ledger', LEDGER_BYTES_AT_MOST) };
      }
      default:
        return phase satisfies never;
    }
  })();
  reader.finish();
  return Object.freeze(state);
}

export function encodeMemberInTheClear(setting: ServingSetting, state: MemberState): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 16).name('label', SERVING);
  writer.u8('phase', SERVING_PHASES.indexOf(state.phase)).blob('ledger', state.ledger);
  if (state.phase === 'serving') {
    clearly(writer, 'share', encodeKeyShareInTheClear(state.share));
    writer.blob('awaited', asciiBytes(state.awaited ?? ''));
    writer.u32('promises', state.promises.size);
    for (const [name, statement] of state.promises) {
      writer.fixed('name', ofHex(name), HASH_BYTES).fixed('statement', ofHex(statement), HASH_BYTES);
    }
    writer.u32('answers', state.answers.size);
    for (const [statement, { message, own }] of state.answers) {
      writer.fixed('statement', ofHex(statement), HASH_BYTES).blob('message', message);
      clearly(writer, 'own', own?.exposeInTheClear() ?? new Uint8Array(0));
    }
  }
  return sealedByHash(setting, writer.finish());
}

/** Requests are not stored: the member is asked again, and says the same. */
export function decodeMember(setting: ServingSetting, bytes: Uint8Array): MemberState {
  const reader = new CanonicalReader(checked(setting, bytes), 'the state of a member');
  if (reader.name('label') !== SERVING) reader.refuse('E_MALFORMED', 'not the state of a member');
  const phase = SERVING_PHASES[reader.within('phase', 1, 0, SERVING_PHASES.length - 1)]!;
  const ledger = reader.blob('ledger', LEDGER_BYTES_AT_MOST);
  if (phase !== 'serving') {
    reader.finish();
    return Object.freeze({ phase, ledger });
  }
  const encoded = reader.blobView('share', SHARE_BYTES_AT_MOST);
  const share = asOurs('E_SHARE', 'a stored share', () => decodeKeyShare(setting.epoch.key, encoded));
  const awaited = String.fromCharCode(...reader.blobView('awaited', 2 * HASH_BYTES));
  const promises = new Map<string, string>();
  for (let left = reader.count('promises', ENTRIES_AT_MOST, 2 * HASH_BYTES); left > 0; left--) {
    promises.set(hexOf(reader.fixed('name', HASH_BYTES)), hexOf(reader.fixed('statement', HASH_BYTES)));
  }
  const answers = new Map<string, Answered>();
  for (let left = reader.count('answers', ENTRIES_AT_MOST, HASH_BYTES + 8); left > 0; left--) {
    const statement = hexOf(reader.fixed('statement', HASH_BYTES));
    const message = reader.blob('message', BODY_BYTES_AT_MOST);
    const own = reader.blobView('own', BODY_BYTES_AT_MOST);
    answers.set(statement, Object.freeze({ message, own: own.length === 0 ? undefined : new SecretBytes(own) }));
  }
  reader.finish();
  if (awaited !== '' && !answers.has(awaited))
    reader.refuse('E_MALFORMED', 'awaits a result that it did not answer for');
  return Object.freeze({
    phase,
    share,
    ledger,
    awaited: awaited === '' ? undefined : awaited,
    promises,
    answers,
    loaded: new Map(),
  });
}

function writeMade(
  writer: CanonicalWriter,
  { lattice, parameters }: MemberSetting,
  { share, made }: { readonly share: KeyShare; readonly made: MadeKey },
): void {
  clearly(writer, 'share', encodeKeyShareInTheClear(share));
  writer.blob('public key', encodePublicKey(lattice, parameters.lattice.integers, made.publicKey));
  writer.fixed('transcript', made.transcript, HASH_BYTES);
}

function readMade(
  reader: CanonicalReader,
  { lattice, parameters }: MemberSetting,
  epoch: KeyEpoch,
): { readonly share: KeyShare; readonly made: MadeKey } {
  const encoded = reader.blobView('share', SHARE_BYTES_AT_MOST);
  const share = asOurs('E_SHARE', 'a stored share', () => decodeKeyShare(epoch, encoded));
  const key = reader.blobView('public key', POLYNOMIAL_BODY_BYTES_AT_MOST);
  const publicKey: PublicKey = asOurs('E_SHARE', 'a stored public key', () =>
    decodePublicKey(lattice, parameters.lattice.integers, key),
  );
  return { share, made: Object.freeze({ publicKey, transcript: reader.fixed('transcript', HASH_BYTES) }) };
}

/** Writes secret bytes and overwrites them. */
function clearly(writer: CanonicalWriter, field: string, secret: Uint8Array): void {
  writer.blob(field, secret);
  secret.fill(0);
}

function list(writer: CanonicalWriter, messages: readonly Uint8Array[]): void {
  writer.u32('messages', messages.length);
  for (const message of messages) writer.blob('a message', message);
}

function readList(reader: CanonicalReader): Uint8Array[] {
  const count = reader.count('messages', MEMBERS_OF_A_KEY_AT_MOST, 4);
  return Array.from({ length: count }, () => reader.blob('a message', POLYNOMIAL_BODY_BYTES_AT_MOST));
}

const ofHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

function sealedByHash({ primitives }: MemberSetting, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(body.length + HASH_BYTES);
  whole.set(body);
  whole.set(primitives.sha256(body), body.length);
  body.fill(0);
  return whole;
}

function checked({ primitives }: MemberSetting, bytes: Uint8Array): Uint8Array {
  const body = bytes.subarray(0, Math.max(0, bytes.length - HASH_BYTES));
  if (!sameBytes(primitives.sha256(body), bytes.subarray(body.length))) {
    throw new MalformedMessage('E_MALFORMED', `${bytes.length} bytes of a member's state are damaged`);
  }
  return body;
}
