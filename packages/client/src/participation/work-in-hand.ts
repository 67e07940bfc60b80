// The work that the participant asked for, with whoever does it: one task at a time. A task that is asked for again while it is under way (after
// a break, the participant asks for everything that is missing) is not begun again; of those that wait, only the newest is done.

import type { Train } from '@sumus/federation/participant';
import type { CheckedPlan } from '@sumus/federation/plan';
import type { WorkResult } from '@sumus/federation/worker';
import type { TrainingProgress, TrainingWorker } from '../worker/training-worker.ts';

export interface WorkInHandSetup {
  readonly worker: TrainingWorker;
  readonly nowMs: () => number;
  readonly onProgress: (round: number, progress: TrainingProgress) => void;
  readonly onDone: (train: Train, result: WorkResult, ms: number) => void;
  readonly onFailure: (error: unknown) => void;
}

export class WorkInHand {
  readonly #setup: WorkInHandSetup;
  #underWay: number | undefined;
  #next: { readonly train: Train; readonly plan: CheckedPlan } | undefined;
  #isClosed = false;

  constructor(setup: WorkInHandSetup) {
    this.#setup = setup;
  }

  take(train: Train, plan: CheckedPlan): void {
    if (this.#isClosed || this.#underWay === train.task) return;
    this.#next = { train, plan };
    if (this.#underWay === undefined) void this.#doAll();
  }

  close(): void {
    this.#isClosed = true;
    this.#setup.worker.close();
  }

  async #doAll(): Promise<void> {
    const { worker, nowMs, onProgress, onDone, onFailure } = this.#setup;
    for (let next = this.#next; next !== undefined && !this.#isClosed; next = this.#next) {
      const { train, plan } = next;
      const { task, round, version, work } = train;
      this.#next = undefined;
      this.#underWay = task;
      const began = nowMs();
      try {
        const result = await worker.train({ task, round, version, work, plan }, (progress) => {
          if (!this.#isClosed) onProgress(round, progress);
        });
        if (!this.#isClosed) onDone(train, result, nowMs() - began);
      } catch (error) {
        if (!this.#isClosed) onFailure(error);
      } finally {
        this.#underWay = undefined;
      }
    }
  }
}
