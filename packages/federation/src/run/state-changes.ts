// What events do to a state, in small: a member that is missing, a turn that moves on, a record that continues the ledger. fold.ts and
// fold-round.ts are made of these. Each answers with a new state, or with the same one where nothing follows.

import type { Permutation } from '../exchange/order.ts';
import { type ScheduleEvent, type ScheduleState, scheduleRule, scheduleStep } from '../exchange/schedule.ts';
import { type LedgerRecord, recordHash } from '../ledger/record.ts';
import { type DrawPrimitives, permutationOf } from './draw.ts';
import { type LiveRound, liveRound, memberOf, type RunMember, type RunState } from './state.ts';

/** Somebody lets the round pass: its turn is over, and nobody waits for it. */
export function without(
  primitives: DrawPrimitives,
  state: RunState,
  name: string,
  round: number,
  atMs: number,
): RunState {
  const live = liveRound(state);
  if (live?.round !== round || live.without.includes(name) || !live.members.includes(name)) {
    // It said so too late: its message is numbered, and changes nothing.
    return memberOf(state, name) === undefined ? state : { ...state };
  }
  const next = withLive(state, { ...live, without: [...live.without, name] });
  return turned(next, scheduled(primitives, next, { kind: 'missing', member: indexOf(next, name) }), atMs);
}

export function scheduled(primitives: DrawPrimitives, state: RunState, event: ScheduleEvent): RunState {
  const { schedule, plan, roster } = state;
  if (schedule === undefined) return state;
  const rule = scheduleRule(plan.plan, roster.length);
  const step = scheduleStep(rule, schedule, event, permutationFor(primitives, state));
  // What the schedule refuses has been looked at before it became an event; a sum that has it all the same is the protocol's.
  return step.kind === 'next' ? { ...state, schedule: step.state } : state;
}

/** A turn's time runs from when it began. */
export function turned(before: RunState, after: RunState, atMs: number): RunState {
  const live = liveRound(after);
  if (live === undefined || turnOf(before.schedule) === turnOf(after.schedule)) return after;
  return withLive(after, { ...live, phaseSinceMs: atMs });
}

const turnOf = (schedule: ScheduleState | undefined): number => schedule?.turn ?? 0;

export const permutationFor = (primitives: DrawPrimitives, { projectId, runId, roster, draw }: RunState): Permutation =>
  permutationOf(primitives, { projectId, runId }, roster, draw ?? '');

export const indexOf = ({ roster }: RunState, name: string): number => roster.indexOf(name);

export const withLive = (state: RunState, live: LiveRound): RunState => ({
  ...state,
  phase: { kind: 'in a round', live },
});

export function withRecord(primitives: DrawPrimitives, state: RunState, record: LedgerRecord): RunState {
  const { owner, records } = state.ledger;
  return { ...state, ledger: { owner, records: [...records, record], head: recordHash(primitives, record) } };
}

export function withMember(state: RunState, name: string, change: Partial<RunMember>): RunState {
  return { ...state, members: state.members.map((one) => (one.name === name ? { ...one, ...change } : one)) };
}
