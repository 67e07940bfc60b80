// What the page asks of the worker that computes privacy: never on the page's own thread, because a tight ε takes a second.
import type { Explanation } from '@sumus/federation/explain';
import type { Plan } from '@sumus/federation/plan';

export interface PricedRounds {
  readonly rounds: number;
  /** Null where no accountant knows a bound. */
  readonly epsilon: number | null;
  readonly accountant: string | null;
}

export interface SpentOnDataset {
  readonly dataset: string;
  readonly unit: string;
  readonly adjacency: string;
  readonly charges: number;
  readonly epsilon: number | null;
}

export interface OwnLedger {
  readonly owner: string;
  readonly records: number;
  readonly findings: readonly string[];
  /** Nothing is counted on a ledger that is damaged. */
  readonly spent: readonly SpentOnDataset[];
}

export interface PrivacyAnswers {
  readonly price: PricedRounds;
  readonly explain: Explanation;
  readonly ledger: OwnLedger;
}

export type PrivacyRequest =
  | { readonly kind: 'price'; readonly plan: Plan; readonly rounds: number }
  | { readonly kind: 'explain'; readonly plan: Plan }
  /** `delta`: at which its charges are added up. */
  | { readonly kind: 'ledger'; readonly text: string; readonly delta: number };

export interface PrivacyAsked {
  readonly number: number;
  readonly request: PrivacyRequest;
}

export type PrivacyAnswered =
  | { readonly number: number; readonly answer: PrivacyAnswers[PrivacyRequest['kind']] }
  | { readonly number: number; readonly refused: string };
