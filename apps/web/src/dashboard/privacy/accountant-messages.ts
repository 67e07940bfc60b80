// What the page asks of the worker that computes privacy: never on the page's own thread, because a tight ε takes a second.
import type { Explanation } from '@sumus/federation/explain';
import type { CheckedPlan, Plan, TemplateOptions } from '@sumus/federation/plan';

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

/** What an owner writes down of a run; the rest is the template's. */
export interface DraftOptions
  extends Omit<
    TemplateOptions,
    'architecture' | 'parameterCount' | 'firstWeightsSeed' | 'schedule' | 'uploadFraction'
  > {
  readonly model: 'logistic' | 'mlp' | 'lenet';
}

export type Draft =
  | { readonly kind: 'plan'; readonly plan: CheckedPlan; readonly explanation: Explanation }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

export interface PrivacyAnswers {
  readonly price: PricedRounds;
  readonly explain: Explanation;
  readonly ledger: OwnLedger;
  readonly draft: Draft;
}

export type PrivacyRequest =
  | { readonly kind: 'price'; readonly plan: Plan; readonly rounds: number }
  | { readonly kind: 'explain'; readonly plan: Plan }
  | { readonly kind: 'draft'; readonly options: DraftOptions }
  /** `delta`: at which its charges are added up. */
  | { readonly kind: 'ledger'; readonly text: string; readonly delta: number };

export interface PrivacyAsked {
  readonly number: number;
  readonly request: PrivacyRequest;
}

export type PrivacyAnswered =
  | { readonly number: number; readonly answer: PrivacyAnswers[PrivacyRequest['kind']] }
  | { readonly number: number; readonly refused: string };
