// The schedules of an exchange as one fold over events: who may contribute now, and when a sum is released. Pure, and the same for a
// coordinator, a replay and an auditor. It holds indices of members and versions of the model, never a value of an update.
//
//   synchronous, one-round   everybody (or the cohort) in any order; released when all came, or at the end of the window with at least
//                            the minimum
//   round-robin, random      one after the other; a member that is missing loses its turn; released after the cycle (or the window), or
//                            after every turn where the plan says so
//   asynchronous             whenever ready, once a buffer, against a model at most `atMost` versions old; released when the buffer is
//                            full, and never before: its noise and its floor count on that number
//
// A release of fewer than the minimum is no event of this fold: the round fails instead, as a value. What a member did wrong is a value
// too, with its reason: the coordinator answers with it, and an auditor finds the same.

import { ParameterError } from '../errors.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { Asynchronous, Exchange } from '../plan/plan.ts';
import { contributionsInSum } from '../plan/sums.ts';
import { membersOf, type Permutation } from './order.ts';

/** What a schedule needs of a plan. */
export interface ScheduleRule {
  readonly exchange: Exchange;
  readonly memberCount: number;
  /** Fewest contributions of a release: 1 only where the plan releases turns. */
  readonly fewest: number;
}

export interface ScheduleState {
  /** Releases so far: the version of the model. */
  readonly version: number;
  /** Members of this release; in turns, in the order of their turns. */
  readonly members: readonly number[];
  /** Orders so far: one a release, but where every turn is released one for all of them. */
  readonly cycle: number;
  /** Turns that are over; 0 where there are none. */
  readonly turn: number;
  /** Whose contributions wait for the release, in the order in which they came. */
  readonly contributors: readonly number[];
  readonly missing: readonly number[];
  readonly phase: 'collecting' | 'due' | 'failed';
}

export type ScheduleEvent =
  | {
      readonly kind: 'contributed';
      readonly member: number /** Version of the model that it trained from. */;
      readonly version: number;
    }
  /** It left, or let its turn pass. */
  | { readonly kind: 'missing'; readonly member: number }
  | { readonly kind: 'window over' }
  /** The sum was opened and the next model published. */
  | { readonly kind: 'released' };

export type ScheduleStep =
  | { readonly kind: 'next'; readonly state: ScheduleState }
  | { readonly kind: 'refused'; readonly reason: ScheduleRefusal; readonly text: string };

export type ScheduleRefusal =
  | 'not in this release'
  | 'not its turn'
  | 'twice in a release'
  | 'another model'
  | 'too stale'
  | 'not collecting'
  | 'nothing is due';

export function scheduleRule(plan: CheckedPlan, memberCount: number): ScheduleRule {
  const { minimum, maximum } = plan.contributors;
  if (!Number.isSafeInteger(memberCount) || memberCount < minimum || memberCount > maximum) {
    throw new ParameterError(`${memberCount} members, the plan has ${minimum} to ${maximum}`);
  }
  return { exchange: plan.exchange, memberCount, fewest: contributionsInSum(plan).fewest };
}

export const startSchedule = (rule: ScheduleRule, permutation: Permutation): ScheduleState =>
  collecting(rule, { version: 0, cycle: 0 }, permutation);

/** The same model again, for the next order: after a sum that failed, or when the members are others than before. */
export const startAgain = (
  rule: ScheduleRule,
  { version, cycle }: Pick<ScheduleState, 'version' | 'cycle'>,
  permutation: Permutation,
): ScheduleState => collecting(rule, { version, cycle: cycle + 1 }, permutation);

export function scheduleStep(
  rule: ScheduleRule,
  state: ScheduleState,
  event: ScheduleEvent,
  permutation: Permutation,
): ScheduleStep {
  switch (event.kind) {
    case 'contributed':
      return contributed(rule, state, event, permutation);
    case 'missing': {
      if (state.phase !== 'collecting') return refused('not collecting', `release ${state.version} is ${state.phase}`);
      if (!state.members.includes(event.member) || hasAnswered(rule.exchange, state, event.member)) {
        return refused('not in this release', `member ${event.member} is not awaited in release ${state.version}`);
      }
      return next(settled(rule, { ...state, missing: [...state.missing, event.member] }, permutation));
    }
    case 'window over':
      if (state.phase !== 'collecting') return refused('not collecting', `release ${state.version} is ${state.phase}`);
      // A buffer has no window: closing it early would release a sum of fewer than its noise was made for.
      if (rule.exchange.schedule === 'asynchronous') return next(state);
      return next(closed(rule, state));
    case 'released':
      if (state.phase !== 'due') return refused('nothing is due', `release ${state.version} is ${state.phase}`);
      return next(afterRelease(rule, state, permutation));
    default:
      return event satisfies never;
  }
}

/** Who may contribute now. In turns: one member. */
export function awaited({ exchange }: Pick<ScheduleRule, 'exchange'>, state: ScheduleState): readonly number[] {
  if (state.phase !== 'collecting') return [];
  if (isInTurns(exchange)) return state.members.slice(state.turn, state.turn + 1);
  return state.members.filter((member) => !hasAnswered(exchange, state, member));
}

const isInTurns = ({ schedule }: Exchange): boolean => schedule === 'round-robin' || schedule === 'random-order';
const releasesTurns = (exchange: Exchange): boolean => 'release' in exchange && exchange.release.after === 'turn';
const hasAnswered = (
  exchange: Exchange,
  { members, turn, contributors, missing }: ScheduleState,
  member: number,
): boolean =>
  contributors.includes(member) ||
  missing.includes(member) ||
  (isInTurns(exchange) && members.indexOf(member) < turn && members.includes(member));
const next = (state: ScheduleState): ScheduleStep => ({ kind: 'next', state });
const refused = (reason: ScheduleRefusal, text: string): ScheduleStep => ({ kind: 'refused', reason, text });

function collecting(
  { exchange, memberCount }: ScheduleRule,
  { version, cycle }: { readonly version: number; readonly cycle: number },
  permutation: Permutation,
): ScheduleState {
  const members = membersOf(exchange, { memberCount, cycle, version }, permutation);
  return { version, cycle, members, turn: 0, contributors: [], missing: [], phase: 'collecting' };
}

function contributed(
  rule: ScheduleRule,
  state: ScheduleState,
  { member, version }: { readonly member: number; readonly version: number },
  permutation: Permutation,
): ScheduleStep {
  const { exchange } = rule;
  if (state.phase !== 'collecting') return refused('not collecting', `release ${state.version} is ${state.phase}`);
  if (!state.members.includes(member)) {
    return refused('not in this release', `member ${member} is not in release ${state.version}`);
  }
  if (hasAnswered(exchange, state, member)) {
    return refused('twice in a release', `member ${member} has had its place in release ${state.version}`);
  }
  if (!awaited(rule, state).includes(member)) {
    return refused('not its turn', `it is the turn of member ${state.members[state.turn]}, not of ${member}`);
  }
  const age = state.version - version;
  if (!Number.isSafeInteger(version) || version < 0 || age < 0) {
    return refused('another model', `version ${version} is no model that was released; the newest is ${state.version}`);
  }
  if (exchange.schedule === 'asynchronous') {
    const { atMost } = exchange.staleness;
    if (age > atMost) return refused('too stale', `a contribution is ${age} versions old, more than ${atMost}`);
  } else if (age > 0) {
    return refused('another model', `it was made from version ${version}, the model is version ${state.version}`);
  }
  return next(settled(rule, { ...state, contributors: [...state.contributors, member] }, permutation));
}

/** Moves the turn on past everybody who answered, and closes what is complete. */
function settled(rule: ScheduleRule, state: ScheduleState, permutation: Permutation): ScheduleState {
  const { exchange } = rule;
  const { members, contributors, missing } = state;
  if (isInTurns(exchange)) {
    let { turn } = state;
    while (turn < members.length && hasAnswered(exchange, { ...state, turn }, members[turn] ?? -1)) turn += 1;
    const moved = { ...state, turn };
    if (releasesTurns(exchange)) {
      if (contributors.length > 0) return closed(rule, moved);
      // The last turns of the order were let pass: the next order begins.
      if (turn === members.length) return collecting(rule, { ...state, cycle: state.cycle + 1 }, permutation);
      return moved;
    }
    return turn === members.length ? closed(rule, moved) : moved;
  }
  if (exchange.schedule === 'asynchronous') {
    if (contributors.length === bufferOf(exchange)) return closed(rule, state);
    // Those who left may leave too few to fill the buffer ever.
    return members.length - missing.length < bufferOf(exchange) ? { ...state, phase: 'failed' } : state;
  }
  return contributors.length + missing.length === members.length ? closed(rule, state) : state;
}

const bufferOf = ({ release, buffer }: Asynchronous): number => (release.after === 'turn' ? 1 : buffer);

const closed = ({ fewest }: ScheduleRule, state: ScheduleState): ScheduleState => ({
  ...state,
  phase: state.contributors.length >= fewest ? 'due' : 'failed',
});

function afterRelease(rule: ScheduleRule, state: ScheduleState, permutation: Permutation): ScheduleState {
  const version = state.version + 1;
  const isMidCycle = isInTurns(rule.exchange) && releasesTurns(rule.exchange) && state.turn < state.members.length;
  // The order goes on with the next turn; who let a later one pass has done so.
  if (isMidCycle) return { ...state, version, contributors: [], phase: 'collecting' };
  return collecting(rule, { version, cycle: state.cycle + 1 }, permutation);
}
