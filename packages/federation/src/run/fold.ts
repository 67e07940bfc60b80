// A run as a fold over its events: fold(state, event) → state. Pure, and total: an event that does not follow from a state leaves that state
// as it is, the same object, which whoever reads a log from elsewhere takes for damage (replay.ts). What decides which event comes next is
// in coordinator/; nothing here decides.

import { bytesOfHex } from '../canonical/utf8.ts';
import type { Permutation } from '../exchange/order.ts';
import {
  type ScheduleEvent,
  type ScheduleState,
  scheduleRule,
  scheduleStep,
  startAgain,
  startSchedule,
} from '../exchange/schedule.ts';
import { emptyLedger } from '../ledger/ledger.ts';
import { type LedgerRecord, recordHash } from '../ledger/record.ts';
import { type DrawPrimitives, permutationOf } from './draw.ts';
import type {
  Cause,
  CohortOpened,
  MemberSatOut,
  Released,
  RoundFailed,
  RoundOpened,
  RunCreated,
  RunEvent,
} from './events.ts';
import {
  cohortsOfRound,
  isLost,
  type LiveRound,
  liveRound,
  memberOf,
  nextOf,
  type RunMember,
  type RunState,
  summing,
} from './state.ts';

/** `state`: undefined before the first event. */
export function fold(primitives: DrawPrimitives, state: RunState | undefined, event: RunEvent): RunState | undefined {
  if (event.kind === 'run created') return state ?? created(event);
  if (state === undefined || state.phase.kind === 'ended') return state;
  const cause = 'cause' in event ? event.cause : null;
  if (cause === null) return folded(primitives, state, event);
  if (cause.number !== nextOf(state, cause.member)) return state;
  const next = folded(primitives, state, event);
  return next === state ? state : withMember(next, cause.member, { next: cause.number + 1, silent: 0 });
}

const created = ({ runId, projectId, plan, coordinator, atMs, modelHash, model }: RunCreated): RunState => ({
  runId,
  projectId,
  plan,
  coordinator,
  createdAtMs: atMs,
  first: { modelHash, model },
  phase: { kind: 'gathering' },
  members: [],
  roster: [],
  draw: undefined,
  chapter: 0,
  schedule: undefined,
  nextRound: 0,
  releases: [],
  epoch: undefined,
  standing: undefined,
  failuresInARow: 0,
  best: undefined,
  ledger: emptyLedger(bytesOfHex(coordinator)),
});

function folded(primitives: DrawPrimitives, state: RunState, event: Exclude<RunEvent, RunCreated>): RunState {
  const { phase, ledger } = state;
  // Records are a chain of their own: an event with one that does not continue it is of another log.
  if ('record' in event && (event.record.index !== ledger.records.length || event.record.previous !== ledger.head)) {
    return state;
  }
  switch (event.kind) {
    case 'member joined':
      return joined(state, event.cause, event.certificate);
    case 'plan accepted by member':
      return standing(state, event.cause.member, 'accepted');
    case 'plan declined':
      return withRecord(primitives, standing(state, event.cause.member, 'declined'), event.record);
    case 'member left':
      return left(primitives, state, event.member);
    case 'run started':
      return started(state, event.members, event.atMs);
    case 'draw committed': {
      if (phase.kind !== 'drawing' || phase.step !== 'committing' || !isIn(state, event.cause)) return state;
      const next = withMember(state, event.cause.member, { commitment: event.commitment });
      const isLast = next.roster.every((name) => memberOf(next, name)?.commitment !== undefined);
      return isLast ? { ...next, phase: { kind: 'drawing', step: 'revealing', sinceMs: event.atMs } } : next;
    }
    case 'draw revealed':
      if (phase.kind !== 'drawing' || phase.step !== 'revealing' || !isIn(state, event.cause)) return state;
      return withMember(state, event.cause.member, { revealed: event.value });
    case 'order drawn':
      return phase.kind === 'drawing' ? drawn(primitives, state, event.value) : state;
    case 'round opened':
      return phase.kind === 'between rounds' && event.round === state.nextRound && isOfRun(state, event)
        ? opened(primitives, state, event)
        : state;
    case 'frame taken': {
      const live = liveRound(state);
      const { member } = event.cause;
      if (live?.round !== event.round || !summing(live).includes(member)) return state;
      const inputs = [...live.inputs, { kind: 'frame', member, frame: event.frame, atMs: event.atMs } as const];
      const isSame = live.phase === event.phase;
      const heard = !isSame ? [] : live.heard.includes(member) ? live.heard : [...live.heard, member];
      const phaseSinceMs = isSame ? live.phaseSinceMs : event.atMs;
      const next = withLive(state, { ...live, inputs, heard, phase: event.phase, phaseSinceMs });
      if (event.contributes === null) return next;
      const { version } = event.contributes;
      const moved = scheduled(primitives, next, { kind: 'contributed', member: indexOf(next, member), version });
      return turned(next, moved, event.atMs);
    }
    case 'message ignored':
      return withMember(state, event.cause.member, {
        ignored: (memberOf(state, event.cause.member)?.ignored ?? 0) + 1,
      });
    case 'member sat out':
      return withRecord(
        primitives,
        without(primitives, spent(state, event), event.cause.member, event.round, event.atMs),
        event.record,
      );
    case 'release reported': {
      const { version, modelHash, signature, cause } = event;
      return withMember(state, cause.member, { reported: { version, modelHash, signature, number: cause.number } });
    }
    case 'turn passed':
      return without(primitives, state, event.member, event.round, event.atMs);
    case 'phase closed': {
      const live = liveRound(state);
      if (live?.round !== event.round || live.phase !== event.phase) return state;
      const inputs = [...live.inputs, { kind: 'close', why: event.why, atMs: event.atMs } as const];
      const counted = event.why === 'time is up' ? withSilent(state, live) : state;
      const closed = withLive(counted, { ...live, inputs, heard: [], phase: event.next, phaseSinceMs: event.atMs });
      const next = event.phase === 'gathering' ? withoutUnheard(primitives, closed, live, event.atMs) : closed;
      const isLast = live.flush === live.cohorts.length - 1;
      const isOver = isLast && event.phase === 'contributing' && next.schedule?.phase === 'collecting';
      return isOver ? scheduled(primitives, next, { kind: 'window over' }) : next;
    }
    case 'cohort opened':
      return cohortOpened(state, event);
    case 'released':
      return isOfRound(state, event) ? released(primitives, state, event) : state;
    case 'round failed':
      return liveRound(state)?.round === event.round ? failed(primitives, state, event) : state;
    case 'evidence found':
      return { ...state };
    case 'run ended':
      // In the middle of a round only its owner ends it.
      if (phase.kind === 'in a round' && event.why !== 'stopped by its owner') return state;
      return { ...state, phase: { kind: 'ended', why: event.why, text: event.text } };
    default:
      return event satisfies never;
  }
}

/** From the newest model, of members of the run. */
const isOfRun = ({ releases, roster }: RunState, { version, members }: RoundOpened): boolean =>
  version === releases.length && members.every((name) => roster.includes(name));

/** The next model, of members of the round that is open, each once. */
function isOfRound(state: RunState, { round, version, contributors, contributions }: Released): boolean {
  const live = liveRound(state);
  if (live?.round !== round || version !== live.version + 1 || contributions.length !== contributors.length)
    return false;
  const isTwice = new Set(contributors).size !== contributors.length;
  return contributors.length > 0 && !isTwice && contributors.every((name) => live.members.includes(name));
}

function joined(state: RunState, { member }: Cause, certificate: string): RunState {
  if (memberOf(state, member) !== undefined) return state;
  const fresh: RunMember = {
    name: member,
    certificate,
    standing: 'offered',
    commitment: undefined,
    revealed: undefined,
    next: 0,
    silent: 0,
    blamed: 0,
    hasSpent: false,
    ignored: 0,
    reported: undefined,
  };
  return { ...state, members: [...state.members, fresh] };
}

function standing(state: RunState, name: string, to: 'accepted' | 'declined'): RunState {
  return memberOf(state, name)?.standing === 'offered' ? withMember(state, name, { standing: to }) : state;
}

/** Of the roster it stays until the next draw: who is gone is missing, and counted so. */
function left(primitives: DrawPrimitives, state: RunState, name: string): RunState {
  const member = memberOf(state, name);
  if (member === undefined || member.standing === 'left' || member.standing === 'declined') return state;
  const next = withMember(state, name, { standing: 'left' });
  const live = liveRound(next);
  if (live === undefined || live.without.includes(name) || !live.members.includes(name)) return next;
  return without(primitives, next, name, live.round, live.phaseSinceMs);
}

function started(state: RunState, members: readonly string[], atMs: number): RunState {
  const { phase } = state;
  const { minimum, maximum } = state.plan.plan.contributors;
  if (members.length < minimum || members.length > maximum) return state;
  // Anew only with others than before: who is the same has drawn.
  if (members.join(' ') === state.roster.join(' ')) return state;
  if (phase.kind === 'in a round' || members.some((name) => memberOf(state, name)?.standing !== 'accepted'))
    return state;
  let next: RunState = { ...state, roster: members, draw: undefined, chapter: state.chapter + 1, epoch: undefined };
  for (const name of members) next = withMember(next, name, { commitment: undefined, revealed: undefined });
  return { ...next, phase: { kind: 'drawing', step: 'committing', sinceMs: atMs } };
}

function drawn(primitives: DrawPrimitives, state: RunState, draw: string): RunState {
  const next: RunState = { ...state, draw, phase: { kind: 'between rounds' } };
  const rule = scheduleRule(state.plan.plan, state.roster.length);
  const permutation = permutationFor(primitives, next);
  const schedule =
    state.schedule === undefined
      ? startSchedule(rule, permutation)
      : // Another draw makes another order by itself; orders are counted by rounds, so that members can tell which one it is.
        startAgain(rule, { ...state.schedule, cycle: state.schedule.cycle - 1 }, permutation);
  return { ...next, schedule };
}

function cohortOpened(state: RunState, event: CohortOpened): RunState {
  const live = liveRound(state);
  const { round, flush, result, sum, contributors, contributions, next: phase, atMs, standing: left } = event;
  if (live?.round !== round || live.flush !== flush || flush + 1 >= live.cohorts.length) return state;
  const cohortsOpened = [...live.cohortsOpened, { result, sum, contributors, contributions }];
  const next = { ...live, flush: flush + 1, cohortsOpened, phase, phaseSinceMs: atMs, heard: [], inputs: [] };
  return { ...withLive(state, next), standing: left };
}

function opened(primitives: DrawPrimitives, state: RunState, event: RoundOpened): RunState {
  const { round, version, modelHash, supportHash, epoch, members, phase, atMs } = event;
  const before = state.epoch?.round === epoch ? state.epoch.models : [];
  const cohorts = cohortsOfRound(primitives, state, version, members);
  const live: LiveRound = {
    round,
    version,
    modelHash,
    supportHash,
    epoch,
    members,
    cohorts,
    flush: 0,
    cohortsOpened: [],
    phase,
    openedAtMs: atMs,
    phaseSinceMs: atMs,
    heard: [],
    inputs: [],
    without: [],
  };
  const next: RunState = {
    ...state,
    phase: { kind: 'in a round', live },
    chapter: state.chapter + 1,
    nextRound: round + 1,
    epoch: { round: epoch, models: [...before, modelHash] },
  };
  return withoutLost(primitives, next, live);
}

/** What is spent does not come back by waiting, as other reasons to let a round pass do. */
function spent(state: RunState, { cause, reasons }: MemberSatOut): RunState {
  const hasSpent = reasons.some(({ code }) => code === 'budget-overrun');
  return hasSpent ? withMember(state, cause.member, { hasSpent }) : state;
}

/** Somebody lets the round pass: its turn is over, and nobody waits for it. */
function without(primitives: DrawPrimitives, state: RunState, name: string, round: number, atMs: number): RunState {
  const live = liveRound(state);
  if (live?.round !== round || live.without.includes(name) || !live.members.includes(name)) {
    // It said so too late: its message is numbered, and changes nothing.
    return memberOf(state, name) === undefined ? state : { ...state };
  }
  const next = withLive(state, { ...live, without: [...live.without, name] });
  return turned(next, scheduled(primitives, next, { kind: 'missing', member: indexOf(next, name) }), atMs);
}

function withSilent(state: RunState, live: LiveRound): RunState {
  const silent = summing(live).filter((name) => !live.heard.includes(name) && !live.without.includes(name));
  return silent.reduce((one, name) => withMember(one, name, { silent: (memberOf(one, name)?.silent ?? 0) + 1 }), state);
}

/** Lost members are not waited for in a round, where the others are enough for it. */
function withoutLost(primitives: DrawPrimitives, state: RunState, live: LiveRound): RunState {
  const lost = live.members.filter((name) => {
    const member = memberOf(state, name);
    return member !== undefined && isLost(member);
  });
  if (live.members.length - lost.length < state.plan.plan.contributors.minimum) return state;
  return lost.reduce((one, name) => without(primitives, one, name, live.round, live.openedAtMs), state);
}

/** Who said nothing when the sum began has no part in it: nobody waits for its words. */
function withoutUnheard(primitives: DrawPrimitives, state: RunState, live: LiveRound, atMs: number): RunState {
  const silent = summing(live).filter((name) => !live.heard.includes(name));
  return silent.reduce((one, name) => without(primitives, one, name, live.round, atMs), state);
}

function released(primitives: DrawPrimitives, state: RunState, event: Released): RunState {
  const { round, version, atMs, modelHash, sum, model, contributors, metrics } = event;
  const next = contributors.reduce(
    (one, name) => withMember(one, name, { blamed: 0, hasSpent: false }),
    withRecord(primitives, state, event.record),
  );
  const loss = metrics.find(({ name }) => name === 'loss')?.value;
  return {
    ...scheduled(primitives, next, { kind: 'released' }),
    phase: { kind: 'between rounds' },
    releases: [...state.releases, { round, version, atMs, modelHash, sum, model, contributors, metrics }],
    standing: event.standing,
    failuresInARow: 0,
    best: loss === undefined ? state.best : bestOf(state.best, loss),
  };
}

function bestOf(best: RunState['best'], loss: number): RunState['best'] {
  return best === undefined || loss < best.loss
    ? { loss, releasesAgo: 0 }
    : { loss: best.loss, releasesAgo: best.releasesAgo + 1 };
}

function failed(primitives: DrawPrimitives, before: RunState, event: RoundFailed): RunState {
  const { record, standing: left, members: named } = event;
  const state = named.reduce(
    (one, name) => withMember(one, name, { blamed: (memberOf(one, name)?.blamed ?? 0) + 1 }),
    before,
  );
  const { schedule, plan, roster } = state;
  if (schedule === undefined) return before;
  const rule = scheduleRule(plan.plan, roster.length);
  return {
    ...withRecord(primitives, state, record),
    phase: { kind: 'between rounds' },
    schedule: startAgain(rule, schedule, permutationFor(primitives, state)),
    standing: left,
    failuresInARow: state.failuresInARow + 1,
    // Who signed or promised in it does so for nothing else: the next round founds its own committee or key.
    epoch: undefined,
  };
}

function scheduled(primitives: DrawPrimitives, state: RunState, event: ScheduleEvent): RunState {
  const { schedule, plan, roster } = state;
  if (schedule === undefined) return state;
  const rule = scheduleRule(plan.plan, roster.length);
  const step = scheduleStep(rule, schedule, event, permutationFor(primitives, state));
  // What the schedule refuses has been looked at before it became an event; a sum that has it all the same is the protocol's.
  return step.kind === 'next' ? { ...state, schedule: step.state } : state;
}

/** A turn's time runs from when it began. */
function turned(before: RunState, after: RunState, atMs: number): RunState {
  const live = liveRound(after);
  if (live === undefined || turnOf(before.schedule) === turnOf(after.schedule)) return after;
  return withLive(after, { ...live, phaseSinceMs: atMs });
}

const turnOf = (schedule: ScheduleState | undefined): number => schedule?.turn ?? 0;

const permutationFor = (primitives: DrawPrimitives, { projectId, runId, roster, draw }: RunState): Permutation =>
  permutationOf(primitives, { projectId, runId }, roster, draw ?? '');

const isIn = ({ roster }: RunState, { member }: Cause): boolean => roster.includes(member);

const indexOf = ({ roster }: RunState, name: string): number => roster.indexOf(name);

const withLive = (state: RunState, live: LiveRound): RunState => ({ ...state, phase: { kind: 'in a round', live } });

function withRecord(primitives: DrawPrimitives, state: RunState, record: LedgerRecord): RunState {
  const { owner, records } = state.ledger;
  return { ...state, ledger: { owner, records: [...records, record], head: recordHash(primitives, record) } };
}

function withMember(state: RunState, name: string, change: Partial<RunMember>): RunState {
  return { ...state, members: state.members.map((one) => (one.name === name ? { ...one, ...change } : one)) };
}
