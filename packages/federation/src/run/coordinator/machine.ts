// The coordinator of a run: a fold over an append-only log of events. Begun by createRun, moved by advance, and after a crash made again from
// the log by restore. Pure: clock, keys and stored blobs are handed in, and what is to be stored, sent and appended comes out.
//
//   advance(setup, coordinator, input, nowMs) → { coordinator, events, blobs, outputs }       fold(events) = coordinator.state
//
// Whatever throws did not happen, and the coordinator that was handed in stands. One that was stepped from is not stepped from again.

import { stepOnce } from '@sumus/secure-sum/machine/once';
import { hexOf } from '../../canonical/utf8.ts';
import { ParameterError } from '../../errors.ts';
import type { SignedPlan } from '../../plan/plan-file.ts';
import type { Published } from '../../release/published.ts';
import { bytesOfPublished } from '../../release/published-bytes.ts';
import { freshStanding } from '../../sum/coordinator/standing.ts';
import type { RunCreated } from '../events.ts';
import { fold } from '../fold.ts';
import { blobName } from '../frame.ts';
import { settle } from './decide.ts';
import { happen, receive } from './received.ts';
import type {
  CoordinatorInput,
  CoordinatorOutput,
  CoordinatorSetup,
  CoordinatorStep,
  RunCoordinator,
} from './setup.ts';
import { Work } from './work.ts';

export interface RunToCreate {
  /** Names, as secure-sum has them: a project's certificates are for it alone, and rounds are counted in a run. */
  readonly projectId: string;
  readonly runId: string;
  readonly plan: SignedPlan;
  /** startPublished(plan, firstWeightsOf(plan)): made by who has learning, and checked by every participant. */
  readonly first: Published;
}

export function createRun(
  setup: CoordinatorSetup,
  { projectId, runId, plan, first }: RunToCreate,
  nowMs: number,
): CoordinatorStep {
  if (first.version !== 0) throw new ParameterError(`a run begins with version 0, not ${first.version}`);
  const bytes = bytesOfPublished(first);
  const name = blobName(setup.primitives, bytes);
  const isOpen = plan.plan.openedTo === 'everyone';
  const event: RunCreated = {
    kind: 'run created',
    atMs: nowMs,
    runId,
    projectId,
    plan,
    coordinator: hexOf(setup.signer.publicKey),
    modelHash: name.sha256,
    model: isOpen ? name : null,
  };
  const state = fold(setup.primitives, undefined, event);
  if (state === undefined) throw new ParameterError('a run is created by its first event');
  const coordinator: RunCoordinator = Object.freeze({
    state,
    live: undefined,
    standing: freshStanding(),
    published: isOpen ? first : undefined,
    restoredAtMs: undefined,
    outbox: new Map(),
  });
  const blobs: ReadonlyMap<string, Uint8Array> = new Map(isOpen ? [[name.sha256, bytes]] : []);
  return { coordinator, events: [event], blobs, outputs: [{ kind: 'persist' }] };
}

export async function advance(
  setup: CoordinatorSetup,
  coordinator: RunCoordinator,
  input: CoordinatorInput,
  nowMs: number,
): Promise<CoordinatorStep> {
  const stepped = await stepOnce(coordinator, async () => {
    const work = new Work(setup, coordinator, nowMs);
    await act(work, input);
    await settle(work, input.kind === 'start');
    return { state: work.events.length === 0 ? coordinator : work.done(), work };
  });
  return answerOf(stepped.state, stepped.work);
}

export function answerOf(coordinator: RunCoordinator, { events, blobs, outputs }: Work): CoordinatorStep {
  const persisted: readonly CoordinatorOutput[] = events.length === 0 ? outputs : [{ kind: 'persist' }, ...outputs];
  return Object.freeze({ coordinator, events, blobs, outputs: persisted });
}

async function act(work: Work, input: CoordinatorInput): Promise<void> {
  switch (input.kind) {
    case 'received':
      return receive(work, input.bytes);
    case 'start':
      if (work.state.phase.kind !== 'gathering') throw new ParameterError(`the run is ${work.state.phase.kind}`);
      return;
    case 'tick':
      return;
    case 'stop':
      if (work.state.phase.kind === 'ended') return;
      return happen(work, { kind: 'run ended', atMs: work.nowMs, why: 'stopped by its owner', text: input.reason });
    default:
      return input satisfies never;
  }
}
