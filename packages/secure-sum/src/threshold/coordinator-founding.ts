// The coordinator of a founding: it waits until all members have said the same step, and hands everything on. It can stop a founding,
// and do nothing else: members sign what they saw, so two of them who were shown different things do not get any further.

import type { MemberId } from '../canonical/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { stepOnce } from '../machine/once.ts';
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
} from '../machine/outputs.ts';
import { admit, type MessageKind, NOTHING_RECEIVED, type Received } from '../messages/index.ts';
import { HASH_BYTES, type PublicPrimitives } from '../primitives.ts';
import { encodeBundle } from './bundle.ts';
import { type Circle, memberNumbered, receive } from './circle.ts';
import { decodeEpochCertificate, type EpochCertificate } from './epoch-certificate.ts';
import {
  COMMIT_BODY_BYTES_AT_MOST,
  decodeDealtBox,
  RECEIVED_BODY_BYTES,
  REVEAL_BODY_BYTES_AT_MOST,
} from './founding-bodies.ts';
import { CERTIFY, COMMIT, EPOCH, POLYNOMIAL_BODY_BYTES_AT_MOST, RECEIVED, REVEAL } from './kinds.ts';

const STAGES: readonly { readonly kind: MessageKind; readonly bodyBytesAtMost: number; readonly list: string }[] = [
  { kind: COMMIT, bodyBytesAtMost: COMMIT_BODY_BYTES_AT_MOST, list: 'threshold/commitments' },
  { kind: REVEAL, bodyBytesAtMost: REVEAL_BODY_BYTES_AT_MOST, list: 'threshold/reveals' },
  { kind: RECEIVED, bodyBytesAtMost: RECEIVED_BODY_BYTES, list: 'threshold/receipts' },
  { kind: CERTIFY, bodyBytesAtMost: POLYNOMIAL_BODY_BYTES_AT_MOST, list: 'threshold/tests' },
  { kind: EPOCH, bodyBytesAtMost: HASH_BYTES, list: 'threshold/certificate' },
];

export type FoundingCoordinatorState =
  | {
      readonly phase: 'gathering';
      /** Which step: 0 … 4. */
      readonly stage: number;
      readonly received: Received;
      /** Encoded messages of this step, by number. */
      readonly messages: ReadonlyMap<number, Uint8Array>;
      /** Encoded dealings, by "from to". */
      readonly boxes: ReadonlyMap<string, Uint8Array>;
      /** Transcript and public key as the first member told them: the signatures say whether they are right. */
      readonly told: Uint8Array | undefined;
    }
  | { readonly phase: 'founded'; readonly certificate: EpochCertificate }
  | { readonly phase: 'given up' };

export type FoundingCoordinatorEvent =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'dealing'; readonly bytes: Uint8Array }
  /** Transcript and public key. */
  | { readonly kind: 'key'; readonly bytes: Uint8Array }
  | { readonly kind: 'timeout' };

export interface FoundingCoordinatorSetting {
  readonly primitives: PublicPrimitives;
  readonly circle: Circle;
}

export type FoundingCoordinatorStep = Step<FoundingCoordinatorState, EpochCertificate>;
type Gathering = Extract<FoundingCoordinatorState, { readonly phase: 'gathering' }>;

export const startFoundingCoordinator = (): FoundingCoordinatorState =>
  Object.freeze({
    phase: 'gathering',
    stage: 0,
    received: NOTHING_RECEIVED,
    messages: new Map(),
    boxes: new Map(),
    told: undefined,
  });

export const stepFoundingCoordinator = (
  setting: FoundingCoordinatorSetting,
  state: FoundingCoordinatorState,
  event: FoundingCoordinatorEvent,
): Promise<FoundingCoordinatorStep> => stepOnce(state, () => transition(setting, state, event));

async function transition(
  setting: FoundingCoordinatorSetting,
  state: FoundingCoordinatorState,
  event: FoundingCoordinatorEvent,
): Promise<FoundingCoordinatorStep> {
  if (state.phase !== 'gathering')
    throw new ProtocolViolation('E_LATE', `${event.kind} for a founding that is ${state.phase}`);
  switch (event.kind) {
    case 'message':
      return complete(setting, await withMessage(setting, state, event.bytes));
    case 'dealing':
      return complete(setting, withDealing(setting, state, event.bytes));
    case 'key':
      decodeEpochCertificate(event.bytes);
      return complete(setting, { ...state, told: state.told ?? event.bytes });
    case 'timeout':
      return giveUp(setting, state);
    default:
      return event satisfies never;
  }
}

async function withMessage(
  { primitives, circle }: FoundingCoordinatorSetting,
  state: Gathering,
  bytes: Uint8Array,
): Promise<Gathering> {
  const { kind, bodyBytesAtMost } = STAGES[state.stage]!;
  const expected = { ...kind, context: circle.context, bodyBytesAtMost };
  const { member, message } = await receive(primitives, circle, expected, bytes);
  const admission = admit(primitives, state.received, message);
  if (admission.kind === 'repeated') return state;
  const messages = new Map(state.messages).set(member.number, bytes);
  return { ...state, received: admission.received, messages };
}

function withDealing({ circle }: FoundingCoordinatorSetting, state: Gathering, bytes: Uint8Array): Gathering {
  const { from, to } = decodeDealtBox(bytes);
  memberNumbered(circle, from);
  memberNumbered(circle, to);
  if (from === to) throw new ProtocolViolation('E_SHARE', `member ${from} deals to itself`);
  const place = `${from} ${to}`;
  // Nobody signed a box; the first one stands, and its receiver looks at the hash.
  if (state.boxes.has(place)) return state;
  return { ...state, boxes: new Map(state.boxes).set(place, bytes) };
}

function complete({ circle }: FoundingCoordinatorSetting, state: Gathering): FoundingCoordinatorStep {
  const { stage, messages, boxes, told } = state;
  const { members } = circle;
  const all = members.length * (members.length - 1);
  if (messages.size < members.length || (stage === 1 && boxes.size < all)) return step(state, PERSIST);
  const list = members.map(({ number }) => messages.get(number)!);
  const { list: type } = STAGES[stage]!;
  if (stage === STAGES.length - 1) {
    if (told === undefined) return step(state, PERSIST);
    const certificate = Object.freeze({ ...decodeEpochCertificate(told), signatures: list });
    const outputs: Output<EpochCertificate>[] = [send(TO_EVERYBODY, type, encodeBundle(list)), done(certificate)];
    return step(Object.freeze({ phase: 'founded', certificate }), PERSIST, ...outputs);
  }
  const next: Gathering = { ...state, stage: stage + 1, messages: new Map(), boxes: new Map() };
  if (stage !== 1) return step(next, PERSIST, send(TO_EVERYBODY, type, encodeBundle(list)));
  const each = members.map(({ memberId, number: to }) => {
    const own = members.filter(({ number }) => number !== to).map(({ number }) => boxes.get(`${number} ${to}`)!);
    return send(toMember(memberId), type, encodeBundle(list, own));
  });
  return step(next, PERSIST, ...each);
}

/** A founding needs everybody: whoever is missing is named and left out of the next one. */
function giveUp({ circle }: FoundingCoordinatorSetting, state: Gathering): FoundingCoordinatorStep {
  const missing: MemberId[] = circle.members
    .filter(({ number }) => !state.messages.has(number))
    .map(({ memberId }) => memberId);
  const { kind } = STAGES[state.stage]!;
  const reason = abort(
    'E_TOO_FEW',
    `the founding of the key needs all members; ${kind.type} of ${missing.length} is missing`,
    missing,
  );
  return step(Object.freeze({ phase: 'given up' }), PERSIST, reason);
}
