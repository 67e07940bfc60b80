// A coordinator made again from its log. Chapters that are over are folded; of the one under way the sum is fed what it was fed, in that order
// and at those times, and members are told what they were told, byte for byte, but nothing is sent: who misses something asks. A sum that was
// opened is an event, and no event is undone: nothing is opened twice.

import { MalformedMessage } from '../../errors.ts';
import { publishedFromBytes } from '../../release/published-bytes.ts';
import { decodeStanding, freshStanding } from '../../sum/coordinator/standing.ts';
import type { BlobName, RunEvent } from '../events.ts';
import { fold } from '../fold.ts';
import { cohortsOfRound, liveRound, type RunState } from '../state.ts';
import { settle } from './decide.ts';
import { absorb, beginSum, feedSum, forward, required } from './live-sum.ts';
import { answerOf } from './machine.ts';
import type { CoordinatorSetup, CoordinatorStep, RunCoordinator } from './setup.ts';
import { tell, tellTurn } from './telling.ts';
import { Work } from './work.ts';

/** All events of a log. What follows from them and was cut off by a crash comes out as new events. */
export async function restoreRun(
  setup: CoordinatorSetup,
  events: readonly RunEvent[],
  nowMs: number,
): Promise<CoordinatorStep> {
  const from = lastChapter(events);
  const before = foldAll(setup, undefined, events.slice(0, from));
  const [first, ...rest] = events.slice(from);
  if (first === undefined) throw new MalformedMessage('a log without events is no run');
  const state = before ?? foldAll(setup, undefined, [first]);
  if (state === undefined) throw new MalformedMessage('a log begins with the creation of its run');
  let coordinator = await standing(setup, state);
  for (const event of before === undefined ? rest : [first, ...rest])
    coordinator = await replayed(setup, coordinator, event);
  const work = new Work(setup, { ...coordinator, restoredAtMs: nowMs }, nowMs);
  await settle(work);
  return answerOf(work.done(), work);
}

/** Where the newest chapter begins: everything that members were told since then is told again on demand. */
function lastChapter(events: readonly RunEvent[]): number {
  const at = events.findLastIndex(({ kind }) => kind === 'round opened' || kind === 'run started');
  return Math.max(0, at);
}

/** E_MALFORMED by the number of the event that does not follow. */
export function foldAll(
  { primitives }: Pick<CoordinatorSetup, 'primitives'>,
  from: RunState | undefined,
  events: readonly RunEvent[],
): RunState | undefined {
  let state = from;
  for (const [at, event] of events.entries()) {
    const next = fold(primitives, state, event);
    if (next === state)
      throw new MalformedMessage(`event ${at} of the log, ${event.kind}, does not follow from those before`);
    state = next;
  }
  return state;
}

async function standing(setup: CoordinatorSetup, state: RunState): Promise<RunCoordinator> {
  const { primitives } = setup;
  const model = state.releases.at(-1)?.model ?? state.first.model;
  const blob = async (name: BlobName): Promise<Uint8Array> => new Work(setup, empty(state), 0).read(name);
  return {
    ...empty(state),
    standing: state.standing === undefined ? freshStanding() : decodeStanding(primitives, await blob(state.standing)),
    published: model === null ? undefined : publishedFromBytes(state.plan.plan, await blob(model)),
  };
}

const empty = (state: RunState): RunCoordinator => ({
  state,
  live: undefined,
  standing: freshStanding(),
  published: undefined,
  restoredAtMs: undefined,
  outbox: new Map(),
});

async function replayed(
  setup: CoordinatorSetup,
  coordinator: RunCoordinator,
  event: RunEvent,
): Promise<RunCoordinator> {
  const work = new Work(setup, coordinator, event.atMs);
  const before = work.state;
  const step = await sumStep(work, event);
  if (step !== undefined) absorb(work, step.agreement, step.step);
  if (event.kind === 'released' || event.kind === 'round failed') {
    work.live = undefined;
    work.standing = decodeStanding(setup.primitives, await work.read(event.standing));
  }
  if (event.kind === 'released' && event.model !== null) {
    work.published = publishedFromBytes(work.state.plan.plan, await work.read(event.model));
  }
  work.happen(event);
  await tell(work, before, event);
  if (event.kind === 'round opened') await tellTurn(work, before);
  if (step !== undefined) await forward(work, step.step, step.round);
  return work.done();
}

async function sumStep(work: Work, event: RunEvent) {
  switch (event.kind) {
    case 'round opened': {
      const { round, version, modelHash, supportHash, epoch, members } = event;
      const known = work.state.epoch;
      const models = [...(known?.round === epoch ? known.models : []), modelHash];
      const [cohort = members] = cohortsOfRound(work.setup.primitives, work.state, version, members);
      const toOpen = { round, flush: 0, modelHash, supportHash, epoch, models, members: cohort };
      return { ...(await beginSum(work, toOpen)), round };
    }
    case 'cohort opened': {
      work.live = undefined;
      work.standing = decodeStanding(work.setup.primitives, await work.read(event.standing));
      const live = liveRound(work.state);
      if (live === undefined) throw new MalformedMessage('a cohort of no round was opened');
      const { round, modelHash, supportHash, epoch, cohorts } = live;
      const flush = event.flush + 1;
      const models = work.state.epoch?.models ?? [];
      const members = cohorts[flush] ?? [];
      return { ...(await beginSum(work, { round, flush, modelHash, supportHash, epoch, models, members })), round };
    }
    case 'frame taken': {
      const { agreement } = required(work);
      const bytes = await work.read(event.frame);
      return { agreement, step: await feedSum(work, { kind: 'received', bytes }), round: event.round };
    }
    case 'phase closed': {
      const { agreement } = required(work);
      return { agreement, step: await feedSum(work, { kind: 'close' }), round: event.round };
    }
    default:
      return undefined;
  }
}
