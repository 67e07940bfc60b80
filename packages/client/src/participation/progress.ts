// What a participation tells whoever watches: plain data, in the order in which it happens, for a terminal or a page. Nothing here goes to the
// server; sentences of a policy and what was spent are the participant's own.

import type { Refusal } from '@sumus/federation/policy';
import type { Published, PublishedMetric } from '@sumus/federation/release';
import type { EndOfRun } from '@sumus/federation/run';
import type { TrainingProgress } from '../worker/training-worker.ts';

export type Progress =
  /** The server is heard. */
  | { readonly kind: 'connected'; readonly isAgain: boolean }
  | { readonly kind: 'disconnected'; readonly why: string; readonly nextTryMs: number }
  /** The own place in the run. */
  | { readonly kind: 'standing'; readonly standing: 'outside' | 'asking' | 'accepted' | 'declined' | 'left' | 'over' }
  | { readonly kind: 'round'; readonly round: number; readonly members: readonly string[]; readonly takesPart: boolean }
  /** Of the round's sum, as the protocol says it. */
  | { readonly kind: 'phase'; readonly round: number; readonly phase: string }
  | ({ readonly kind: 'training'; readonly round: number } & TrainingProgress)
  | { readonly kind: 'trained'; readonly round: number; readonly ms: number }
  /** A message is on its way: bytes of it that the server has. */
  | { readonly kind: 'sending'; readonly type: string; readonly sent: number; readonly bytes: number }
  | {
      readonly kind: 'model';
      readonly round: number;
      readonly published: Published;
      readonly contributors: number;
      readonly contributed: boolean;
      readonly metrics: readonly PublishedMetric[];
    }
  | { readonly kind: 'note'; readonly text: string; readonly refusals: readonly Refusal[] }
  /** Something came or went that was not taken: by whom it was refused, and why. */
  | { readonly kind: 'refused'; readonly by: 'participant' | 'server'; readonly text: string }
  /** The coordinator said what it must not; these are its own signed words. */
  | { readonly kind: 'evidence'; readonly reason: string; readonly messages: readonly Uint8Array[] }
  | { readonly kind: 'over'; readonly why: EndOfRun | null; readonly text: string };
