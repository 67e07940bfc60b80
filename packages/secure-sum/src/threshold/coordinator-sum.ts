// The coordinator of a sum: it keeps signed ciphertexts, chooses who opens, and carries promises and answers. It adds nothing and
// opens nothing: answers are sealed to the set. What it takes for the sum, or for there being none, is what more members signed than may
// be corrupt.
//
//   collecting → promising → answering → opening → opened, or given up
//
// A set that stalls has cost its ciphertexts: there is no second set. Contributors encrypt anew in another round.

import { compareNames, hexOf, type MemberId, sameBytes } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import type { Trust } from '../identity/index.ts';
import { stepOnce } from '../machine/once.ts';
import {
  abort,
  done,
  type Evidence,
  evidenceOf,
  PERSIST,
  type Step,
  send,
  step,
  toMember,
} from '../machine/outputs.ts';
import { admit, type MessageKind, NOTHING_RECEIVED, type Received } from '../messages/index.ts';
import { HASH_BYTES, type PublicPrimitives } from '../primitives.ts';
import { encodeBundle } from './bundle.ts';
import { type Circle, memberNumbered, type NumberedMember, receive } from './circle.ts';
import { type Contribution, encodeRequest, receiveContribution } from './contributions.ts';
import { ANSWER, BODY_BYTES_AT_MOST, PROMISE, RESULT } from './kinds.ts';
import { decodeResultBody, NO_SUM } from './results.ts';
import { openingStatement, resultHash } from './statements.ts';
import { namesOf, type VectorShape, vectorOf } from './vectors.ts';

/** Public: what of an epoch the coordinator needs. */
export interface SumCoordinatorSetting {
  readonly primitives: PublicPrimitives;
  readonly circle: Circle;
  readonly context: OpenContext;
  /** What ciphertexts of the certified epoch look like, its hash among it. */
  readonly shape: VectorShape;
  /** t and c of the epoch, fewest and most contributions of a sum. */
  readonly threshold: number;
  readonly corruptMembers: number;
  readonly minimumContributors: number;
  readonly maximumContributors: number;
  /** Longest ciphertext message. */
  readonly contributionBytesAtMost: number;
}

export interface CoordinatedSum {
  readonly statement: Uint8Array;
  readonly contributors: readonly MemberId[];
  readonly sum: Int32Array;
}

/** Who contributed, what was asked of whom. */
export interface Asked {
  readonly statement: Uint8Array;
  readonly contributors: readonly MemberId[];
  readonly activeSet: readonly number[];
  readonly request: Uint8Array;
}

export type SumCoordinatorState =
  | {
      readonly phase: 'collecting';
      readonly received: Received;
      readonly contributions: ReadonlyMap<MemberId, Contribution>;
      /** Whose each ciphertext is, by its name. */
      readonly owners: ReadonlyMap<string, MemberId>;
    }
  | {
      readonly phase: 'promising' | 'answering' | 'opening';
      readonly asked: Asked;
      readonly received: Received;
      /** Of this phase, by number. */
      readonly messages: ReadonlyMap<number, Uint8Array>;
      /** Of the phase 'opening': the sums by hash, and who signed each. */
      readonly results: ReadonlyMap<string, { readonly sum: Int32Array; readonly by: readonly number[] }>;
    }
  | { readonly phase: 'opened'; readonly result: CoordinatedSum }
  | { readonly phase: 'given up' };

export type SumCoordinatorEvent =
  | { readonly kind: 'contribution'; readonly bytes: Uint8Array; readonly trust: Trust }
  /** Closes the round: these members open. */
  | { readonly kind: 'close'; readonly activeSet: readonly number[] }
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'timeout' };

export type SumCoordinatorStep = Step<SumCoordinatorState, CoordinatedSum>;
type Collecting = Extract<SumCoordinatorState, { readonly phase: 'collecting' }>;
type Gathering = Extract<SumCoordinatorState, { readonly asked: Asked }>;

export const startSumCoordinator = (): SumCoordinatorState =>
  Object.freeze({
    phase: 'collecting',
    received: NOTHING_RECEIVED,
    contributions: new Map(),
    owners: new Map(),
  });

export const stepSumCoordinator = (
  setting: SumCoordinatorSetting,
  state: SumCoordinatorState,
  event: SumCoordinatorEvent,
): Promise<SumCoordinatorStep> => stepOnce(state, () => transition(setting, state, event));

async function transition(
  setting: SumCoordinatorSetting,
  state: SumCoordinatorState,
  event: SumCoordinatorEvent,
): Promise<SumCoordinatorStep> {
  switch (state.phase) {
    case 'collecting':
      if (event.kind === 'contribution') return collect(setting, state, event);
      if (event.kind === 'close') return close(setting, state, event.activeSet);
      if (event.kind === 'timeout') return giveUp('E_TOO_FEW', `${state.contributions.size} contributions`, []);
      throw new ProtocolViolation('E_PHASE', 'a message of a member before the round was closed');
    case 'promising':
    case 'answering':
    case 'opening':
      if (event.kind === 'message') return gather(setting, state, event.bytes);
      if (event.kind === 'timeout') return stalled(setting, state);
      throw new ProtocolViolation('E_LATE', `${event.kind} after the round was closed`);
    case 'opened':
    case 'given up':
      throw new ProtocolViolation('E_LATE', `${event.kind} after the sum was ${state.phase}`);
    default:
      return state satisfies never;
  }
}

async function collect(
  { primitives, context, shape, contributionBytesAtMost, maximumContributors }: SumCoordinatorSetting,
  state: Collecting,
  { bytes, trust }: Extract<SumCoordinatorEvent, { readonly kind: 'contribution' }>,
): Promise<SumCoordinatorStep> {
  const contribution = await receiveContribution(primitives, trust, context, bytes, contributionBytesAtMost);
  const admission = admit(primitives, state.received, contribution.message);
  if (admission.kind === 'repeated') return step(state);
  const owners = claimed(primitives, shape, state.owners, contribution);
  if (state.contributions.size >= maximumContributors) {
    throw new ProtocolViolation('E_LATE', `${maximumContributors} contributions are all that a sum holds`);
  }
  const contributions = new Map(state.contributions).set(contribution.memberId, contribution);
  return step(Object.freeze({ ...state, received: admission.received, contributions, owners }), PERSIST);
}

/** The owners of all ciphertexts with this contribution's among them; E_DUPLICATE where one is another's. */
export function claimed(
  primitives: PublicPrimitives,
  shape: VectorShape,
  owners: ReadonlyMap<string, MemberId>,
  contribution: Contribution,
): ReadonlyMap<string, MemberId> {
  const next = new Map(owners);
  for (const name of namesOf(primitives, vectorOf(shape, contribution))) {
    const owner = next.get(name);
    if (owner !== undefined) {
      throw new ProtocolViolation('E_DUPLICATE', `${contribution.memberId} sends a ciphertext of ${owner}`);
    }
    next.set(name, contribution.memberId);
  }
  return next;
}

function close(setting: SumCoordinatorSetting, state: Collecting, numbers: readonly number[]): SumCoordinatorStep {
  const { primitives, context, shape, circle, threshold, minimumContributors } = setting;
  const activeSet = [...new Set(numbers)].sort((a, b) => a - b);
  const members = activeSet.map((number) => memberNumbered(circle, number));
  if (activeSet.length !== threshold || numbers.length !== threshold) {
    throw new ParameterError(`${numbers.length} members are to open, the key needs ${threshold} different ones`);
  }
  const contributions = [...state.contributions.values()].sort((a, b) => compareNames(a.memberId, b.memberId));
  if (contributions.length < minimumContributors) {
    return giveUp('E_TOO_FEW', `${contributions.length} contributions, ${minimumContributors} are needed`, []);
  }
  const statement = openingStatement(primitives, { context, epoch: shape.epoch, contributions, activeSet });
  const request = encodeRequest(
    activeSet,
    contributions.map(({ encoded }) => encoded),
  );
  const asked = Object.freeze({
    statement,
    contributors: contributions.map((one) => one.memberId),
    activeSet,
    request,
  });
  const next = {
    phase: 'promising',
    asked,
    received: state.received,
    messages: new Map(),
    results: new Map(),
  } as const;
  return step(next, PERSIST, ...members.map(({ memberId }) => send(toMember(memberId), 'threshold/request', request)));
}

/** After a restart, or where a member lost it: the request again, the same bytes. */
export function requestAgain({ circle }: SumCoordinatorSetting, { asked }: Gathering): SumCoordinatorStep['outputs'] {
  return asked.activeSet.map((number) =>
    send(toMember(memberNumbered(circle, number).memberId), 'threshold/request', asked.request),
  );
}

const KINDS: Readonly<Record<Gathering['phase'], MessageKind>> = {
  promising: PROMISE,
  answering: ANSWER,
  opening: RESULT,
};

async function gather(
  setting: SumCoordinatorSetting,
  state: Gathering,
  bytes: Uint8Array,
): Promise<SumCoordinatorStep> {
  const { primitives, circle, context } = setting;
  const { asked, phase } = state;
  const bodyBytesAtMost = phase === 'promising' ? HASH_BYTES : BODY_BYTES_AT_MOST;
  const { member, message } = await receive(primitives, circle, { ...KINDS[phase], context, bodyBytesAtMost }, bytes);
  if (!asked.activeSet.includes(member.number)) {
    throw new ProtocolViolation('E_COMMITTEE', `${member.memberId} is not in the active set`);
  }
  if (!sameBytes(message.body.subarray(0, HASH_BYTES), asked.statement)) {
    throw new ProtocolViolation('E_EQUIV', `the ${message.type} of ${member.memberId} is for another statement`);
  }
  const admission = admit(primitives, state.received, message);
  if (admission.kind === 'repeated') return step(state);
  const next: Gathering = {
    ...state,
    received: admission.received,
    messages: new Map(state.messages).set(member.number, bytes),
  };
  if (phase === 'opening') return tally(setting, next, member, message.body);
  if (next.messages.size < asked.activeSet.length) return step(next, PERSIST);
  const members = asked.activeSet.map((number) => memberNumbered(circle, number));
  const list = encodeBundle(members.map(({ number }) => next.messages.get(number)!));
  const type = phase === 'promising' ? 'threshold/certified-set' : 'threshold/answers';
  const after: Gathering = { ...next, phase: phase === 'promising' ? 'answering' : 'opening', messages: new Map() };
  return step(after, PERSIST, ...members.map(({ memberId }) => send(toMember(memberId), type, list)));
}

/** c + 1 members that say the same include an honest one. */
function tally(
  { primitives, corruptMembers, shape }: SumCoordinatorSetting,
  state: Gathering,
  { number, memberId }: NumberedMember,
  body: Uint8Array,
): SumCoordinatorStep {
  const { statement, hash, sum } = decodeResultBody(body);
  if (!sameBytes(hash, resultHash(primitives, statement, sum))) {
    throw new ProtocolViolation('E_SHARE', `${memberId} signed another sum than it sends`);
  }
  if (sum.length !== NO_SUM.length && sum.length !== shape.vectorLength) {
    throw new MalformedMessage('E_LEN', `${memberId} sends a sum of ${sum.length} values, not ${shape.vectorLength}`);
  }
  const name = hexOf(hash);
  const known = state.results.get(name) ?? { sum, by: [] };
  const by = [...known.by, number];
  const results = new Map(state.results).set(name, { sum: known.sum, by });
  const next: Gathering = { ...state, results };
  const disputed = [...results.keys()].length > 1 ? [dispute(next)] : [];
  if (by.length <= corruptMembers) return step<SumCoordinatorState, CoordinatedSum>(next, PERSIST, ...disputed);
  if (sum.length === NO_SUM.length) {
    const { state: ended, outputs } = giveUp(
      'E_SUM',
      `${by.length} members opened no sum of values in their range`,
      [],
    );
    return step(ended, ...outputs, ...disputed);
  }
  const result = Object.freeze({ statement, contributors: state.asked.contributors, sum });
  return step<SumCoordinatorState, CoordinatedSum>(
    Object.freeze({ phase: 'opened', result }),
    PERSIST,
    ...disputed,
    done(result),
  );
}

/** Two members opened different sums: one of them lies. */
function dispute({ messages }: Gathering): Evidence {
  return evidenceOf(
    [],
    new ProtocolViolation('E_EQUIV', 'members of the set signed different sums', { evidence: [...messages.values()] }),
  );
}

function stalled({ circle }: SumCoordinatorSetting, { phase, asked, messages }: Gathering): SumCoordinatorStep {
  const missing = asked.activeSet
    .filter((number) => !messages.has(number))
    .map((number) => memberNumbered(circle, number).memberId);
  return giveUp(
    'E_QUORUM',
    `the set stalled while ${phase}: its ciphertexts are spent, contributors encrypt anew in another round`,
    missing,
  );
}

function giveUp(
  code: 'E_TOO_FEW' | 'E_QUORUM' | 'E_SUM',
  reason: string,
  members: readonly MemberId[],
): SumCoordinatorStep {
  return step(Object.freeze({ phase: 'given up' }), PERSIST, abort(code, reason, members));
}
