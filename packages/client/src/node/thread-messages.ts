// What a participant and its training thread say to each other.

import type { WorkResult } from '@sumus/federation/worker';
import type { TrainingProgress, TrainingTask } from '../worker/training-worker.ts';

export interface ToThread {
  /** JSON of the plan. */
  readonly plan: string;
  readonly work: TrainingTask['work'];
}

export type FromThread =
  | { readonly kind: 'progress'; readonly progress: TrainingProgress }
  | { readonly kind: 'done'; readonly result: WorkResult }
  | { readonly kind: 'failed'; readonly error: unknown };
