// What follows by itself, from the state and the clock: the run starts, draws, opens rounds, closes phases, publishes, and ends. One thing at a
// time, until nothing follows. A restart asks the same question, so what a crash cut off is decided again, the same way.

import { hexOf } from '../../canonical/utf8.ts';
import { sumsBeforeRounds } from '../../plan/column-sums.ts';
import type { Plan } from '../../plan/plan.ts';
import { isComplete, phaseOf } from '../../sum/coordinator/machine.ts';
import type { CoordinatorSum } from '../../sum/sum.ts';
import { drawOf } from '../draw.ts';
import type { EndOfRun } from '../events.ts';
import { roundTerms } from '../round-terms.ts';
import {
  awaitedNow,
  cohortsOfRound,
  isLost,
  type LiveRound,
  liveRound,
  memberOf,
  type RunState,
  summing,
} from '../state.ts';
import { absorb, beginSum, feedSum, forward, presentOf, required, termsOf } from './live-sum.ts';
import { accuse, endSum, failRound, publish, toPublishOf } from './publish.ts';
import { happen } from './received.ts';
import { newestModel, tell, tellTurn } from './telling.ts';
import type { Work } from './work.ts';

/** `mayStart`: the owner said so; else a run starts when it is full. */
export async function settle(work: Work, mayStart = false): Promise<void> {
  while (await decided(work, mayStart));
}

/** Whether something followed. */
async function decided(work: Work, mayStart: boolean): Promise<boolean> {
  const { state, nowMs } = work;
  const { phase, plan } = state;
  if (phase.kind === 'ended') return false;
  if (phase.kind === 'in a round') return inRound(work, phase.live);
  if (nowMs > plan.plan.deadline.endsAtMs) return end(work, 'time is over', 'The last moment of the plan has passed.');
  switch (phase.kind) {
    case 'gathering': {
      const ready = acceptedOf(state);
      const wanted = mayStart ? fewestMembers(plan.plan) : mostMembers(plan.plan);
      return ready.length >= wanted && start(work, ready);
    }
    case 'drawing':
      return drawing(work, phase.sinceMs);
    case 'between rounds':
      return betweenRounds(work);
    default:
      return phase satisfies never;
  }
}

/** Fewer cannot do what the plan says: too few contributors, or a committee or key that they cannot fill. */
function fewestMembers({ contributors, protection }: Plan): number {
  const { minimum } = contributors;
  if (protection.kind === 'one-shot') return Math.max(minimum, protection.committee.members);
  return protection.kind === 'threshold' ? Math.max(minimum, protection.members) : minimum;
}

/** More than hold shares of a key cannot be in its sums. */
const mostMembers = ({ contributors, protection }: Plan): number =>
  protection.kind === 'threshold' ? Math.min(contributors.maximum, protection.members) : contributors.maximum;

const acceptedOf = ({ members, plan }: RunState): readonly string[] =>
  members
    .filter(({ standing }) => standing === 'accepted')
    .map(({ name }) => name)
    .slice(0, mostMembers(plan.plan))
    .sort();

async function start(work: Work, members: readonly string[]): Promise<boolean> {
  await happen(work, { kind: 'run started', atMs: work.nowMs, members });
  return true;
}

async function end(work: Work, why: EndOfRun, text: string): Promise<boolean> {
  await happen(work, { kind: 'run ended', atMs: work.nowMs, why, text });
  return true;
}

const tooFew = (work: Work, count: number): Promise<boolean> =>
  end(work, 'too few members', `${count} members are left, the plan needs ${fewestMembers(work.state.plan.plan)}.`);

async function giveUp(work: Work, members: readonly string[], reason: string): Promise<boolean> {
  for (const member of members) {
    await happen(work, { kind: 'member left', atMs: work.nowMs, member, cause: null, reason });
  }
  return members.length > 0;
}

/** Windows that a phase may take from when it began, however often the coordinator is down. */
const WINDOWS_AT_MOST = 4;
/** Of a window: after a restart members notice in that time, and say again what is missing. */
const TIME_TO_NOTICE = 1 / 2;

/**
 * When that is over which began at `sinceMs`. Nobody could answer a coordinator that was down, so a restart gives the whole time anew; but by the
 * log's own times no phase takes more than a few windows, or one that falls again and again would never reach an end.
 */
function deadlineMs({ state, restoredAtMs }: Work, sinceMs: number): number {
  const windowMs = state.plan.plan.deadline.roundSeconds * 1000;
  const ordinary = sinceMs + windowMs;
  if (restoredAtMs === undefined || restoredAtMs <= sinceMs) return ordinary;
  const anew = Math.min(restoredAtMs + windowMs, sinceMs + WINDOWS_AT_MOST * windowMs);
  return Math.max(ordinary, anew, restoredAtMs + TIME_TO_NOTICE * windowMs);
}

async function drawing(work: Work, sinceMs: number): Promise<boolean> {
  const { state, setup, nowMs } = work;
  const { roster, phase } = state;
  const present = presentOf(state);
  if (present.length < roster.length) return startAnew(work);
  const isRevealing = phase.kind === 'drawing' && phase.step === 'revealing';
  const isMissing = (name: string): boolean => {
    const one = memberOf(state, name);
    return (isRevealing ? one?.revealed : one?.commitment) === undefined;
  };
  const missing = roster.filter(isMissing);
  if (missing.length > 0) {
    return nowMs >= deadlineMs(work, sinceMs) && giveUp(work, missing, 'it did not answer the draw in time');
  }
  const values = roster.map((name) => memberOf(state, name)?.revealed ?? '');
  const value = drawOf(setup.primitives, state.runId, roster, values);
  await happen(work, { kind: 'order drawn', atMs: nowMs, value });
  return true;
}

async function startAnew(work: Work): Promise<boolean> {
  const ready = acceptedOf(work.state);
  return ready.length < fewestMembers(work.state.plan.plan) ? tooFew(work, ready.length) : start(work, ready);
}

/** Rounds in a row that may fail for one member, before the others go on without it: one cannot stop a run. */
const BLAMED_AT_MOST = 2;

async function betweenRounds(work: Work): Promise<boolean> {
  const { state, setup } = work;
  const { stopping } = state.plan.plan;
  const present = presentOf(state);
  if (isWaitingForReports(work, present)) return false;
  const sums = sumsBeforeRounds(state.plan.plan) + Math.min(stopping.rounds, setup.roundsPaid);
  if (state.releases.length >= sums || setup.roundsPaid < 1) {
    return end(work, 'all rounds done', `${state.releases.length} sums were published.`);
  }
  if (stopping.patienceRounds !== null && (state.best?.releasesAgo ?? 0) >= stopping.patienceRounds) {
    const text = `The loss has not fallen for ${stopping.patienceRounds} rounds; the lowest was ${state.best?.loss}.`;
    return end(work, 'loss stopped falling', text);
  }
  const spent = present.filter((name) => memberOf(state, name)?.hasSpent === true);
  const { minimum } = state.plan.plan.contributors;
  if (spent.length > 0 && present.length - spent.length < minimum) {
    const text = `${spent.length} of ${present.length} members have spent what they may; a sum needs ${minimum}.`;
    return end(work, 'the budget is spent', text);
  }
  const stalling = present.filter((name) => (memberOf(state, name)?.blamed ?? 0) >= BLAMED_AT_MOST);
  if (stalling.length > 0) return giveUp(work, stalling, `${BLAMED_AT_MOST} rounds in a row failed for it`);
  const away = lostOfCohort(state);
  if (away.length > 0) return giveUp(work, away, 'it was away for two deadlines, and its cohort is too few without it');
  if (state.failuresInARow >= setup.failuresAtMost) {
    return end(work, 'rounds keep failing', `${state.failuresInARow} rounds failed one after the other.`);
  }
  if (present.length < fewestMembers(state.plan.plan)) return tooFew(work, present.length);
  const { modelHash } = newestModel(state);
  if (modelHash === null) {
    return end(work, 'members disagree', 'No model is the one that more than half of the members came to.');
  }
  const others = strangersTo(state, present, modelHash);
  if (others.length > 0) return giveUp(work, others, 'it came to another model than the others');
  const isChanged =
    present.length < state.roster.length || acceptedOf(state).some((name) => !state.roster.includes(name));
  return isChanged ? startAnew(work) : openRound(work, modelHash);
}

/** A drawn cohort is the same until the model changes: who of it is lost is given up where the others are too few, and all draw anew. */
function lostOfCohort(state: RunState): readonly string[] {
  const { exchange, contributors } = state.plan.plan;
  if (exchange.schedule !== 'synchronous' || exchange.cohort.kind !== 'sampled') return [];
  const cohort = (state.schedule?.members ?? []).map((index) => state.roster[index] ?? '');
  const lost = cohort.filter((name) => {
    const member = memberOf(state, name);
    return member !== undefined && member.standing === 'accepted' && isLost(member);
  });
  return cohort.length - lost.length < contributors.minimum ? lost : [];
}

/** Everybody computes the model that came out of the last sum; who takes too long is waited for no longer, and catches up. */
function isWaitingForReports(work: Work, present: readonly string[]): boolean {
  const { state, nowMs } = work;
  const last = state.releases.at(-1);
  if (last === undefined) return false;
  const isAwaited = present.some((name) => {
    const member = memberOf(state, name);
    return member !== undefined && member.silent === 0 && member.reported?.version !== last.version;
  });
  return isAwaited && nowMs < deadlineMs(work, last.atMs);
}

const strangersTo = (state: RunState, present: readonly string[], modelHash: string): readonly string[] =>
  present.filter((name) => {
    const reported = memberOf(state, name)?.reported;
    return reported?.version === state.releases.length && reported.modelHash !== modelHash;
  });

async function openRound(work: Work, modelHash: string): Promise<boolean> {
  const { state, setup, nowMs } = work;
  const { roster, schedule, epoch, nextRound: round } = state;
  const before = state;
  const members = (schedule?.members ?? []).map((index) => roster[index]!);
  const founded = epoch?.round ?? round;
  const terms = roundTerms(setup.primitives, termsOf(state), { round, epoch: founded }, work.published);
  if (terms === undefined) return end(work, 'members disagree', 'The support of the next round is not known.');
  const supportHash = hexOf(terms.support.hash);
  const models = [...(epoch?.models ?? []), modelHash];
  const [cohort = members] = cohortsOfRound(setup.primitives, state, state.releases.length, members);
  const toOpen = { round, flush: 0, modelHash, supportHash, epoch: founded, models, members: cohort };
  const { agreement, step } = await beginSum(work, toOpen);
  const accusations = absorb(work, agreement, step);
  work.happen({
    kind: 'round opened',
    atMs: nowMs,
    round,
    version: state.releases.length,
    modelHash,
    supportHash,
    epoch: founded,
    members: members,
    phase: phaseOf(step.state),
  });
  const opened = work.events.at(-1);
  if (opened !== undefined) await tell(work, before, opened);
  await tellTurn(work, before);
  await forward(work, step, round);
  accuse(work, round, accusations);
  return true;
}

async function inRound(work: Work, live: LiveRound): Promise<boolean> {
  const { sum, opened, aborted } = required(work);
  const before = work.state;
  if (opened !== undefined || aborted !== undefined) {
    if (opened !== undefined && live.flush + 1 < live.cohorts.length) return nextCohort(work, live, opened);
    if (opened !== undefined) await publish(work, live, opened);
    else if (aborted !== undefined) await failRound(work, live, aborted);
    await tell(work, before, work.events.at(-1)!);
    return true;
  }
  const isLate = work.nowMs >= deadlineMs(work, live.phaseSinceMs);
  const everybody = summing(live).filter((name) => !live.without.includes(name));
  switch (phaseOf(sum)) {
    case 'contributing':
      return contributing(work, live, isLate);
    case 'gathering':
      if (everybody.every((name) => live.heard.includes(name))) return close(work, 'everybody answered');
      return isLate && close(work, 'time is up');
    default:
      if (isComplete(sum)) return close(work, 'everybody answered');
      return isLate && close(work, 'time is up');
  }
}

/** One cohort's sum is opened; the next one's begins, on what the first left. */
async function nextCohort(work: Work, live: LiveRound, opened: CoordinatorSum): Promise<boolean> {
  const before = work.state;
  const { round, modelHash, supportHash, epoch, flush, cohorts } = live;
  const { contributors, result } = toPublishOf(before.plan.id, round, opened);
  const standing = endSum(work);
  const members = cohorts[flush + 1] ?? [];
  const models = before.epoch?.models ?? [];
  const toOpen = { round, flush: flush + 1, modelHash, supportHash, epoch, models, members };
  const { agreement, step } = await beginSum(work, toOpen);
  const accusations = absorb(work, agreement, step);
  await happen(work, {
    kind: 'cohort opened',
    atMs: work.nowMs,
    round,
    flush,
    result,
    sum: work.keep(opened.published ?? new Uint8Array(0)),
    contributors: contributors.map(({ member }) => member),
    contributions: contributors.map(({ contribution }) => contribution),
    standing,
    next: phaseOf(step.state),
  });
  await forward(work, step, round);
  accuse(work, round, accusations);
  return true;
}

async function contributing(work: Work, live: LiveRound, isLate: boolean): Promise<boolean> {
  const { state } = work;
  const { round } = live;
  const { schedule } = state.plan.plan.exchange;
  const isLast = live.flush === live.cohorts.length - 1;
  if (isLast && state.schedule?.phase !== 'collecting') return close(work, 'everybody answered');
  switch (schedule) {
    case 'round-robin':
    case 'random-order': {
      const member = awaitedNow(state)[0];
      if (!isLate || member === undefined) return false;
      await happen(work, { kind: 'turn passed', atMs: work.nowMs, round, member });
      return true;
    }
    // A buffer closes on its number alone.
    case 'asynchronous':
      return false;
    case 'synchronous':
    case 'one-round':
      if (isComplete(required(work).sum)) return close(work, 'everybody answered');
      return isLate && close(work, 'time is up');
    default:
      return schedule satisfies never;
  }
}

async function close(work: Work, why: 'everybody answered' | 'time is up'): Promise<boolean> {
  const live = liveRound(work.state);
  const { agreement } = required(work);
  if (live === undefined) return false;
  const { round, phase } = live;
  const step = await feedSum(work, { kind: 'close' });
  const accusations = absorb(work, agreement, step);
  await happen(work, { kind: 'phase closed', atMs: work.nowMs, round, phase, next: phaseOf(step.state), why });
  await forward(work, step, round);
  accuse(work, round, accusations);
  return true;
}
