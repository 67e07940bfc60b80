// How a member founds a key epoch: certified silos make a key that nobody holds (lattice: key-generation.ts), see that they all
// saw the same, test that their shares fit together, and sign. Nothing is encrypted before all have signed.
//
//   committed → revealed → dealt → tested → founded
//
// Whatever does not fit is thrown and the state stands; a founding that cannot go on is given up and begun anew in another round:
// nothing was encrypted to it. Boxes are to one member, under the keys of the epoch's roster; the coordinator routes them.

import {
  beginKey,
  certify,
  DecryptionLedger,
  finishKey,
  requireCertified,
  revealKey,
} from '@sumus/lattice/shared-keys';
import {
  decodeCommitment,
  decodeContribution,
  decodePartialDecryption,
  encodeCommitment,
  encodeContribution,
  encodePartialDecryption,
  encodePublicKey,
} from '@sumus/lattice/wire';
import { delimited, sameBytes } from '../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { stepOnce } from '../machine/once.ts';
import { PERSIST, type Step, send, step, TO_COORDINATOR } from '../machine/outputs.ts';
import { encodeMessage, type MessageKind, signedBytes, signMessage } from '../messages/index.ts';
import { SecretBytes } from '../secret-bytes.ts';
import { freshSecretBytes } from '../secret-primitives.ts';
import { type FromMember, fromIts, memberNamed, receiveAll } from './circle.ts';
import { dealtBoxes, openDealings } from './dealings.ts';
import { keyEpoch } from './epoch.ts';
import { encodeEpochCertificate } from './epoch-certificate.ts';
import {
  COMMIT_BODY_BYTES_AT_MOST,
  challengeOf,
  decodeCommitBody,
  decodeReceivedBody,
  decodeRevealBody,
  encodeCommitBody,
  encodeDealtBox,
  encodeReceivedBody,
  encodeRevealBody,
  NONCE_BYTES,
  nonceCommitment,
  RECEIVED_BODY_BYTES,
  REVEAL_BODY_BYTES_AT_MOST,
} from './founding-bodies.ts';
import { type FoundingStart, requireStart } from './founding-start.ts';
import type { FoundingEvent, FoundingState, MemberSetting } from './founding-state.ts';
import { CERTIFY, COMMIT, EPOCH, POLYNOMIAL_BODY_BYTES_AT_MOST, RECEIVED, REVEAL } from './kinds.ts';
import { asOurs } from './lattice-errors.ts';
import { epochHash } from './statements.ts';

export type { FoundingStart } from './founding-start.ts';
export type FoundingStep = Step<FoundingState, never>;
type In<Phase extends FoundingState['phase']> = Extract<FoundingState, { readonly phase: Phase }>;
type Of<Kind extends FoundingEvent['kind']> = Extract<FoundingEvent, { readonly kind: Kind }>;

/**
 * Draws the member's secret and commits to its summand. Roster and beacon were logged; the caller has seen the proofs. Uses the entry
 * up: nobody commits to two summands in one founding.
 */
export const beginFounding = (setting: MemberSetting, start: FoundingStart): Promise<FoundingStep> =>
  stepOnce(start.entered, () => commit(setting, start));

async function commit(setting: MemberSetting, start: FoundingStart): Promise<FoundingStep> {
  const { primitives, circle, memberId } = setting;
  requireStart(setting, start);
  const epoch = keyEpoch(primitives, setting);
  const { number } = memberNamed(circle, memberId);
  const { state: begun, commitment } = beginKey(epoch, number);
  const fresh = freshSecretBytes(primitives, NONCE_BYTES);
  const body = encodeCommitBody({
    commitment: encodeCommitment(epoch, commitment),
    nonceCommitment: nonceCommitment(primitives, { context: circle.context, memberId }, fresh),
  });
  const nonce = new SecretBytes(fresh);
  fresh.fill(0);
  const message = await signed(setting, COMMIT, body);
  return step(
    Object.freeze({ phase: 'committed', begun, nonce, message }),
    PERSIST,
    send(TO_COORDINATOR, COMMIT.type, message),
  );
}

export const stepFounding = (
  setting: MemberSetting,
  state: FoundingState,
  event: FoundingEvent,
): Promise<FoundingStep> => stepOnce(state, () => transition(setting, state, event));

async function transition(setting: MemberSetting, state: FoundingState, event: FoundingEvent): Promise<FoundingStep> {
  switch (event.kind) {
    case 'commitments':
      return state.phase === 'committed' ? reveal(setting, state, event) : outOfOrder(state, event);
    case 'reveals':
      return state.phase === 'revealed' ? finish(setting, state, event) : outOfOrder(state, event);
    case 'receipts':
      return state.phase === 'dealt' ? test(setting, state, event) : outOfOrder(state, event);
    case 'tests':
      return state.phase === 'tested' ? sign(setting, state, event) : outOfOrder(state, event);
    default:
      return event satisfies never;
  }
}

function outOfOrder({ phase }: FoundingState, { kind }: FoundingEvent): never {
  throw new ProtocolViolation('E_PHASE', `${kind} of a founding where this member is ${phase}`);
}

async function reveal(setting: MemberSetting, state: In<'committed'>, event: Of<'commitments'>): Promise<FoundingStep> {
  const { begun, nonce } = state;
  const received = await all(setting, COMMIT, COMMIT_BODY_BYTES_AT_MOST, event.messages);
  const revealed = revealTo(begun, received);
  const { boxes, hashes } = await dealtBoxes(setting, begun.epoch, revealed.dealings, revealed.pairSeeds);
  const body = encodeRevealBody({
    commitments: listHash(setting, received),
    contribution: encodeContribution(begun.epoch, revealed.contribution),
    boxHashes: hashes,
  });
  const message = await signed(setting, REVEAL, body);
  const commitments = received.map(({ message: one }) => encodeMessage(one));
  return step(
    Object.freeze({ phase: 'revealed', begun, nonce, commitments, message }),
    PERSIST,
    send(TO_COORDINATOR, REVEAL.type, message),
    ...boxes.map((box) => send(TO_COORDINATOR, 'threshold/dealing', encodeDealtBox(box))),
  );
}

/** The lattice's reveal: a function of the member's secret and of the commitments, so a repeat gives the same. */
function revealTo(begun: In<'committed'>['begun'], received: readonly FromMember[]): ReturnType<typeof revealKey> {
  return asOurs('E_SHARE', 'the commitments to a shared key', () => {
    const commitments = received.map(({ member, message }) =>
      fromIts(member.number, decodeCommitment(begun.epoch, decodeCommitBody(message.body).commitment)),
    );
    return revealKey(begun, commitments);
  });
}

async function finish(setting: MemberSetting, state: In<'revealed'>, event: Of<'reveals'>): Promise<FoundingStep> {
  const { primitives, circle, memberId } = setting;
  const { begun, nonce } = state;
  const committed = await all(setting, COMMIT, COMMIT_BODY_BYTES_AT_MOST, state.commitments);
  const seen = listHash(setting, committed);
  const received = await all(setting, REVEAL, REVEAL_BODY_BYTES_AT_MOST, event.messages);
  const bodies = received.map(({ member, message }) => {
    const body = decodeRevealBody(message.body);
    if (!sameBytes(body.commitments, seen)) {
      throw new ProtocolViolation('E_EQUIV', `${member.memberId} saw other commitments to the key than this member`, {
        evidence: [encodeMessage(message)],
      });
    }
    return { member, body, message: encodeMessage(message) };
  });
  const { epoch } = begun;
  const { dealings, pairSeeds } = await openDealings(setting, epoch, bodies, event.boxes);
  const { state: revealed } = revealTo(begun, committed);
  const { publicKey, share } = asOurs('E_SHARE', 'the dealings of a shared key', () =>
    finishKey(
      revealed,
      bodies.map(({ member, body }) => fromIts(member.number, decodeContribution(epoch, body.contribution))),
      dealings,
      pairSeeds,
    ),
  );
  const transcript = listHash(setting, received);
  const nonceCommitments = committed.map(({ message: one }) => decodeCommitBody(one.body).nonceCommitment);
  const exposed = nonce.exposeInTheClear();
  const own = nonceCommitments[circle.members.indexOf(memberNamed(circle, memberId))]!;
  if (!sameBytes(own, nonceCommitment(primitives, { context: circle.context, memberId }, exposed))) {
    throw new ParameterError('the stored nonce is not the one that this member committed to');
  }
  const message = await signed(setting, RECEIVED, encodeReceivedBody({ transcript, nonce: exposed }));
  // The summand of the key is dealt: from here on there is only the share.
  begun.secret.wipe();
  nonce.wipe();
  const made = Object.freeze({ publicKey, transcript });
  return step(
    Object.freeze({ phase: 'dealt', share, made, nonceCommitments, message }),
    PERSIST,
    send(TO_COORDINATOR, RECEIVED.type, message),
  );
}

async function test(setting: MemberSetting, state: In<'dealt'>, event: Of<'receipts'>): Promise<FoundingStep> {
  const { primitives, circle } = setting;
  const { share, made, nonceCommitments } = state;
  const received = await all(setting, RECEIVED, RECEIVED_BODY_BYTES, event.messages);
  const nonces = received.map(({ member, message }, i) => {
    const { transcript, nonce } = decodeReceivedBody(message.body);
    const { memberId } = member;
    if (!sameBytes(transcript, made.transcript)) {
      throw new ProtocolViolation('E_EQUIV', `${memberId} saw other summands of the key than this member`, {
        evidence: [state.message, encodeMessage(message)],
      });
    }
    if (!sameBytes(nonceCommitment(primitives, { context: circle.context, memberId }, nonce), nonceCommitments[i]!)) {
      throw new ProtocolViolation('E_BEACON', `the part of ${memberId} in the challenge is not what it committed to`, {
        evidence: [encodeMessage(message)],
      });
    }
    return nonce;
  });
  const challenge = challengeOf(primitives, circle.context, made.transcript, nonces);
  const ledger = new DecryptionLedger(share.member);
  const answer = certify(share, ledger, made.publicKey, challenge);
  const message = await signed(setting, CERTIFY, encodePartialDecryption(share.epoch, answer));
  return step(
    Object.freeze({ phase: 'tested', share, made, challenge, ledger: ledger.toBytes(), message }),
    PERSIST,
    send(TO_COORDINATOR, CERTIFY.type, message),
  );
}

async function sign(setting: MemberSetting, state: In<'tested'>, event: Of<'tests'>): Promise<FoundingStep> {
  const { primitives, circle, parameters, lattice } = setting;
  const { share, made, challenge, ledger } = state;
  const { publicKey, transcript } = made;
  const received = await all(setting, CERTIFY, POLYNOMIAL_BODY_BYTES_AT_MOST, event.messages);
  asOurs('E_SHARE', 'the test of a shared key', () =>
    requireCertified(
      share.epoch,
      publicKey,
      challenge,
      received.map(({ member, message }) => fromIts(member.number, decodePartialDecryption(share.epoch, message.body))),
    ),
  );
  const encoded = encodePublicKey(lattice, parameters.lattice.integers, publicKey);
  const hash = epochHash(primitives, {
    context: circle.context,
    run: share.epoch.run,
    publicKey: encoded,
    transcript,
    endsAtMs: parameters.endsAtMs,
  });
  const message = await signed(setting, EPOCH, hash);
  return step(
    Object.freeze({ phase: 'founded', share, made, ledger, message }),
    PERSIST,
    send(TO_COORDINATOR, EPOCH.type, message),
    send(TO_COORDINATOR, 'threshold/key', encodeEpochCertificate({ transcript, publicKey: encoded, signatures: [] })),
  );
}

/** After a crash: what the last step sent, the same bytes. */
export async function sendAgain(setting: MemberSetting, state: FoundingState): Promise<FoundingStep['outputs']> {
  const type = { committed: COMMIT, revealed: REVEAL, dealt: RECEIVED, tested: CERTIFY, founded: EPOCH }[state.phase]
    .type;
  const own = send(TO_COORDINATOR, type, state.message);
  if (state.phase === 'founded') {
    const { lattice, parameters } = setting;
    const publicKey = encodePublicKey(lattice, parameters.lattice.integers, state.made.publicKey);
    const told = encodeEpochCertificate({ transcript: state.made.transcript, publicKey, signatures: [] });
    return [own, send(TO_COORDINATOR, 'threshold/key', told)];
  }
  if (state.phase !== 'revealed') return [own];
  const { dealings, pairSeeds } = revealTo(
    state.begun,
    await all(setting, COMMIT, COMMIT_BODY_BYTES_AT_MOST, state.commitments),
  );
  const { boxes } = await dealtBoxes(setting, state.begun.epoch, dealings, pairSeeds);
  return [own, ...boxes.map((box) => send(TO_COORDINATOR, 'threshold/dealing', encodeDealtBox(box)))];
}

/** Ends a founding, or a key: nothing of it can be used any more. */
export function wipeFounding(state: FoundingState): void {
  switch (state.phase) {
    case 'committed':
    case 'revealed':
      state.begun.secret.wipe();
      state.nonce.wipe();
      return;
    case 'dealt':
    case 'tested':
    case 'founded':
      state.share.wipe();
      return;
    default:
      state satisfies never;
  }
}

function all(
  { primitives, circle }: MemberSetting,
  kind: MessageKind,
  bodyBytesAtMost: number,
  messages: readonly Uint8Array[],
): Promise<FromMember[]> {
  return receiveAll(
    primitives,
    circle,
    { ...kind, context: circle.context, bodyBytesAtMost },
    circle.members,
    messages,
  );
}

async function signed(
  { primitives, signer, circle, memberId }: MemberSetting,
  kind: MessageKind,
  body: Uint8Array,
): Promise<Uint8Array> {
  return encodeMessage(await signMessage(primitives, signer, circle.context, { ...kind, sender: memberId, body }));
}

/** What everybody said, by what they signed. */
function listHash({ primitives }: MemberSetting, received: readonly FromMember[]): Uint8Array {
  const digests = received.map(({ message }) => primitives.sha256(signedBytes(primitives, message)));
  return primitives.sha256(delimited('sumus/1/threshold/list', ...digests));
}
