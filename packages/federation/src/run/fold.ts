// A run as a fold over its events: fold(state, event) → state. Pure, and total: an event that does not follow from a state leaves that state
// as it is, the same object, which whoever reads a log from elsewhere takes for damage. What decides which event comes next is in
// coordinator/; nothing here decides. What rounds do to a state is in fold-round.ts.

import { bytesOfHex } from '../canonical/utf8.ts';
import { scheduleRule, startAgain, startSchedule } from '../exchange/schedule.ts';
import { emptyLedger } from '../ledger/ledger.ts';
import type { DrawPrimitives } from './draw.ts';
import type { Cause, RunCreated, RunEvent } from './events.ts';
import {
  cohortOpened,
  failed,
  frameTaken,
  isOfRound,
  isOfRun,
  opened,
  phaseClosed,
  released,
  spent,
} from './fold-round.ts';
import { liveRound, memberOf, nextOf, type RunMember, type RunState } from './state.ts';
import { permutationFor, withMember, without, withRecord } from './state-changes.ts';

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
    case 'frame taken':
      return frameTaken(primitives, state, event);
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
    case 'phase closed':
      return phaseClosed(primitives, state, event);
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

const isIn = ({ roster }: RunState, { member }: Cause): boolean => roster.includes(member);
