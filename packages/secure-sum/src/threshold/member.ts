// A member of a key epoch, after the founding: it is asked to open a sum, promises once, answers once, sees the result.
//
//   request      check everything, sign the statement (this sum, this set): a ciphertext is promised to one statement, ever
//   certificate  t members of the set signed the same statement: answer, the answer stored before it leaves
//   answers      the set's answers: open, look at the noise, sign the result; or burn the epoch
//
// Any two sets share an honest member (2t > n + c, parameters.ts), and it promises each ciphertext once: no two sums that overlap open.
//
// WHO MAY ENCRYPT. Semi-honest participants: an encryptor who chooses its ciphertext freely can put 2^90·(the key) into the noise of
// a sum that is right, and a member of the set who is with it reads the key from one opening. Certified silos only, signed
// ciphertexts, answers that the coordinator cannot read, and the alarm are what is done about it; the alarm comes after the fact.
// Where participants may be hostile, use one-shot/.
//
// There is no retry: a set that stalls has cost its ciphertexts, and whoever contributed encrypts anew in another round. A member
// that answered promises nothing else before it has seen the result, so a coordinator that withholds results gets no second one.

import { hexOf, type MemberId, sameBytes } from '../canonical/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { verifyCertificate } from '../identity/index.ts';
import type { LoggedEntry } from '../log/index.ts';
import { stepOnce, useUp } from '../machine/once.ts';
import { PERSIST, send, step, TO_COORDINATOR } from '../machine/outputs.ts';
import { encodeMessage } from '../messages/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { SecretBytes } from '../secret-bytes.ts';
import { encodeAnswerBody, encodeAnswers, sealAnswers } from './answers.ts';
import { memberNamed, memberNumbered, receiveAll } from './circle.ts';
import { type CertifiedEpoch, requireEpochLogged, requireNotEnded } from './epoch.ts';
import type { FoundingState } from './founding-state.ts';
import { ANSWER, PROMISE } from './kinds.ts';
import { close, loadedBy, type MemberStep, type Of, type Serving, signed } from './member-messages.ts';
import { heed, open } from './member-results.ts';
import { MEMBER_RULES, type MemberRules } from './member-rules.ts';
import type { Answered, Loaded, MemberEvent, MemberState, ServingSetting } from './member-state.ts';
import { readRequest } from './opening.ts';
import { requireRound } from './round.ts';

export type { MemberStep } from './member-messages.ts';

/**
 * From the founding on: all members signed the epoch that this member signed, and it is in the log. Once: a second member with this
 * share would have promised nothing. What is stored of the founding is to be written over with what is stored of the member.
 */
export function beginServing(
  founded: Extract<FoundingState, { readonly phase: 'founded' }>,
  epoch: CertifiedEpoch,
  logged: LoggedEntry,
): MemberState {
  requireEpochLogged(epoch, logged);
  const { share, ledger } = founded;
  if (!sameBytes(share.epoch.run, epoch.key.run) || !sameBytes(founded.made.transcript, epoch.transcript)) {
    throw new ParameterError('the certificate is of another epoch than the one that this member founded');
  }
  useUp(founded);
  const nothing = {
    promises: new Map<string, string>(),
    answers: new Map<string, Answered>(),
    loaded: new Map<string, Loaded>(),
  };
  return Object.freeze({ phase: 'serving', share, ledger, awaited: undefined, ...nothing });
}

export const stepMember = (setting: ServingSetting, state: MemberState, event: MemberEvent): Promise<MemberStep> =>
  stepMemberBy(MEMBER_RULES, setting, state, event);

/** For tests of what the rules are for. Two events at once from one state would be two answers, flooded each by itself. */
export const stepMemberBy = (
  rules: MemberRules,
  setting: ServingSetting,
  state: MemberState,
  event: MemberEvent,
): Promise<MemberStep> => stepOnce(state, () => transition(rules, setting, state, event));

async function transition(
  rules: MemberRules,
  setting: ServingSetting,
  state: MemberState,
  event: MemberEvent,
): Promise<MemberStep> {
  if (state.phase !== 'serving') {
    throw new ProtocolViolation('E_EPOCH', `${event.kind} for an epoch that is ${state.phase}`);
  }
  switch (event.kind) {
    case 'request':
      return promise(rules, setting, state, event);
    case 'certificate':
      return answer(rules, setting, state, event);
    case 'answers':
      return open(rules, setting, state, event);
    case 'alarm':
      return heed(setting, state, event);
    case 'write off':
      if (state.awaited !== hexOf(event.statement)) throw new ParameterError('this result is not awaited');
      return step({ ...state, awaited: undefined }, PERSIST);
    case 'end':
      if (event.nowMs <= setting.parameters.endsAtMs) throw new ParameterError('the epoch has not ended');
      return close(state, 'ended');
    default:
      return event satisfies never;
  }
}

async function promise(
  rules: MemberRules,
  setting: ServingSetting,
  state: Serving,
  { round, bytes, trust }: Of<'request'>,
): Promise<MemberStep> {
  const { primitives, epoch, circle, memberId } = setting;
  requireNotEnded(epoch.parameters, trust.nowMs);
  requireRound(primitives, epoch, round);
  const { context } = round;
  const opening = await readRequest(primitives, { epoch, trust, context }, bytes);
  const { number } = memberNamed(circle, memberId);
  if (!opening.activeSet.members.includes(number)) {
    throw new ProtocolViolation('E_COMMITTEE', `${memberId} is not in the active set`);
  }
  // Certified when the epoch was founded, and still.
  for (const other of opening.activeSet.members) {
    await verifyCertificate(primitives, trust, memberNumbered(circle, other).certificate, 'silo');
  }
  const statement = hexOf(opening.statement);
  const message = await signed(setting, context, PROMISE, opening.statement);
  const outputs = [PERSIST, send(TO_COORDINATOR, PROMISE.type, message)] as const;
  const loaded = new Map(state.loaded).set(statement, Object.freeze({ context, opening }));
  // The same again, after a lost message or a restart: the same promise.
  if ([...state.promises.values()].includes(statement)) return step({ ...state, loaded }, ...outputs);
  if (state.awaited !== undefined) refuseWhileAwaiting(memberId, state.awaited);
  if (new Set(state.promises.values()).size >= epoch.parameters.sums) {
    throw new ProtocolViolation('E_EPOCH', `the epoch opens ${epoch.parameters.sums} sums, and has`);
  }
  const { record } = rules.foresee(epoch, number, state.ledger, opening);
  const promises = new Map(state.promises);
  for (const name of namesIn(record)) {
    const before = promises.get(name);
    if (before !== undefined) {
      throw new ProtocolViolation(
        'E_SPENT',
        `ciphertext ${name.slice(0, 16)}… was promised to ${before.slice(0, 16)}…: no other sum, no other set`,
      );
    }
    promises.set(name, statement);
  }
  return step({ ...state, promises, loaded }, ...outputs);
}

function refuseWhileAwaiting(memberId: MemberId, awaited: string): never {
  throw new ProtocolViolation(
    'E_PHASE',
    `${memberId} has not seen the result of ${awaited.slice(0, 16)}…, which it answered for: nothing else before`,
  );
}

/** The names in a ledger's record: one byte of kind and 32 of name each. */
function* namesIn(record: Uint8Array): Generator<string> {
  for (let at = 0; at < record.length; at += 1 + HASH_BYTES) yield hexOf(record.subarray(at + 1, at + 1 + HASH_BYTES));
}

async function answer(
  rules: MemberRules,
  setting: ServingSetting,
  state: Serving,
  { messages, trust }: Of<'certificate'>,
): Promise<MemberStep> {
  const { primitives, epoch, circle, memberId } = setting;
  requireNotEnded(epoch.parameters, trust.nowMs);
  const { context, opening } = await loadedBy(setting, state, messages, PROMISE);
  const { statement, activeSet } = opening;
  const set = activeSet.members.map((number) => memberNumbered(circle, number));
  const expected = { ...PROMISE, context, bodyBytesAtMost: HASH_BYTES };
  for (const { member, message } of await receiveAll(primitives, circle, expected, set, messages)) {
    if (!sameBytes(message.body, statement)) {
      throw new ProtocolViolation('E_EQUIV', `${member.memberId} promised another statement`, {
        evidence: [encodeMessage(message)],
      });
    }
  }
  const key = hexOf(statement);
  const before = state.answers.get(key);
  if (before !== undefined) return step(state, PERSIST, send(TO_COORDINATOR, ANSWER.type, before.message));
  // Promised before, answered one after another: each result is seen before the next answer leaves.
  if (state.awaited !== undefined) refuseWhileAwaiting(memberId, state.awaited);
  const { ledger, answers } = rules.answer(epoch, state.share, state.ledger, opening);
  const plaintext = encodeAnswers(epoch.key, answers);
  const others = activeSet.members.filter((number) => number !== memberNamed(circle, memberId).number);
  const body = rules.sealed
    ? await sealAnswers(setting, { statement, to: others, plaintext })
    : encodeAnswerBody({ statement, sealed: plaintext, keys: [] });
  const own = new SecretBytes(plaintext);
  plaintext.fill(0);
  const message = await signed(setting, context, ANSWER, body);
  const answered = new Map(state.answers).set(key, Object.freeze({ message, own }));
  return step(
    { ...state, ledger, answers: answered, awaited: key },
    PERSIST,
    send(TO_COORDINATOR, ANSWER.type, message),
  );
}
