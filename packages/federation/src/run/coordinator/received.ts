// What a member said, as an event. In this order: a frame of this run, of somebody certified, signed by it, the next of its messages. What comes
// again is answered and not counted; what came too late is numbered and not used; what breaks the rules is thrown, and nothing happened.

import { decodeCertificate, verifyCertificate } from '@sumus/secure-sum/identity';
import { bytesOfHex, hexOf } from '../../canonical/utf8.ts';
import { ProtocolViolation } from '../../errors.ts';
import { scheduleRule, scheduleStep } from '../../exchange/schedule.ts';
import { SUM_ROLES } from '../../sum/agreement.ts';
import { phaseOf } from '../../sum/coordinator/machine.ts';
import { commitmentOf, permutationOf } from '../draw.ts';
import type { BlobName, Cause } from '../events.ts';
import { type Frame, type HeaderToCoordinator, readFrameToCoordinator, verifyFrame } from '../frame.ts';
import type { Decline, Hello, Resume, SitOut, SumToCoordinator } from '../messages.ts';
import { authorityOf } from '../round-terms.ts';
import { awaitedNow, type LiveRound, liveRound, memberOf, type RunMember, summing } from '../state.ts';
import { absorb, feedSum, forward, required, termsOf } from './live-sum.ts';
import { accuse, recordOf } from './publish.ts';
import { catchUp, offerOf, tell } from './telling.ts';
import type { Work } from './work.ts';

/** Messages of one member that came too late or were refused, before it is given up. */
const IGNORED_AT_MOST = 1000;
/** Frames of one member in one round: several times what any protocol needs, asked again included. */
const FRAMES_AT_MOST = 256;

export async function receive(work: Work, bytes: Uint8Array): Promise<void> {
  const { setup, state } = work;
  const frame = readFrameToCoordinator(bytes, setup.messageBytesAtMost);
  const { run, from, number, message } = frame.header;
  if (run !== state.runId) throw new ProtocolViolation(`a message of run ${run}, this one is ${state.runId}`);
  const member = memberOf(state, from);
  const key = member === undefined ? await newcomersKey(work, frame) : keyOf(member);
  const bodyName = await verifyFrame(setup.primitives, frame, key);
  // After its end nothing happens in a run any more, whatever is said.
  if (state.phase.kind === 'ended')
    return work.say(from, { type: 'ended', why: state.phase.why, text: state.phase.text });
  if (message.type === 'resume') return answerResume(work, from, message);
  if (number === null) throw new ProtocolViolation(`a ${message.type} of ${from} without its number`);
  const next = member?.next ?? 0;
  if (number > next) throw new ProtocolViolation(`message ${number} of ${from} came before message ${next}`);
  if (number < next) return message.type === 'hello' ? work.say(from, offerOf(state)) : undefined;
  return take(work, frame, bodyName, { member: from, number });
}

const keyOf = ({ certificate }: RunMember): Uint8Array => decodeCertificate(bytesOfHex(certificate)).publicKey;

/** The key of somebody unknown, if an authority vouches for it. */
async function newcomersKey(
  { setup, state, nowMs }: Work,
  { header }: Frame<HeaderToCoordinator>,
): Promise<Uint8Array> {
  const { message, from } = header;
  if (message.type !== 'hello') throw new ProtocolViolation(`${from} is no member of this run`);
  const certificate = decodeCertificate(bytesOfHex(message.certificate));
  if (certificate.memberId !== from)
    throw new ProtocolViolation(`${from} shows the certificate of ${certificate.memberId}`);
  const trust = {
    authority: authorityOf(state.plan.plan, setup.signer.publicKey),
    projectId: state.projectId,
    nowMs,
    revocations: setup.revocations,
  };
  await verifyCertificate(setup.primitives, trust, certificate, SUM_ROLES);
  return certificate.publicKey;
}

async function answerResume(work: Work, name: string, { chapter, number, version }: Resume): Promise<void> {
  const { state } = work;
  const member = memberOf(state, name);
  if (member === undefined || member.standing === 'left') return;
  if (member.standing === 'offered') return work.say(name, offerOf(state));
  // Of an earlier chapter nothing is left; what it brought about is in the newest model.
  if (chapter !== state.chapter && (version ?? -1) < state.releases.length + 1) await catchUp(work, name);
  work.again(name, chapter === state.chapter ? number : 0);
}

/** `bodyName`: as verifyFrame found it. */
async function take(
  work: Work,
  frame: Frame<HeaderToCoordinator>,
  bodyName: BlobName | null,
  cause: Cause,
): Promise<void> {
  const { header, body } = frame;
  const { message } = header;
  const { nowMs: atMs } = work;
  const ignore = (why: string): Promise<void> => happen(work, { kind: 'message ignored', atMs, cause, why });
  const member = memberOf(work.state, cause.member);
  // A log is no place for whoever wants to fill it.
  if (member !== undefined && isThere(member) && member.ignored >= IGNORED_AT_MOST) {
    const reason = `${IGNORED_AT_MOST} of its messages could not be used`;
    return happen(work, { kind: 'member left', atMs, cause, member: cause.member, reason });
  }
  if (member === undefined) return message.type === 'hello' ? joined(work, cause, message) : undefined;
  if (!isThere(member)) {
    throw new ProtocolViolation(`${cause.member} has ${member.standing}, and takes no part any more`);
  }
  switch (message.type) {
    case 'hello':
      return ignore('it is a member already');
    case 'accept':
      if (member?.standing !== 'offered') return ignore('it has accepted before');
      return happen(work, { kind: 'plan accepted by member', atMs, cause });
    case 'decline':
      if (member?.standing !== 'offered') return ignore('it has accepted before');
      return declined(work, cause, message);
    case 'commit':
      if (!isDrawing(work, 'committing', cause)) return ignore('nobody commits now');
      return happen(work, { kind: 'draw committed', atMs, cause, commitment: message.commitment });
    case 'reveal':
      if (!isDrawing(work, 'revealing', cause)) return ignore('nobody reveals now');
      return revealed(work, cause, message.value, member?.commitment);
    case 'sum':
      return summed(work, cause, message, { name: bodyName, bytes: body });
    case 'sit out':
      if (!isAwaitedIn(work, cause, message.round)) return ignore(`round ${message.round} does not wait for it`);
      return satOut(work, cause, message);
    case 'report':
      if (!isNews(work, member, message.version)) return ignore(`nobody asks for its model ${message.version}`);
      return happen(work, {
        kind: 'release reported',
        atMs,
        cause,
        version: message.version,
        modelHash: message.modelHash,
        signature: hexOf(frame.signature),
      });
    case 'leave':
      return happen(work, { kind: 'member left', atMs, cause, member: cause.member, reason: message.reason });
    case 'resume':
      return;
    default:
      return message satisfies never;
  }
}

const isThere = ({ standing }: RunMember): boolean => standing === 'offered' || standing === 'accepted';

/** One report a model, of one that there is. */
const isNews = ({ state }: Work, { standing, reported }: RunMember, version: number): boolean =>
  standing === 'accepted' && version <= state.releases.length && (reported?.version ?? -1) < version;

/** Whoever let a round pass has done so. */
function isAwaitedIn({ state }: Work, { member }: Cause, round: number): boolean {
  const live = liveRound(state);
  return live?.round === round && live.members.includes(member) && !live.without.includes(member);
}

/** An event of a member, and what others are told of it. */
export async function happen(work: Work, event: Parameters<Work['happen']>[0]): Promise<void> {
  const before = work.state;
  work.happen(event);
  await tell(work, before, event);
}

async function joined(work: Work, cause: Cause, { certificate }: Hello): Promise<void> {
  await happen(work, { kind: 'member joined', atMs: work.nowMs, cause, certificate });
}

async function declined(work: Work, cause: Cause, { reasons }: Decline): Promise<void> {
  const text = reasons.map((one) => one.text).join(' ');
  const record = await recordOf(work, {
    kind: 'refused',
    plan: work.state.plan.id,
    round: null,
    code: reasons[0]?.code ?? 'declined',
    reason: `${cause.member}: ${text}`.slice(0, 2000),
  });
  await happen(work, { kind: 'plan declined', atMs: work.nowMs, cause, reasons, record });
}

function isDrawing({ state }: Work, step: 'committing' | 'revealing', { member }: Cause): boolean {
  const { phase, roster } = state;
  const one = memberOf(state, member);
  const hasAnswered = (step === 'committing' ? one?.commitment : one?.revealed) !== undefined;
  return phase.kind === 'drawing' && phase.step === step && roster.includes(member) && !hasAnswered;
}

async function revealed(work: Work, cause: Cause, value: string, commitment: string | undefined): Promise<void> {
  const { state, setup, nowMs: atMs } = work;
  const { member } = cause;
  if (commitmentOf(setup.primitives, state.runId, member, value) === commitment) {
    return happen(work, { kind: 'draw revealed', atMs, cause, value });
  }
  // Another value than it committed to would be its choice of what everybody draws.
  await happen(work, {
    kind: 'member left',
    atMs,
    cause,
    member,
    reason: 'it revealed another value than it committed to',
  });
}

async function satOut(work: Work, cause: Cause, { round, reasons }: SitOut): Promise<void> {
  const record = await recordOf(work, {
    kind: 'refused',
    plan: work.state.plan.id,
    round,
    code: reasons[0]?.code ?? 'sat-out',
    reason: `${cause.member}: ${reasons.map((one) => one.text).join(' ')}`.slice(0, 2000),
  });
  await happen(work, { kind: 'member sat out', atMs: work.nowMs, cause, round, reasons, record });
}

async function summed(
  work: Work,
  cause: Cause,
  { round, version }: SumToCoordinator,
  { name, bytes }: { readonly name: BlobName | null; readonly bytes: Uint8Array },
): Promise<void> {
  const { member } = cause;
  const { nowMs: atMs } = work;
  const live = liveRound(work.state);
  const why = refusedBefore(work, live, member, round, version);
  if (why !== undefined || live === undefined) {
    return happen(work, { kind: 'message ignored', atMs, cause, why: why ?? 'no round is open' });
  }
  const { agreement, sum } = required(work);
  const before = sum.phase === 'running' ? sum.contributions : undefined;
  let step: Awaited<ReturnType<typeof feedSum>>;
  try {
    step = await feedSum(work, { kind: 'received', bytes });
  } catch (error) {
    const why = refusalOf(error);
    return happen(work, { kind: 'message ignored', atMs, cause, why });
  }
  const { state } = step;
  const hasContributed =
    state.phase === 'running' &&
    [...state.contributions.keys()].some((id) => id === member && before?.has(id) !== true);
  const accusations = absorb(work, agreement, step);
  const contributes = hasContributed ? { version: isStaleAllowed(work) ? version : live.version } : null;
  await happen(work, {
    kind: 'frame taken',
    atMs,
    cause,
    round,
    frame: name === null ? work.keep(bytes) : work.keepAs(name, bytes),
    contributes,
    phase: phaseOf(state),
  });
  await forward(work, step, round);
  accuse(work, round, accusations);
}

const isStaleAllowed = ({ state }: Work): boolean => state.plan.plan.exchange.schedule === 'asynchronous';

/** A refusal by the protocol is the sender's; anything else is ours, and is thrown on. */
function refusalOf(error: unknown): string {
  if (error instanceof Error && (error.name === 'ProtocolViolation' || error.name === 'MalformedMessage')) {
    return error.message.slice(0, 2000);
  }
  throw error;
}

/** Why a frame is not handed to its protocol. */
function refusedBefore(
  work: Work,
  live: LiveRound | undefined,
  member: string,
  round: number,
  version: number,
): string | undefined {
  const { state, setup } = work;
  if (live?.round !== round) return `round ${round} is not open`;
  if (live.inputs.filter((input) => input.kind === 'frame' && input.member === member).length >= FRAMES_AT_MOST) {
    return `it has said ${FRAMES_AT_MOST} things in this round`;
  }
  if (!summing(live).includes(member)) return `it is not in the sum of round ${round} that is under way`;
  if (live.phase !== 'contributing' || state.schedule === undefined) return undefined;
  const { exchange } = state.plan.plan;
  const isInTurns = exchange.schedule === 'round-robin' || exchange.schedule === 'random-order';
  // Who let the round pass still says that it adds nothing, and helps to open.
  if (live.without.includes(member)) return undefined;
  if (isInTurns && awaitedNow(state)[0] !== member) return 'it is not its turn';
  if (exchange.schedule !== 'asynchronous') return undefined;
  const { plan, place, members, draw } = termsOf(state);
  const event = { kind: 'contributed', member: state.roster.indexOf(member), version } as const;
  const permutation = permutationOf(setup.primitives, place, members, draw);
  const step = scheduleStep(scheduleRule(plan, state.roster.length), state.schedule, event, permutation);
  return step.kind === 'refused' ? step.text : undefined;
}
