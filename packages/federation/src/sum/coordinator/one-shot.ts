// The coordinator's half of a sum under `one-shot`: it adds encrypted vectors, has a committee sign which, and carries the committee's answers.
// Where sums are opened to participants it holds an encrypted total and boxes, and no sum. Under `asynchronous` one committee serves many
// sums: each is a flush, which closes when its buffer is full.

import { sameBytes } from '@sumus/secure-sum/canonical';
import { ParameterError, ProtocolViolation } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import { done, type Output, PERSIST, type Send } from '@sumus/secure-sum/machine';
import { decodeMessage, ENVELOPE_BYTES_AT_MOST, verifyMessage } from '@sumus/secure-sum/messages';
import {
  COMPLAIN,
  type CollectorState,
  collectorStep,
  DELIVERY,
  decodeContribution,
  type OneShotResult,
  OPEN_SHARE,
  type OpenerEvent,
  type OpenerState,
  openerStep,
  readComplaint,
  restoreCollector,
  SIGN,
  startCollector,
  startOpener,
} from '@sumus/secure-sum/one-shot/coordinator';
import { HASH_BYTES } from '@sumus/secure-sum/primitives';
import { hasEpochs } from '../agreement.ts';
import { ABSTAIN } from '../clear-words.ts';
import { decodeDrawn, encodeDrawn } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame } from '../frame.ts';
import { modelsOf, roundOf, versionAt } from '../one-shot-round.ts';
import { wordBytes } from '../opened.ts';
import { type Collecting, readCollecting, storedCollector, toolsOf, writeCollecting } from './collecting.ts';
import type { BeginProtocol } from './preparing.ts';
import type { CoordinatorEpoch, CoordinatorStanding } from './standing.ts';
import type { CoordinatorEnvironment, CoordinatorProtocol, CoordinatorProtocolStep, ProtocolSum } from './state.ts';

const empty = new Uint8Array(0);

const NOBODY = {
  opener: undefined,
  abstained: new Set<MemberId>(),
  complaints: new Map<MemberId, readonly MemberId[]>(),
  told: [],
};

export function beginOneShot(env: CoordinatorEnvironment): BeginProtocol {
  return async (standing, drawn, nowMs) => {
    const { setup, open, point } = env;
    const round = await roundOf(setup.primitives, setup, open, point, drawn, nowMs);
    const collector = startCollector(toolsOf(env, round, nowMs));
    return { protocol: collecting(env, { drawn, round, collector, ...NOBODY }), standing, outputs: [PERSIST] };
  };
}

/** The next sum of a committee that stands: with the models that were released since. */
export async function continueOneShot(
  env: CoordinatorEnvironment,
  epoch: CoordinatorEpoch,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  const { setup, open, point } = env;
  const [drawnBytes = empty, stored = empty] = decodeList(epoch.stored, 'a committee that stands', 2);
  const drawn = decodeDrawn(setup.primitives, setup, open, drawnBytes);
  const round = await roundOf(setup.primitives, setup, open, point, drawn, nowMs);
  const tools = toolsOf(env, round, nowMs);
  let collector = restoreCollector(tools, stored);
  const models = modelsOf(setup, point);
  for (;;) {
    if (collector.phase === 'aborted') throw new ParameterError('this committee was given up');
    const version = collector.models.current + 1;
    if (version >= models.length) break;
    const model = versionAt(models, version);
    collector = (await collectorStep(tools, collector, { kind: 'model', model })).state;
  }
  return collecting(env, { drawn, round, collector, ...NOBODY });
}

function collecting(env: CoordinatorEnvironment, at: Collecting): CoordinatorProtocol {
  const { setup, open, id, point } = env;
  const { primitives } = setup;
  const { drawn, round, collector, opener, abstained, complaints } = at;
  const isForParticipants = round.parameters.openedTo === 'participants';

  const next = (
    standing: CoordinatorStanding,
    changed: Partial<Collecting>,
    outputs: readonly Output<ProtocolSum>[],
    contributor?: MemberId,
  ): CoordinatorProtocolStep => ({ protocol: collecting(env, { ...at, ...changed }), standing, outputs, contributor });

  async function received(
    standing: CoordinatorStanding,
    { type, body }: Frame,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    switch (type) {
      case DELIVERY.contribution:
        return takeContribution(standing, body, nowMs);
      case FRAME.abstain:
        return takeAbstention(standing, body, nowMs);
      case SIGN.type:
        return stepOpener(standing, { kind: 'signature', bytes: body }, nowMs);
      case OPEN_SHARE.type:
        return stepOpener(standing, { kind: 'answer', bytes: body }, nowMs);
      case COMPLAIN.type: {
        const { member, contributors } = await readComplaint(toolsOf(env, round, nowMs), body);
        const heard = new Map(complaints);
        for (const name of contributors) heard.set(name, [...new Set([...(heard.get(name) ?? []), member])]);
        return next(standing, { complaints: heard }, [PERSIST]);
      }
      default:
        throw new ProtocolViolation('E_PHASE', `${type} in a sum under one-shot`);
    }
  }

  async function takeContribution(
    standing: CoordinatorStanding,
    body: Uint8Array,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    if (opener !== undefined || collector === undefined) {
      throw new ProtocolViolation('E_LATE', 'the contributions of this sum are closed');
    }
    const tools = toolsOf(env, round, nowMs);
    const bytes = body.slice();
    const { state, outputs } = await collectorStep(tools, collector, { kind: 'contribution', bytes });
    // Without a receipt it was not taken: the sum closed before it.
    const isTaken = outputs.some((output) => output.kind === 'send' && output.type === DELIVERY.receipt);
    const name = isTaken ? decodeContribution(round.parameters, bytes).certificate.memberId : undefined;
    // Stored although a lost contribution only drops out: the log of a run names it from here on.
    const sends = [PERSIST, ...outputs.filter((output) => output.kind !== 'persist')];
    return ifComplete(standing, { collector: state }, sends, nowMs, name);
  }

  async function takeAbstention(
    standing: CoordinatorStanding,
    body: Uint8Array,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    const message = decodeMessage(body.subarray(), ENVELOPE_BYTES_AT_MOST + HASH_BYTES);
    const sender = drawn.roster.entries[drawn.roster.indexOf.get(message.sender) ?? -1]?.certificate;
    if (sender === undefined) throw new ProtocolViolation('E_ROSTER', `${message.sender} is not in the roster`);
    await verifyMessage(primitives, message, { ...ABSTAIN, context: open, sender });
    if (!sameBytes(message.body, id))
      throw new ProtocolViolation('E_CTX', `${message.sender} abstains from another sum`);
    const names = new Set(abstained).add(message.sender);
    return ifComplete(standing, { abstained: names }, [PERSIST], nowMs);
  }

  /** Closes when nobody is missing who could still contribute: a sum that stands alone, or a buffer that is full. */
  async function ifComplete(
    standing: CoordinatorStanding,
    changed: Partial<Collecting>,
    outputs: readonly Output<ProtocolSum>[],
    nowMs: number,
    contributor?: MemberId,
  ): Promise<CoordinatorProtocolStep> {
    const now = { ...at, ...changed };
    const state = now.collector;
    if (now.opener !== undefined || state === undefined) return next(standing, changed, outputs, contributor);
    if (state.phase === 'closed') return opening(standing, changed, state, outputs, nowMs, contributor);
    const spoke = state.phase === 'collecting' ? state.kept.size + now.abstained.size : 0;
    const isAlone = !round.parameters.isEpoch;
    if (!isAlone || spoke < drawn.roster.members.length) return next(standing, changed, outputs, contributor);
    return timeIsUp(standing, changed, state, outputs, nowMs, contributor);
  }

  async function timeIsUp(
    standing: CoordinatorStanding,
    changed: Partial<Collecting>,
    state: CollectorState,
    outputs: readonly Output<ProtocolSum>[],
    nowMs: number,
    contributor?: MemberId,
  ): Promise<CoordinatorProtocolStep> {
    const closed = await collectorStep(toolsOf(env, round, nowMs), state, { kind: 'time is up' });
    const later = { ...changed, collector: closed.state };
    const sends = [...outputs, ...closed.outputs];
    if (closed.state.phase !== 'closed') return next(standing, later, sends, contributor);
    return opening(standing, later, closed.state, sends, nowMs, contributor);
  }

  /** The opener takes the flush over; where the committee stands on, the next flush begins to collect. */
  async function opening(
    standing: CoordinatorStanding,
    changed: Partial<Collecting>,
    closed: CollectorState,
    outputs: readonly Output<ProtocolSum>[],
    nowMs: number,
    contributor?: MemberId,
  ): Promise<CoordinatorProtocolStep> {
    const tools = toolsOf(env, round, nowMs);
    const begun = startOpener(tools, closed);
    const after = hasEpochs(setup) ? (await collectorStep(tools, closed, { kind: 'next flush' })).state : undefined;
    const later = { ...changed, collector: after, opener: begun.state };
    return next(standing, later, [...outputs, ...openerOutputs(begun.outputs, begun.state)], contributor);
  }

  async function stepOpener(
    standing: CoordinatorStanding,
    event: OpenerEvent,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    if (opener === undefined) throw new ProtocolViolation('E_PHASE', `${event.kind} while contributions come in`);
    const { state, outputs } = await openerStep(toolsOf(env, round, nowMs), opener, event);
    const told = openerOutputs(outputs, opener);
    const isWhole = state.phase === 'answering' && isForParticipants && state.boxes.size === round.committee.length;
    const end = isWhole ? [done(certified(state))] : [];
    const kept = told.filter(isForContributors);
    const boxed = kept.length === 0 ? at.told : [...at.told.filter(({ type }) => type === DELIVERY.total), ...kept];
    // Every signature and answer is kept: a restarted coordinator asks for none of them again.
    const sends = told.some((output) => output.kind === 'persist') ? told : [PERSIST, ...told];
    return next(standing, { opener: state, told: boxed }, [...sends, ...end]);
  }

  const certified = ({ set, kept }: Extract<OpenerState, { phase: 'signing' | 'answering' }>): ProtocolSum => ({
    contributors: kept.map(({ head }) => head.memberId),
    setHash: set.setHash,
  });

  /** `before`: the opener whose certificate the sum goes with. */
  const openerOutputs = (
    outputs: readonly Output<OneShotResult>[],
    before: OpenerState,
  ): readonly Output<ProtocolSum>[] =>
    outputs.map((output) => {
      if (output.kind === 'abort') return blamed(output);
      if (output.kind !== 'done') return output;
      if (before.phase !== 'answering') throw new ParameterError(`a sum while ${before.phase}`);
      const { sum, contributors } = output.result;
      const carrier = encodeList(before.certificate, wordBytes(sum));
      return done({ contributors: contributors.map((one) => one.memberId), sum, carrier });
    });

  /** Whom more complain of than may be corrupt: one of them is honest. */
  const blamed = (output: Extract<Output<never>, { kind: 'abort' }>): Output<never> => {
    const { corrupt } = round.parameters.oneTime.committee;
    const accused = [...complaints].filter(([, by]) => by.length > corrupt).map(([name]) => name);
    const { reason } = output;
    return {
      kind: 'abort',
      reason: Object.freeze({ ...reason, members: [...new Set([...accused, ...reason.members])] }),
    };
  };

  async function close(standing: CoordinatorStanding, nowMs: number): Promise<CoordinatorProtocolStep> {
    if (opener === undefined) {
      if (collector === undefined) throw new ParameterError('nothing to close');
      return timeIsUp(standing, {}, collector, [PERSIST], nowMs);
    }
    const { state, outputs } = await openerStep(toolsOf(env, round, nowMs), opener, { kind: 'time is up' });
    const told = openerOutputs(outputs, opener);
    // A quorum boxed its answers: participants have what they need, the coordinator has no sum.
    const isOver = state.phase === 'done' && opener.phase === 'answering' && isForParticipants;
    return next(standing, { opener: state }, isOver ? [...told, done(certified(opener))] : told);
  }

  return Object.freeze<CoordinatorProtocol>({
    kind: 'one-shot',
    phase: opener === undefined ? 'contributing' : opener.phase === 'signing' ? 'agreeing' : 'opening',
    isComplete: false,
    received,
    close,
    askAgain: async () => {
      if (opener === undefined || (opener.phase !== 'signing' && opener.phase !== 'answering')) return at.told;
      const { outputs } = await openerStep(toolsOf(env, round, 0), opener, { kind: 'ask again' });
      return [...outputs.filter((output) => output.kind === 'send'), ...at.told];
    },
    end: () =>
      hasEpochs(setup) && collector !== undefined && collector.phase !== 'aborted'
        ? Object.freeze({
            kind: 'one-shot',
            round: point.epoch,
            stored: encodeList(encodeDrawn(drawn), storedCollector(env, round, collector)),
          })
        : undefined,
    store: () => writeCollecting(env, at),
  });
}

const isForContributors = (output: Output<unknown>): output is Send =>
  output.kind === 'send' && (output.type === DELIVERY.total || output.type === DELIVERY.opening);

export async function restoreCollecting(
  env: CoordinatorEnvironment,
  bytes: Uint8Array,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  return collecting(env, await readCollecting(env, bytes, nowMs));
}
