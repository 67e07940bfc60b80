// What a run is at a moment, as its status says it.

import { liveRound } from '@sumus/federation/run';
import type { RunStatus } from '@sumus/wire/bodies';
import type { RunPlace } from '../run/run-place.ts';

export async function statusOf(place: RunPlace, nowMs: number): Promise<RunStatus> {
  const { create, owner, roundsPaid, isPaused, createdAtMs } = place.office.known;
  const { state, next } = await place.read();
  const live = state === undefined ? undefined : liveRound(state);
  const phase = state?.phase;
  const lastRound = (state?.nextRound ?? 0) - 1;
  return {
    runId: create.runId,
    projectId: create.projectId,
    plan: create.plan.id,
    owner,
    authority: create.authority,
    phase: phase?.kind ?? 'gathering',
    isPaused,
    round: live?.round ?? (lastRound < 0 ? null : lastRound),
    sumPhase: live?.phase ?? null,
    version: state?.releases.length ?? 0,
    roundsAtMost: Math.min(roundsPaid, create.plan.plan.stopping.rounds, 2 ** 31 - 1),
    members: (state?.members ?? []).map(({ name, standing }) => ({
      name,
      standing,
      isListening: place.isListening(name),
    })),
    events: next,
    createdAtMs,
    nowMs,
    ended: phase?.kind === 'ended' ? { why: phase.why, text: phase.text } : null,
  };
}
