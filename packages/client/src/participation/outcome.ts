// How a participation ended, with what the participant keeps of it.

import type { LedgerRecord } from '@sumus/federation/ledger';
import type { SignedPlan } from '@sumus/federation/plan';
import type { Published } from '@sumus/federation/release';
import type { EndOfRun } from '@sumus/federation/run';

export type HowItEnded =
  | { readonly kind: 'run over'; readonly why: EndOfRun; readonly text: string }
  /** It was over when it was last looked at; what the coordinator said of it was told then. */
  | { readonly kind: 'ended before'; readonly text: string }
  /** By its own word, or because the coordinator broke what was agreed. */
  | { readonly kind: 'left'; readonly text: string }
  | { readonly kind: 'declined'; readonly text: string }
  /** The server does not take this key, or knows no such run. */
  | { readonly kind: 'turned away'; readonly code: string; readonly text: string }
  /** Told to stop where it stands: the same folder goes on later. */
  | { readonly kind: 'paused' };

export interface Outcome {
  readonly ended: HowItEnded;
  /** Undefined where no plan was accepted. */
  readonly plan: SignedPlan | undefined;
  /** The newest model (or classifier) that this participant computed. */
  readonly published: Published | undefined;
  /** What left and what it cost, in this and all earlier runs under this key. */
  readonly ledger: readonly LedgerRecord[];
}
