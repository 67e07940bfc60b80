// An opener's state as bytes, for a restart: what was signed and answered so far is not asked for again.

import type { KeyShare } from '@sumus/lattice/one-time/sums';
import { decodeOneTimeCiphertext, encodeOneTimeCiphertext } from '@sumus/lattice/wire/sums';
import { CanonicalReader, CanonicalWriter, hexOf, type MemberId } from '../../canonical/index.ts';
import { decodeMessage, ENVELOPE_BYTES_AT_MOST, encodeMessage, type SignedMessage } from '../../messages/index.ts';
import { HASH_BYTES } from '../../primitives.ts';
import { answeredBoxBytes, type BoxedAnswer } from '../round/answers.ts';
import {
  encodeSetCertificate,
  encodeSetIdentity,
  readSetIdentity,
  SIGN_BODY_BYTES,
} from '../round/certificate-of-set.ts';
import type { OpenerState } from './opener.ts';
import { readKept, writeKept } from './stored.ts';
import type { Coordinator } from './tools.ts';

const LABEL = 'sumus/1/one-shot/opener';
const PHASES = ['signing', 'answering', 'done', 'aborted'] as const;

export function storeOpener({ lattice, round }: Coordinator, state: OpenerState): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 16)
    .name('a label', LABEL)
    .fixed('context', round.context.hash, HASH_BYTES)
    .u8('phase', PHASES.indexOf(state.phase));
  if (state.phase === 'done' || state.phase === 'aborted') return writer.finish();
  writer.fixed('set', encodeSetIdentity(state.set), SIGN_BODY_BYTES);
  writeKept(writer, state.kept);
  writer.blob('total', encodeOneTimeCiphertext(lattice, state.total)).u16('signatures', state.signatures.size);
  for (const message of state.signatures.values()) writer.blob('a signature', encodeMessage(message));
  const shares: ReadonlyMap<number, KeyShare> = state.phase === 'answering' ? state.shares : new Map();
  const boxes: ReadonlyMap<number, readonly BoxedAnswer[]> = state.phase === 'answering' ? state.boxes : new Map();
  writer.u16('shares', shares.size);
  for (const [number, { elements }] of shares) {
    writer.u16('member', number);
    for (const element of elements) writer.u32('an element', element);
  }
  writer.u16('boxed answers', boxes.size);
  for (const [number, boxed] of boxes) {
    writer.u16('member', number);
    for (const { box } of boxed) writer.fixed('a box', box, box.length);
  }
  return writer.finish();
}

export function restoreOpener(coordinator: Coordinator, bytes: Uint8Array): OpenerState {
  const { lattice, round } = coordinator;
  const { oneTime } = round.parameters;
  const { members, blocks } = oneTime.committee;
  const reader = new CanonicalReader(bytes, 'a stored opener');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a stored opener');
  if (hexOf(reader.fixed('context', HASH_BYTES)) !== hexOf(round.context.hash)) {
    reader.refuse('E_MALFORMED', 'stored in another round');
  }
  const phase = PHASES[reader.within('phase', 1, 0, PHASES.length - 1)]!;
  if (phase === 'done' || phase === 'aborted') {
    reader.finish();
    return Object.freeze({ phase });
  }
  const set = readSetIdentity(reader);
  const kept = readKept(coordinator, reader);
  const total = decodeOneTimeCiphertext(lattice, oneTime, reader.blob('total', reader.remaining));
  const signatures = new Map<MemberId, SignedMessage>();
  for (let i = reader.within('signatures', 2, 0, members); i > 0; i--) {
    const encoded = reader.blobView('a signature', ENVELOPE_BYTES_AT_MOST + SIGN_BODY_BYTES);
    const message = decodeMessage(encoded, SIGN_BODY_BYTES);
    signatures.set(message.sender, message);
  }
  const shares = new Map<number, KeyShare>();
  for (let i = reader.within('shares', 2, 0, members); i > 0; i--) {
    const member = reader.within('member', 2, 1, members);
    const elements = Uint32Array.from({ length: blocks }, () =>
      reader.within('an element', 4, 0, oneTime.shareModulus - 1),
    );
    shares.set(member, { member, elements, contributions: set.contributions });
  }
  const boxes = new Map<number, readonly BoxedAnswer[]>();
  for (let i = reader.within('boxed answers', 2, 0, members); i > 0; i--) {
    const number = reader.within('member', 2, 1, members);
    const length = answeredBoxBytes(round.parameters);
    boxes.set(
      number,
      kept.map(({ head }) => ({ reader: head.memberId, box: reader.fixed('a box', length) })),
    );
  }
  reader.finish();
  const opening = { set, kept, total, signatures };
  if (phase === 'signing') return Object.freeze({ phase, ...opening });
  const certificate = encodeSetCertificate(set, [...signatures.values()]);
  return Object.freeze({ phase, ...opening, certificate, shares, boxes });
}
