// A round as a fold over its events: opened, fed, its phases closed, released or failed. Part of fold.ts, and like it: what does not follow
// leaves the state as it is.

import { scheduleRule, startAgain } from '../exchange/schedule.ts';
import type { DrawPrimitives } from './draw.ts';
import type {
  CohortOpened,
  FrameTaken,
  MemberSatOut,
  PhaseClosed,
  Released,
  RoundFailed,
  RoundOpened,
} from './events.ts';
import { cohortsOfRound, isLost, type LiveRound, liveRound, memberOf, type RunState, summing } from './state.ts';
import {
  indexOf,
  permutationFor,
  scheduled,
  turned,
  withLive,
  withMember,
  without,
  withRecord,
} from './state-changes.ts';

/** From the newest model, of members of the run. */
export const isOfRun = ({ releases, roster }: RunState, { version, members }: RoundOpened): boolean =>
  version === releases.length && members.every((name) => roster.includes(name));

/** The next model, of members of the round that is open, each once. */
export function isOfRound(state: RunState, { round, version, contributors, contributions }: Released): boolean {
  const live = liveRound(state);
  if (live?.round !== round || version !== live.version + 1 || contributions.length !== contributors.length)
    return false;
  const isTwice = new Set(contributors).size !== contributors.length;
  return contributors.length > 0 && !isTwice && contributors.every((name) => live.members.includes(name));
}

/** A message of the sum under way; words may be among it. */
export function frameTaken(primitives: DrawPrimitives, state: RunState, event: FrameTaken): RunState {
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

export function phaseClosed(primitives: DrawPrimitives, state: RunState, event: PhaseClosed): RunState {
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

export function cohortOpened(state: RunState, event: CohortOpened): RunState {
  const live = liveRound(state);
  const { round, flush, result, sum, contributors, contributions, next: phase, atMs, standing: left } = event;
  if (live?.round !== round || live.flush !== flush || flush + 1 >= live.cohorts.length) return state;
  const cohortsOpened = [...live.cohortsOpened, { result, sum, contributors, contributions }];
  const next = { ...live, flush: flush + 1, cohortsOpened, phase, phaseSinceMs: atMs, heard: [], inputs: [] };
  return { ...withLive(state, next), standing: left };
}

export function opened(primitives: DrawPrimitives, state: RunState, event: RoundOpened): RunState {
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
export function spent(state: RunState, { cause, reasons }: MemberSatOut): RunState {
  const hasSpent = reasons.some(({ code }) => code === 'budget-overrun');
  return hasSpent ? withMember(state, cause.member, { hasSpent }) : state;
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

export function released(primitives: DrawPrimitives, state: RunState, event: Released): RunState {
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

export function failed(primitives: DrawPrimitives, before: RunState, event: RoundFailed): RunState {
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
