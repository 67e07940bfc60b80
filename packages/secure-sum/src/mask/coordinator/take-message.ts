// One signed message of a member, in the phase that waits for it: checked, added to what arrived, or refused with nothing changed.
// What was said before is welcome again and changes nothing; another word is equivocation; what comes after its phase is late.

import { sameBytes } from '../../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../../errors.ts';
import { send, step, toMember } from '../../machine/outputs.ts';
import {
  admit,
  decodeMessage,
  type MessageKind,
  NOTHING_RECEIVED,
  type VerifiedMessage,
  verifyMessage,
} from '../../messages/index.ts';
import type { PublicPrimitives } from '../../primitives.ts';
import {
  ALIVE,
  COMPLAINT,
  decodeComplaints,
  decodeShareBody,
  MASKED,
  type RevealedShares,
  readAliveMacs,
  readRevealedShares,
  SHARE,
  SHARE_BODY_BYTES_AT_MOST,
  UNMASK,
} from '../bodies.ts';
import { requireSpareBitsZero } from '../deliveries.ts';
import { addPackedWords, packedBytes } from '../key-stream.ts';
import { hashOfLiving, sharingSetOf } from '../session.ts';
import type { CoordinatorSetup, CoordinatorStep } from './setup.ts';
import type {
  ConfirmingCoordinator,
  MaskingCoordinator,
  RunningCoordinator,
  SharingCoordinator,
  UnmaskingCoordinator,
} from './state.ts';

/** In which phase each kind is taken: a complaint comes when boxes were delivered. */
const takenIn: readonly (readonly [MessageKind, RunningCoordinator['phase']])[] = [
  [SHARE, 'sharing'],
  [COMPLAINT, 'masking'],
  [MASKED, 'masking'],
  [ALIVE, 'confirming'],
  [UNMASK, 'unmasking'],
];
const order: readonly RunningCoordinator['phase'][] = ['sharing', 'masking', 'confirming', 'unmasking'];

export async function takeMessage(
  setup: CoordinatorSetup,
  state: RunningCoordinator,
  bytes: Uint8Array,
): Promise<CoordinatorStep> {
  const { session, roster, arrivals } = state;
  const { vectorLength, wordBits } = session;
  // A masked vector is megabytes, and forgotten at the end of this step: it is looked at where it lies.
  const copiedAtMost = SHARE_BODY_BYTES_AT_MOST;
  const claimed = decodeMessage(bytes, Math.max(copiedAtMost, packedBytes(vectorLength, wordBits)), copiedAtMost);
  const index = roster.indexOf.get(claimed.sender);
  const taken = takenIn.find(([kind]) => kind.type === claimed.type);
  if (index === undefined) throw new ProtocolViolation('E_ROSTER', `${claimed.sender} is not in the roster`);
  if (taken === undefined) throw new ProtocolViolation('E_PHASE', `${claimed.type} is no message of mask`);
  const [kind, phase] = taken;
  const primitives = hashingOnce(setup.primitives, claimed.body);
  const { publicKey, memberId } = roster.entries[index]!.certificate;
  const expected = { ...kind, context: session.context, sender: { memberId, publicKey } };
  const message = await verifyMessage(primitives, claimed, expected);
  const admission = admit(primitives, arrivals.get(memberId) ?? NOTHING_RECEIVED, message);
  if (admission.kind === 'repeated') return deliverAgain(state, index);
  if (phase !== state.phase) {
    const late = order.indexOf(phase) < order.indexOf(state.phase);
    throw new ProtocolViolation(late ? 'E_LATE' : 'E_PHASE', `${kind.type} of ${memberId} while ${state.phase}`);
  }
  take(setup, state, index, message);
  arrivals.set(memberId, admission.received);
  return step({ ...state });
}

/** To who repeats itself, what it may have missed. */
function deliverAgain(state: RunningCoordinator, index: number): CoordinatorStep {
  const delivered = state.deliveries.get(index);
  const { memberId } = state.roster.members[index]!;
  const outputs = delivered === undefined ? [] : [send(toMember(memberId), 'mask/again', delivered)];
  return step({ ...state }, ...outputs);
}

function take(setup: CoordinatorSetup, state: RunningCoordinator, index: number, message: VerifiedMessage): void {
  switch (state.phase) {
    case 'sharing':
      takeShares(state, index, message);
      break;
    case 'masking':
      if (message.type === MASKED.type) takeMasked(state, index, message);
      else takeComplaint(state, index, message);
      break;
    case 'confirming':
      takeAlive(setup, state, index, message);
      break;
    case 'unmasking':
      takeRevealed(state, index, message);
      break;
    default:
      state satisfies never;
  }
}

function takeShares({ session, shares }: SharingCoordinator, index: number, { body }: VerifiedMessage): void {
  const set = sharingSetOf(session, index);
  shares.set(index, decodeShareBody(body, set.length, set.indexOf(index)));
}

function takeMasked(
  { session, shares, masked, complaints, sum }: MaskingCoordinator,
  index: number,
  { body, sender }: VerifiedMessage,
): void {
  if (!shares.has(index))
    throw new ProtocolViolation('E_PHASE', `${sender} shared nothing, so its masks cannot be removed`);
  if (complaints.has(index)) throw new ProtocolViolation('E_PHASE', `${sender} complained, and left`);
  const { vectorLength, wordBits } = session;
  const expected = packedBytes(vectorLength, wordBits);
  if (body.length !== expected) {
    throw new MalformedMessage('E_LEN', `a masked vector of ${body.length} bytes, not ${expected}`);
  }
  requireSpareBitsZero(body, vectorLength, wordBits);
  addPackedWords(sum.bench, sum.words, body, wordBits);
  masked.add(index);
}

function takeComplaint(
  { session, shares, masked, complaints }: MaskingCoordinator,
  index: number,
  { body, sender }: VerifiedMessage,
): void {
  if (masked.has(index)) throw new ProtocolViolation('E_PHASE', `${sender} masked its vector, so its shares were good`);
  const found = decodeComplaints(body);
  for (const { index: accused } of found) {
    if (!shares.has(accused) || !session.links.areNeighbours(index, accused)) {
      throw new ProtocolViolation('E_GRAPH', `${sender} complains of ${accused}, who sent it nothing`);
    }
  }
  complaints.set(index, found);
}

function takeAlive(
  { primitives }: CoordinatorSetup,
  { session, living, lives, confirmations }: ConfirmingCoordinator,
  index: number,
  { body, sender, signature }: VerifiedMessage,
): void {
  if (!lives.has(index)) throw new ProtocolViolation('E_LATE', `${sender} is not among the living`);
  if (session.graph === 'complete') {
    if (!sameBytes(body, hashOfLiving(primitives, session.context, living))) {
      throw new ProtocolViolation('E_ALIVE', `${sender} signed another list of the living`);
    }
    confirmations.set(index, { signature });
    return;
  }
  const macs = readAliveMacs(body);
  const expected = session.links.neighboursOf(index).filter((one) => lives.has(one));
  if (macs.count !== expected.length || expected.some((one, place) => macs.indexAt(place) !== one)) {
    throw new ProtocolViolation('E_ALIVE', `${sender} vouches for others than its living neighbours`);
  }
  confirmations.set(index, { macs });
}

function takeRevealed(
  { session, shares, lives, confirmations, revealed }: UnmaskingCoordinator,
  index: number,
  { body, sender }: VerifiedMessage,
): void {
  if (!confirmations.has(index)) throw new ProtocolViolation('E_LATE', `${sender} did not confirm the living`);
  const entries = readRevealedShares(body);
  const expected = sharingSetOf(session, index).filter((one) => shares.has(one));
  if (entries.count !== expected.length || !expected.every((one, place) => isOf(entries, place, one, lives.has(one)))) {
    throw new ProtocolViolation('E_SHARE', `${sender} reveals other shares than those that were asked for`);
  }
  revealed.set(index, entries);
}

const isOf = (entries: RevealedShares, place: number, owner: number, alive: boolean): boolean =>
  entries.indexAt(place) === owner && entries.ofAt(place) === (alive ? 'seed' : 'key');

/** A large body is hashed once, although its signature and its repetition are both checked by its hash. */
function hashingOnce(primitives: PublicPrimitives, body: Uint8Array): PublicPrimitives {
  let hash: Uint8Array<ArrayBuffer> | undefined;
  return {
    ...primitives,
    sha256: (...chunks) => {
      if (chunks.length !== 1 || chunks[0] !== body) return primitives.sha256(...chunks);
      hash ??= primitives.sha256(body);
      return hash;
    },
  };
}
