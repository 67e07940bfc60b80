// What the page and the participant say to the worker that has the data, and what it answers. Examples are in no message: the page gets a summary
// and a few previews, the participant one aggregate a task.

import type { TrainingProgress, TrainingTask } from '@sumus/client/worker';
import type { WorkResult } from '@sumus/federation/worker';
import type { PictureShape } from '../data/demand.ts';
import type { Summary, Unfit } from '../data/examples.ts';
import type { Mapping, TableLook } from '../data/table-examples.ts';

export interface ChosenFile {
  /** With forward slashes, below the folder that was chosen. */
  readonly path: string;
  readonly file: File;
}

export type ToTraining =
  /** Before anything else: JSON of the plan. */
  | { readonly kind: 'plan'; readonly text: string }
  /** What was used the last time. */
  | { readonly kind: 'recall' }
  | { readonly kind: 'digits'; readonly address: string; readonly count: number; readonly from: number }
  | { readonly kind: 'files'; readonly files: readonly ChosenFile[] }
  | { readonly kind: 'map'; readonly mapping: Mapping }
  | { readonly kind: 'port'; readonly port: MessagePort };

export type FromTraining =
  | { readonly kind: 'nothing kept' }
  | { readonly kind: 'reading'; readonly files: number }
  | { readonly kind: 'table'; readonly look: TableLook; readonly mapping: Mapping; readonly isPlanned: boolean }
  | {
      readonly kind: 'taken';
      readonly summary: Summary;
      readonly leftOut: number;
      readonly shape: PictureShape | undefined;
      readonly previews: readonly Float32Array<ArrayBuffer>[];
      /** Whether it is there after the page was closed. */
      readonly isKept: boolean;
    }
  | { readonly kind: 'unfit'; readonly why: Unfit }
  | { readonly kind: 'trouble'; readonly text: string };

/** On the port between participant and training. */
export interface WorkAsked {
  readonly number: number;
  /** JSON of the plan. */
  readonly plan: string;
  readonly work: TrainingTask['work'];
}

export type WorkAnswered =
  | { readonly number: number; readonly progress: TrainingProgress }
  | { readonly number: number; readonly result: WorkResult }
  | { readonly number: number; readonly failed: string };
