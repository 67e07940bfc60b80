// What the page and the worker that takes part say to each other: plain data for people. Keys, frames and models stay in the worker.

import type { DryRun } from '@sumus/client/consent';
import type { HowItEnded, Progress } from '@sumus/client/participation';

export type ToMember =
  /** `link`: of the address bar, or pasted; null to go on where this browser stood. */
  | { readonly kind: 'open'; readonly link: string | null }
  /** Yes: with the data behind the port. */
  | { readonly kind: 'begin'; readonly port: MessagePort }
  | { readonly kind: 'pause' }
  | { readonly kind: 'leave'; readonly reason: string }
  | { readonly kind: 'papers' };

export interface Invitation {
  readonly server: string;
  readonly run: string;
  readonly project: string;
  readonly member: string;
  readonly coordinator: string;
  readonly owner: string;
  readonly plan: string;
  readonly planText: string;
  readonly name: string;
  readonly purpose: string;
  readonly notAfterMs: number;
  /** By another participant than this one. */
  readonly isSpent: boolean;
  readonly dryRun: DryRun;
  /** This participant's own key, hexadecimal. */
  readonly key: string;
  /** The plan was said yes to in this browser before. */
  readonly said: 'nothing' | 'yes' | 'pause';
}

/** Progress without what a page has no use for. */
export type Told =
  | Exclude<Progress, { readonly kind: 'model' | 'evidence' }>
  | (Omit<Extract<Progress, { readonly kind: 'model' }>, 'published'> & { readonly version: number })
  | { readonly kind: 'evidence'; readonly reason: string };

export type FromMember =
  | { readonly kind: 'no invitation' }
  | { readonly kind: 'invited'; readonly invitation: Invitation }
  /** The owner's command has to answer first. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'told'; readonly told: Told }
  | { readonly kind: 'unreachable'; readonly why: string }
  | { readonly kind: 'ended'; readonly how: HowItEnded }
  | { readonly kind: 'papers'; readonly ledger: string; readonly receipts: readonly string[] }
  | { readonly kind: 'trouble'; readonly text: string };
