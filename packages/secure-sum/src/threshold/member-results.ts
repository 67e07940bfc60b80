// The last step of a sum at a member: the answers of the whole set are there. Either the sum comes out, and the member signs it; or what
// comes out is no sum of values in their range, and the member signs that; or the noise is larger than honest noise can be, and the
// epoch is burnt: nobody answers with this key again.

import { activeSetStatement, openVector, type PartialDecryption, sharedCiphertext } from '@sumus/lattice/shared-keys';
import { hexOf, sameBytes } from '../canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from '../errors.ts';
import { abort, done, PERSIST, send, step, TO_COORDINATOR, TO_EVERYBODY } from '../machine/outputs.ts';
import { encodeMessage } from '../messages/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { decodeAnswerBody, decodeAnswers, openAnswers } from './answers.ts';
import { memberNumbered, receive, receiveAll } from './circle.ts';
import type { CertifiedEpoch } from './epoch.ts';
import { ALARM, ANSWER, BODY_BYTES_AT_MOST, RESULT } from './kinds.ts';
import { close, loadedBy, type MemberStep, type Of, type Serving, signed } from './member-messages.ts';
import type { MemberRules } from './member-rules.ts';
import type { Loaded, MemberState, OpenedSum, ServingSetting } from './member-state.ts';
import { type Opening, valuesOf } from './opening.ts';
import { alarmHeard, encodeResultBody, NO_SUM } from './results.ts';
import { resultHash } from './statements.ts';

export async function open(
  rules: MemberRules,
  setting: ServingSetting,
  state: Serving,
  { messages }: Of<'answers'>,
): Promise<MemberStep> {
  const { primitives, epoch, circle, memberId } = setting;
  const loaded = await loadedBy(setting, state, messages, ANSWER);
  const { context, opening } = loaded;
  const { statement, activeSet, sum, contributors } = opening;
  const key = hexOf(statement);
  const answered = state.answers.get(key);
  if (answered?.own === undefined) {
    throw new ProtocolViolation(
      'E_PHASE',
      `${memberId} has not answered for ${key.slice(0, 16)}…, or has seen its result`,
    );
  }
  const set = activeSet.members.map((number) => memberNumbered(circle, number));
  const expected = { ...ANSWER, context, bodyBytesAtMost: BODY_BYTES_AT_MOST };
  const answers: PartialDecryption[][] = [];
  for (const { member, message } of await receiveAll(primitives, circle, expected, set, messages)) {
    const read = (plaintext: Uint8Array) => decodeAnswers(epoch.key, member.number, plaintext);
    let given: PartialDecryption[];
    if (member.memberId === memberId) {
      given = answered.own.with(read);
    } else {
      const body = decodeAnswerBody(message.body);
      if (!sameBytes(body.statement, statement)) {
        throw new ProtocolViolation('E_EQUIV', `${member.memberId} answered another statement`, {
          evidence: [encodeMessage(message)],
        });
      }
      given = read(rules.sealed ? await openAnswers(setting, member, body) : body.sealed);
    }
    requireAnswers(epoch, opening, given, member.memberId);
    answers.push(given);
  }
  let opened: Float64Array;
  try {
    opened = openVector(epoch.key, sum, activeSet, answers);
  } catch (cause) {
    // Every answer is well-formed and for this very sum: what is left is its noise.
    if (cause instanceof Error && 'code' in cause && cause.code === 'E_PROTOCOL') return burn(setting, state, loaded);
    throw cause;
  }
  // One contributor that encrypts more than it may costs this sum, not the next one: the result was seen.
  const values = valuesOf(epoch, opening, opened) ?? NO_SUM;
  const body = encodeResultBody({ statement, hash: resultHash(primitives, statement, values), sum: values });
  const message = await signed(setting, context, RESULT, body);
  const left = new Map(state.loaded);
  left.delete(key);
  const seen = new Map(state.answers).set(key, Object.freeze({ message: answered.message, own: undefined }));
  answered.own.wipe();
  const awaited = state.awaited === key ? undefined : state.awaited;
  return step<MemberState, OpenedSum>(
    { ...state, awaited, loaded: left, answers: seen },
    PERSIST,
    send(TO_COORDINATOR, RESULT.type, message),
    values === NO_SUM
      ? abort(
          'E_SUM',
          `sum ${key.slice(0, 16)}… is out of range: one of ${contributors.join(', ')} sent more than it may`,
        )
      : done({ statement, contributors, sum: values }),
  );
}

/** One answer for each ciphertext, each to this ciphertext and this set: what the noise is not to be blamed for. */
function requireAnswers(
  { key }: CertifiedEpoch,
  { sum, activeSet }: Opening,
  answers: readonly PartialDecryption[],
  memberId: string,
): void {
  if (answers.length !== sum.ciphertexts.length) {
    throw new MalformedMessage('E_LEN', `${memberId} gives ${answers.length} answers, not ${sum.ciphertexts.length}`);
  }
  sum.ciphertexts.forEach((ciphertext, i) => {
    const expected = activeSetStatement(key, sharedCiphertext(key, ciphertext), activeSet);
    if (!sameBytes(answers[i]!.context, expected) || !sameBytes(answers[i]!.run, key.run)) {
      throw new ProtocolViolation('E_SHARE', `${memberId} answers for another ciphertext or set`);
    }
  });
}

/** An alarm: somebody may have read the key from this opening. Nothing is answered with it any more, by anybody. */
async function burn(setting: ServingSetting, state: Serving, { context, opening }: Loaded): Promise<MemberStep> {
  const { epoch, memberId } = setting;
  const message = await signed(setting, context, ALARM, epoch.hash);
  const closed = close(state, 'burnt');
  return step(
    closed.state,
    ...closed.outputs,
    send(TO_EVERYBODY, ALARM.type, message),
    Object.freeze({
      kind: 'evidence',
      code: 'E_NOISE',
      reason:
        `${memberId}: the noise of sum ${hexOf(opening.statement).slice(0, 16)}… is above what honest encryptors cause; one of ` +
        `${opening.contributors.join(', ')} chose a ciphertext, or one of ${opening.activeSet.members.join(', ')} an answer`,
      accused: [],
      messages: [message],
    }),
  );
}

/** Another member's alarm burns the epoch here too: what it costs is availability, which every member could cost anyway. */
export async function heed(
  setting: ServingSetting,
  state: Serving,
  { context, bytes }: Of<'alarm'>,
): Promise<MemberStep> {
  const { primitives, circle, epoch } = setting;
  const expected = { ...ALARM, context, bodyBytesAtMost: HASH_BYTES };
  const { member, message } = await receive(primitives, circle, expected, bytes);
  if (!sameBytes(message.body, epoch.hash)) {
    throw new ProtocolViolation('E_EPOCH', `the alarm of ${member.memberId} is for another epoch`);
  }
  const closed = close(state, 'burnt');
  return step(closed.state, ...closed.outputs, alarmHeard(member.memberId, bytes));
}
