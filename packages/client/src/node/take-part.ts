// A run for people with their own training function, in three lines:
//
//   const run = await takePart(link, { folder: 'participant', policy: 'this plan' });
//   for await (const task of run) await task.send(await train(task));
//   const { published } = await run.outcome;

import { type OwnTask, OwnTasks } from '../own-training/own-tasks.ts';
import type { Outcome } from '../participation/outcome.ts';
import { type BeginOptions, type FolderOptions, LocalParticipant } from './local-participant.ts';

export type TakePartOptions = FolderOptions & Omit<BeginOptions, 'worker'>;

export interface TakingPart extends AsyncIterable<OwnTask> {
  /** When the run is over: the last model, and what it cost. Leaving the loop pauses the run; the same folder goes on later. */
  readonly outcome: Promise<Outcome>;
  /** For good, and said to the others. */
  leave(reason: string): Promise<void>;
}

export async function takePart(link: string, options: TakePartOptions): Promise<TakingPart> {
  const participant = await LocalParticipant.open(link, options);
  try {
    const tasks = new OwnTasks(() => participation.pause());
    const participation = await participant.begin({ ...options, worker: tasks.worker });
    const outcome = participation.run().finally(async () => {
      tasks.end();
      await participant.close();
    });
    // Whoever only loops hears of it in the loop.
    outcome.catch(() => undefined);
    async function* loop(): AsyncGenerator<OwnTask, void, undefined> {
      yield* tasks;
      await outcome;
    }
    return { outcome, leave: (reason) => participation.leave(reason), [Symbol.asyncIterator]: loop };
  } catch (error) {
    await participant.close();
    throw error;
  }
}
