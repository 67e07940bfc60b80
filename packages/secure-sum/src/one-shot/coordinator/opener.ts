// The coordinator while a closed flush is opened: CLOSE to every member, their signatures, CERT at a quorum, their answers, and a
// result that is checked in three ways (round/opening.ts) or none. It may ask again, the same set only, as often as it likes; members that
// answer late still help.
//
//   signing ─signature→ signing | answering      answering ─answer→ answering | done      any ─time is up→ same | aborted
//
// Where sums are opened to participants it passes the encrypted total and the members' boxes on, and never holds a sum.

import {
  type KeyShare,
  MalformedMessage as MalformedShare,
  type OneTimeCiphertext,
} from '@sumus/lattice/one-time/sums';
import { decodeOneTimeKeyShare, encodeOneTimeCiphertext } from '@sumus/lattice/wire/sums';
import { hexOf, type MemberId, sameBytes } from '../../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../../errors.ts';
import { stepOnce } from '../../machine/once.ts';
import {
  abort,
  done,
  type Output,
  PERSIST,
  type Step,
  send,
  step,
  TO_EVERYBODY,
  toMember,
} from '../../machine/outputs.ts';
import { decodeMessage, type SignedMessage, verifyMessage } from '../../messages/index.ts';
import {
  type AnswerBody,
  answerBytesAtMost,
  type BoxedAnswer,
  decodeAnswer,
  encodeBoxedAnswers,
} from '../round/answers.ts';
import {
  encodeSetCertificate,
  requireMember,
  SIGN_BODY_BYTES,
  sameSet,
  verifySignature,
} from '../round/certificate-of-set.ts';
import { identifySet, type SetIdentity } from '../round/contributor-set.ts';
import { DELIVERY, OPEN_SHARE } from '../round/kinds.ts';
import { openCertified } from '../round/opening.ts';
import { type CollectorState, delivered, inOrder, type Kept } from './collector.ts';
import { type OneShotResult, resultOf } from './result.ts';
import type { Coordinator } from './tools.ts';

interface Opening {
  readonly set: SetIdentity;
  readonly kept: readonly Kept[];
  /** The sum of exactly these vectors, encrypted. */
  readonly total: OneTimeCiphertext;
  readonly signatures: ReadonlyMap<MemberId, SignedMessage>;
}

export type OpenerState =
  | (Opening & { readonly phase: 'signing' })
  | (Opening & {
      readonly phase: 'answering';
      readonly certificate: Uint8Array;
      readonly shares: ReadonlyMap<number, KeyShare>;
      /** By member number: its boxes to the contributors. */
      readonly boxes: ReadonlyMap<number, readonly BoxedAnswer[]>;
    })
  | { readonly phase: 'done' }
  | { readonly phase: 'aborted' };

export type OpenerEvent =
  | { readonly kind: 'signature'; readonly bytes: Uint8Array }
  | { readonly kind: 'answer'; readonly bytes: Uint8Array }
  /** Ask those who have not answered once more: the same set. */
  | { readonly kind: 'ask again' }
  | { readonly kind: 'time is up' };

export type OpenerStep = Step<OpenerState, OneShotResult>;

/** Takes over a closed flush; the running sum is released. */
export function startOpener(coordinator: Coordinator, closed: CollectorState): OpenerStep {
  if (closed.phase !== 'closed') throw new ProtocolViolation('E_PHASE', 'only a closed flush is opened');
  const kept = inOrder(closed.kept);
  const set = identifySet(
    coordinator.primitives,
    coordinator.round,
    closed.flush,
    kept.map(({ head }) => head),
  );
  const total = closed.total.total();
  closed.total.release();
  const state: OpenerState = Object.freeze({ phase: 'signing', set, kept, total, signatures: new Map() });
  return step(state, PERSIST, ...delivered(coordinator, DELIVERY.close, set.flush, kept));
}

export function openerStep(coordinator: Coordinator, state: OpenerState, event: OpenerEvent): Promise<OpenerStep> {
  return stepOnce(state, async () => {
    switch (event.kind) {
      case 'signature':
        return signature(coordinator, live(state), event.bytes);
      case 'answer':
        return answer(coordinator, live(state), event.bytes);
      case 'ask again':
        return askAgain(coordinator, live(state));
      case 'time is up':
        return timeIsUp(coordinator, live(state));
      default:
        return event satisfies never;
    }
  });
}

type Live = Extract<OpenerState, { phase: 'signing' | 'answering' }>;
type Answering = Extract<OpenerState, { phase: 'answering' }>;

function live(state: OpenerState): Live {
  if (state.phase === 'done') throw new ProtocolViolation('E_LATE', 'this flush is opened');
  if (state.phase === 'aborted') throw new ProtocolViolation('E_LATE', 'this flush was given up');
  return state;
}

async function signature({ primitives, round }: Coordinator, state: Live, bytes: Uint8Array): Promise<OpenerStep> {
  const message = decodeMessage(bytes, SIGN_BODY_BYTES);
  const signed = await verifySignature(primitives, round, state.set, message);
  // A certificate that is full needs no more; a signature that came before says nothing new.
  if (state.phase === 'answering' || state.signatures.has(signed.sender)) return step<OpenerState, never>(state);
  const signatures = new Map(state.signatures).set(signed.sender, signed);
  const { quorum } = round.parameters.oneTime.committee;
  if (signatures.size < quorum) return step<OpenerState, never>(Object.freeze({ ...state, signatures }));
  const { set, kept, total } = state;
  const certificate = encodeSetCertificate(set, [...signatures.values()]);
  const next: Answering = Object.freeze({
    phase: 'answering',
    set,
    kept,
    total,
    signatures,
    certificate,
    shares: new Map(),
    boxes: new Map(),
  });
  return step<OpenerState, never>(next, PERSIST, ...certifying(round.committee, next));
}

const certifying = (
  members: readonly { readonly memberId: MemberId }[],
  { certificate }: Pick<Answering, 'certificate'>,
): Output<never>[] => members.map(({ memberId }) => send(toMember(memberId), DELIVERY.certificate, certificate));

async function answer(coordinator: Coordinator, state: Live, bytes: Uint8Array): Promise<OpenerStep> {
  if (state.phase !== 'answering') throw new ProtocolViolation('E_PHASE', 'an answer before the certificate');
  const { primitives, round } = coordinator;
  const message = decodeMessage(bytes, answerBytesAtMost(round.parameters));
  const { number, member } = requireMember(round, message.sender);
  await verifyMessage(primitives, message, { ...OPEN_SHARE, context: round.context, sender: member.certificate });
  const body = decodeAnswer(round.parameters, message.body);
  if (!sameSet(body.set, state.set)) {
    throw new ProtocolViolation('E_PHASE', `${message.sender} answers for another set, ${hexOf(body.set.setHash)}`);
  }
  switch (body.kind) {
    case 'share':
      return share(coordinator, state, number, body);
    case 'boxes':
      return boxes(coordinator, state, number, body.boxes);
    default:
      return body satisfies never;
  }
}

function share(
  coordinator: Coordinator,
  state: Answering,
  number: number,
  body: Extract<AnswerBody, { kind: 'share' }>,
): OpenerStep {
  const decoded = decodeShare(coordinator, state, number, body.share);
  const before = state.shares.get(number);
  if (before !== undefined) {
    if (before.elements.every((element, b) => element === decoded.elements[b])) return step<OpenerState, never>(state);
    throw new ProtocolViolation(
      'E_EQUIV',
      `${coordinator.round.committee[number - 1]!.memberId} answers twice, differently`,
    );
  }
  const next: Answering = Object.freeze({ ...state, shares: new Map(state.shares).set(number, decoded) });
  return next.shares.size < coordinator.round.parameters.oneTime.committee.quorum
    ? step<OpenerState, never>(next)
    : tryToOpen(coordinator, next);
}

function decodeShare({ lattice, round }: Coordinator, { set }: Opening, number: number, bytes: Uint8Array): KeyShare {
  const { memberId } = round.committee[number - 1]!;
  let decoded: KeyShare;
  try {
    decoded = decodeOneTimeKeyShare(lattice, round.parameters.oneTime, bytes);
  } catch (cause) {
    if (!(cause instanceof MalformedShare)) throw cause;
    throw new MalformedMessage('E_RANGE', `the answer of ${memberId}: ${cause.message}`, { cause });
  }
  if (decoded.member !== number || decoded.contributions !== set.contributions) {
    throw new ProtocolViolation(
      'E_SHARE',
      `the answer of ${memberId} is that of member ${decoded.member}, or of another set`,
    );
  }
  return decoded;
}

/** With what is there; more answers may help, so a failure here ends nothing. */
function tryToOpen(coordinator: Coordinator, state: Answering): OpenerStep {
  const { lattice, round, primitives } = coordinator;
  try {
    const opened = openCertified(lattice, round, state.total, [...state.shares.values()]);
    const result = resultOf(primitives, round, state, opened);
    return step<OpenerState, OneShotResult>(Object.freeze({ phase: 'done' }), PERSIST, done(result));
  } catch (error) {
    if (!(error instanceof ProtocolViolation)) throw error;
    return step<OpenerState, never>(state);
  }
}

/** To each contributor what it opens for itself, as soon as a quorum boxed its answers. */
function boxes(coordinator: Coordinator, state: Answering, number: number, fresh: readonly BoxedAnswer[]): OpenerStep {
  const { lattice, round } = coordinator;
  const before = state.boxes.get(number);
  if (before !== undefined) {
    const same = before.length === fresh.length && before.every(({ box }, i) => sameBytes(box, fresh[i]!.box));
    if (same) return step<OpenerState, never>(state);
    throw new ProtocolViolation('E_EQUIV', `${round.committee[number - 1]!.memberId} answers twice, differently`);
  }
  const readers = state.kept.map(({ head }) => head.memberId);
  if (readers.length !== fresh.length || readers.some((one, i) => one !== fresh[i]!.reader)) {
    throw new ProtocolViolation(
      'E_SHARE',
      `${round.committee[number - 1]!.memberId} boxes its answer to others than the set`,
    );
  }
  const next: Answering = Object.freeze({ ...state, boxes: new Map(state.boxes).set(number, fresh) });
  if (next.boxes.size < round.parameters.oneTime.committee.quorum) return step<OpenerState, never>(next);
  // The total once; the boxes again with every later answer, because some of the first may not open.
  const total =
    next.boxes.size === round.parameters.oneTime.committee.quorum
      ? [send(TO_EVERYBODY, DELIVERY.total, encodeOneTimeCiphertext(lattice, next.total))]
      : [];
  return step<OpenerState, never>(next, PERSIST, ...total, ...openings(next));
}

/** Certificate and boxes of one contributor; the total travels once for all. */
const openings = (state: Answering): Output<never>[] =>
  state.kept.map(({ head: { memberId } }, i) =>
    send(
      toMember(memberId),
      DELIVERY.opening,
      encodeBoxedAnswers({
        certificate: state.certificate,
        boxes: [...state.boxes].map(([number, boxed]) => ({ number, box: boxed[i]!.box })),
      }),
    ),
  );

function askAgain({ round }: Coordinator, state: Live): OpenerStep {
  if (state.phase === 'signing') {
    const silent = round.committee.filter(({ memberId }) => !state.signatures.has(memberId));
    const names = new Set(silent.map(({ memberId }) => memberId));
    const asked = delivered({ round }, DELIVERY.close, state.set.flush, state.kept).filter(
      (output) => output.kind === 'send' && output.to.kind === 'member' && names.has(output.to.memberId),
    );
    return step(state, ...asked);
  }
  const silent = round.committee.filter(({ number }) => !state.shares.has(number) && !state.boxes.has(number));
  return step<OpenerState, never>(state, ...certifying(silent, state));
}

/** Gives up: nothing of a sum is returned. Where boxes were passed on already, the participants have what they need. */
function timeIsUp(coordinator: Coordinator, state: Live): OpenerStep {
  const { quorum, members } = coordinator.round.parameters.oneTime.committee;
  const over = (phase: 'done' | 'aborted', ...outputs: Output<OneShotResult>[]): OpenerStep =>
    step<OpenerState, OneShotResult>(Object.freeze({ phase }), PERSIST, ...outputs);
  if (state.phase === 'signing') {
    return over(
      'aborted',
      abort('E_QUORUM', `${state.signatures.size} of ${members} members signed; a quorum is ${quorum}`),
    );
  }
  if (state.boxes.size >= quorum) return over('done');
  if (state.shares.size < quorum) {
    return over(
      'aborted',
      abort('E_QUORUM', `${state.shares.size} of ${members} members answered; a quorum is ${quorum}`),
    );
  }
  const why = whyNot(coordinator, state);
  return over('aborted', abort(why.code, why.message));
}

function whyNot({ lattice, round }: Coordinator, state: Answering): ProtocolViolation {
  try {
    openCertified(lattice, round, state.total, [...state.shares.values()]);
  } catch (error) {
    if (error instanceof ProtocolViolation) return error;
    throw error;
  }
  return new ProtocolViolation('E_PHASE', 'the sum opens');
}
