// Who does the work where the data are: a thread in Node, a worker in a page, or somebody's own function (own-training/). One task at a time;
// what comes back is one aggregate, and while it is made, how far it is.

import type { Train } from '@sumus/federation/participant';
import type { CheckedPlan } from '@sumus/federation/plan';
import type { WorkResult } from '@sumus/federation/worker';

export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done of this contribution, and how many there will be. */
  readonly step: number;
  readonly steps: number;
  /** Of the last step; null before the first. */
  readonly loss: number | null;
}

export interface TrainingTask extends Pick<Train, 'task' | 'round' | 'version' | 'work'> {
  readonly plan: CheckedPlan;
}

export interface TrainingWorker {
  /** Throws where the work could not be done; the participant then ends with that. */
  train(task: TrainingTask, tell: (progress: TrainingProgress) => void): Promise<WorkResult>;
  /** Ends what is under way; nothing comes of it. */
  close(): void;
}
