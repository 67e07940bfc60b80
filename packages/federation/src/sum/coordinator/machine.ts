// The coordinator of one sum, whatever protects it. Start here: which event does what. A protocol stands in a file of its own; this one wraps what
// is said into frames, keeps the hash of what each member contributed, and tells everybody how it ended.
//
// What is thrown was not done; a refused message changes nothing. A state is used once. No import path from here reaches a secret.

import { CanonicalReader, CanonicalWriter, sameBytes } from '@sumus/secure-sum/canonical';
import { ParameterError, ProtocolViolation } from '@sumus/secure-sum/errors';
import type { MemberId } from '@sumus/secure-sum/identity';
import {
  abort,
  done,
  type Output,
  PERSIST,
  type Recipient,
  type Send,
  send,
  step,
  TO_EVERYBODY,
  toMember,
} from '@sumus/secure-sum/machine';
import { stepOnce } from '@sumus/secure-sum/machine/once';
import { decodeMessage } from '@sumus/secure-sum/messages';
import { HASH_BYTES, type Hashing } from '@sumus/secure-sum/primitives';
import { hasEpochs, openContextOf } from '../agreement.ts';
import { decodeFrame, encodeFrame, FRAME, type Frame, PREPARING, sumId } from '../frame.ts';
import { contributorsOf, encodeOpened, resultOfSet, resultOfWords, wordBytes } from '../opened.ts';
import { decodePoint, encodePoint } from '../point.ts';
import type { CoordinatorSum, CoordinatorSumEvent, SumPhase, SumPoint } from '../sum.ts';
import { clearTotal, restoreClearTotal } from './clear.ts';
import { beginThreshold, restoreFounding } from './founding.ts';
import { beginMask, restoreMaskTotal } from './mask.ts';
import { beginOneShot, continueOneShot, restoreCollecting } from './one-shot.ts';
import { type BeginProtocol, preparing, restorePreparing } from './preparing.ts';
import { decodeSends, encodeSends } from './sends.ts';
import type { CoordinatorSumSetup } from './setup.ts';
import { type CoordinatorStanding, decodeStanding, encodeStanding, freshStanding } from './standing.ts';
import type {
  CoordinatorEnvironment,
  CoordinatorProtocol,
  CoordinatorProtocolStep,
  CoordinatorSumState,
  CoordinatorSumStep,
  ProtocolSum,
} from './state.ts';
import { continueThreshold, restoreSumming } from './threshold.ts';

export { freshStanding };

const environment = (setup: CoordinatorSumSetup, point: SumPoint): CoordinatorEnvironment => ({
  setup,
  point,
  id: sumId(setup.primitives, setup, point),
  open: openContextOf(setup.primitives, setup, point),
});

type Running = Extract<CoordinatorSumState, { readonly phase: 'running' }>;
/** What the machine itself keeps of a sum. */
type Kept = Pick<Running, 'contributions' | 'reveals'>;
const NOTHING: Kept = Object.freeze({ contributions: new Map(), reveals: undefined });

export function startSum(
  setup: CoordinatorSumSetup,
  standing: CoordinatorStanding,
  point: SumPoint,
  nowMs: number,
): Promise<CoordinatorSumStep> {
  return stepOnce(standing, async () => {
    const env = environment(setup, point);
    const protocol = await first(env, standing, nowMs);
    return answer(env, NOTHING, { protocol, standing, outputs: [PERSIST] });
  });
}

async function first(
  env: CoordinatorEnvironment,
  { epoch }: CoordinatorStanding,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  const { setup, point } = env;
  if (setup.plan.protection.kind === 'none') return clearTotal(env);
  if (!hasEpochs(setup) || point.epoch === point.round) return preparing(env, beginningOf(env));
  if (epoch?.round !== point.epoch) {
    throw new ProtocolViolation('E_EPOCH', `there is no committee or key of round ${point.epoch}`);
  }
  return epoch.kind === 'one-shot' ? continueOneShot(env, epoch, nowMs) : continueThreshold(env, epoch, nowMs);
}

function beginningOf(env: CoordinatorEnvironment): BeginProtocol {
  const { protection } = env.setup.plan;
  switch (protection.kind) {
    case 'mask':
      return beginMask(env);
    case 'one-shot':
      return beginOneShot(env);
    case 'threshold':
      return beginThreshold(env);
    case 'none':
      throw new ParameterError('a sum without protection has nothing to prepare');
    default:
      return protection satisfies never;
  }
}

export function stepSum(
  setup: CoordinatorSumSetup,
  state: CoordinatorSumState,
  event: CoordinatorSumEvent,
  nowMs: number,
): Promise<CoordinatorSumStep> {
  return stepOnce(state, async () => {
    if (state.phase === 'done' && event.kind === 'ask again') {
      return step<CoordinatorSumState, CoordinatorSum>(state, ...state.told);
    }
    if (state.phase !== 'running') throw new ProtocolViolation('E_LATE', `this sum is ${state.phase}`);
    const { standing, protocol, point, contributions, reveals } = state;
    const kept: Kept = { contributions, reveals };
    const env = environment(setup, point);
    switch (event.kind) {
      case 'received': {
        const frame = decodeFrame(env.id, event.bytes);
        if (isLate(protocol, frame)) return missed(env, state, frame);
        const answered = await protocol.received(standing, frame, nowMs);
        const { contributor } = answered;
        if (contributor === undefined || contributions.has(contributor)) return answer(env, kept, answered);
        const hash = await hashOf(setup.primitives, frame.body);
        return answer(env, { reveals, contributions: new Map(contributions).set(contributor, hash) }, answered);
      }
      case 'close':
        return answer(env, kept, await protocol.close(standing, nowMs));
      case 'give up':
        return answer(env, kept, { protocol, standing, outputs: [PERSIST, abort('E_TOO_FEW', event.reason)] });
      case 'ask again':
        return step<CoordinatorSumState, CoordinatorSum>(
          state,
          ...framed(env, [...toldAgain(state, TO_EVERYBODY), ...(await protocol.askAgain())]),
        );
      default:
        return event satisfies never;
    }
  });
}

/** Witnesses co-sign once more while a key is founded. */
const isLate = ({ kind }: CoordinatorProtocol, { type }: Frame): boolean =>
  kind !== 'preparing' && PREPARING.has(type) && !(kind === 'founding' && type === FRAME.cosignature);

const toldAgain = ({ reveals }: Running, to: Recipient): readonly Send[] =>
  reveals === undefined ? [] : [send(to, FRAME.reveals, reveals)];

/** A word of the preparation, late: its sender may have missed how it ended. */
function missed(env: CoordinatorEnvironment, state: Running, { type, body }: Frame): CoordinatorSumStep {
  if (type !== FRAME.commitment && type !== FRAME.reveal) return step(state);
  const { sender } = decodeMessage(body, WORD_BYTES_AT_MOST);
  return step<CoordinatorSumState, CoordinatorSum>(state, ...framed(env, toldAgain(state, toMember(sender))));
}

const hashOf = async (primitives: Hashing, bytes: Uint8Array): Promise<Uint8Array> =>
  primitives.sha256OfMany === undefined ? primitives.sha256(bytes) : primitives.sha256OfMany(bytes);

/** What several members are told in the same bytes is one frame, and lies in memory once: a thousand are told of a thousand. */
function framed({ id }: CoordinatorEnvironment, outputs: readonly Output<never>[]): readonly Output<never>[] {
  const frames = new Map<Uint8Array, ReadonlyMap<string, Uint8Array>>();
  return outputs.map((output) => {
    if (output.kind !== 'send') return output;
    const { to, type, bytes } = output;
    const frame = frames.get(bytes)?.get(type) ?? encodeFrame(id, type, bytes);
    frames.set(bytes, new Map([...(frames.get(bytes) ?? []), [type, frame]]));
    return send(to, type, frame);
  });
}

async function answer(
  env: CoordinatorEnvironment,
  { contributions, reveals: before }: Kept,
  { protocol, standing, outputs }: CoordinatorProtocolStep,
): Promise<CoordinatorSumStep> {
  const { point } = env;
  const told = outputs.find((one) => one.kind === 'send' && one.type === FRAME.reveals);
  const reveals = told?.kind === 'send' ? told.bytes : before;
  const ended = outputs.find((one) => one.kind === 'done' || one.kind === 'abort');
  const others = framed(
    env,
    outputs.filter((one) => one.kind !== 'done' && one.kind !== 'abort'),
  );
  if (ended === undefined) {
    const state: CoordinatorSumState = Object.freeze({
      phase: 'running',
      point,
      standing,
      protocol,
      contributions,
      reveals,
    });
    return step(state, ...others);
  }
  const left: CoordinatorStanding = Object.freeze({ ...standing, epoch: protocol.end() ?? standing.epoch });
  if (ended.kind === 'abort') {
    const { reason } = ended;
    const state: CoordinatorSumState = Object.freeze({ phase: 'aborted', point, standing: left, reason });
    return step<CoordinatorSumState, CoordinatorSum>(state, ...others, ended);
  }
  const { told: opened, result } = closed(env, contributions, ended.result);
  const end = send(TO_EVERYBODY, FRAME.opened, opened);
  const last = framed(env, await protocol.askAgain()).filter((one) => one.kind === 'send');
  const state: CoordinatorSumState = Object.freeze({ phase: 'done', point, standing: left, told: [...last, end] });
  return step(state, ...others, end, done(result));
}

/** What everybody is told, and what the driver gets: the same, but where sums are opened to participants there is none. */
function closed(
  { setup, id, point }: CoordinatorEnvironment,
  contributions: Running['contributions'],
  ended: ProtocolSum,
): { readonly told: Uint8Array; readonly result: CoordinatorSum } {
  const { primitives } = setup;
  const contributors = contributorsOf(new Map(ended.contributors.map((name) => [name, hashIn(contributions, name)])));
  const opened = (result: Uint8Array, carrier: Uint8Array): Uint8Array =>
    encodeFrame(id, FRAME.opened, encodeOpened({ contributors, result, carrier }));
  if ('setHash' in ended) {
    const result = resultOfSet(primitives, id, contributors, ended.setHash);
    const told = opened(result, new Uint8Array(0));
    return { told, result: Object.freeze({ point, contributors, result, sum: undefined, published: undefined }) };
  }
  const { sum, carrier } = ended;
  const result = resultOfWords(primitives, id, contributors, sum);
  const published = opened(result, wordBytes(sum));
  return { told: opened(result, carrier), result: Object.freeze({ point, contributors, result, sum, published }) };
}

function hashIn(contributions: Running['contributions'], name: MemberId): Uint8Array {
  const hash = contributions.get(name);
  if (hash === undefined) throw new ParameterError(`${name} is in the sum and contributed nothing`);
  return hash;
}

/** `close` may come before the deadline: nobody is missing who could still answer. */
export const isComplete = (state: CoordinatorSumState): boolean =>
  state.phase === 'running' && state.protocol.isComplete;

export const phaseOf = (state: CoordinatorSumState): SumPhase =>
  state.phase === 'running' ? state.protocol.phase : state.phase;

export function standingOf(state: CoordinatorSumState): CoordinatorStanding {
  if (state.phase === 'running') throw new ParameterError('this sum is still running');
  return state.standing;
}

const LABEL = 'sumus/1/sum/coordinator';
/** A commitment or a reveal. */
const WORD_BYTES_AT_MOST = 128;
const STATES = ['running', 'done', 'aborted'] as const;
const KINDS = ['preparing', 'clear', 'mask', 'one-shot', 'founding', 'threshold'] as const;
const MOST = 2 ** 30;
const MEMBERS_AT_MOST = 2 ** 20;

/** Public. */
export function storeSum(setup: CoordinatorSumSetup, state: CoordinatorSumState): Uint8Array<ArrayBuffer> {
  const { primitives } = setup;
  const { phase, point, standing } = state;
  const writer = new CanonicalWriter(8192).name('a label', LABEL).u8('phase', STATES.indexOf(phase));
  writer.fixed('the sum', sumId(primitives, setup, point), HASH_BYTES).blob('point', encodePoint(point));
  writer.blob('standing', encodeStanding(standing));
  if (phase === 'running') {
    const { protocol, contributions, reveals } = state;
    writer.blob('reveals', reveals ?? new Uint8Array(0));
    writer.u32('contributions', contributions.size);
    for (const [name, hash] of contributions) writer.name('a member', name).fixed('its contribution', hash, HASH_BYTES);
    writer.u8('protocol', KINDS.indexOf(protocol.kind)).blob('state', protocol.store());
  }
  if (phase === 'done') writer.blob('told', encodeSends(state.told));
  return writer.finish();
}

export async function restoreSum(
  setup: CoordinatorSumSetup,
  bytes: Uint8Array,
  nowMs: number,
): Promise<CoordinatorSumState> {
  const { primitives } = setup;
  const reader = new CanonicalReader(bytes, 'a stored sum');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a stored sum of a coordinator');
  const phase = STATES[reader.within('phase', 1, 0, STATES.length - 1)]!;
  const id = reader.fixed('the sum', HASH_BYTES);
  const point = decodePoint(reader.blobView('point', MOST));
  if (!sameBytes(id, sumId(primitives, setup, point))) reader.refuse('E_MALFORMED', 'stored under another agreement');
  const standing = decodeStanding(primitives, reader.blobView('standing', MOST));
  if (phase === 'done') {
    const told = decodeSends(reader.blobView('told', MOST));
    reader.finish();
    return Object.freeze({ phase, point, standing, told });
  }
  if (phase === 'aborted') {
    reader.finish();
    return Object.freeze({ phase, point, standing, reason: abort('E_TOO_FEW', 'the sum was left').reason });
  }
  const revealed = reader.blob('reveals', MOST);
  const reveals = revealed.length === 0 ? undefined : revealed;
  const count = reader.count('contributions', MEMBERS_AT_MOST, 5 + HASH_BYTES);
  const contributions = new Map<MemberId, Uint8Array>();
  for (let i = 0; i < count; i++)
    contributions.set(reader.member('a member'), reader.fixed('its contribution', HASH_BYTES));
  const kind = KINDS[reader.within('protocol', 1, 0, KINDS.length - 1)]!;
  const stored = reader.blob('state', MOST);
  reader.finish();
  const protocol = await restoreProtocol(environment(setup, point), kind, stored, nowMs);
  return Object.freeze({ phase, point, standing, protocol, contributions, reveals });
}

async function restoreProtocol(
  env: CoordinatorEnvironment,
  kind: CoordinatorProtocol['kind'],
  stored: Uint8Array,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  switch (kind) {
    case 'preparing':
      return restorePreparing(env, beginningOf(env), stored);
    case 'clear':
      return restoreClearTotal(env, stored);
    case 'mask':
      return restoreMaskTotal(env, stored);
    case 'one-shot':
      return restoreCollecting(env, stored, nowMs);
    case 'founding':
      return restoreFounding(env, stored, nowMs);
    case 'threshold':
      return restoreSumming(env, stored, nowMs);
    default:
      return kind satisfies never;
  }
}
