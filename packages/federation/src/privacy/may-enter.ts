// Whether a participant may enter one more round, asked of what it knows: plan, own policy, own verified ledger. A yes carries the charge,
// which is written to the ledger before anything of the round leaves; a no carries the reasons, one for each side.
//
// Two limits hold: the plan's own ε for all its rounds, and the budget of the data set over all runs. A cohort that the server draws makes
// nothing cheaper: it sees who is in it.

import type { Charged } from '../ledger/content.ts';
import type { VerifiedLedger } from '../ledger/verify.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { Now } from '../policy/history-of-ledger.ts';
import type { Policy } from '../policy/policy.ts';
import type { Refusal } from '../policy/refusal.ts';

export interface RoundToEnter {
  readonly plan: CheckedPlan;
  /** planId(plan). */
  readonly planId: string;
  readonly round: number;
  readonly policy: Policy;
  readonly ledger: VerifiedLedger;
  readonly now: Now;
}

export type Entry =
  | {
      readonly kind: 'may enter';
      /** To be appended to the ledger before anything leaves; undefined where nothing is promised. Sending the same bytes again is no new one. */
      readonly charge: Charged | undefined;
      /** For people: what is spent after this round, and for how many more it lasts. */
      readonly sentence: string;
    }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

export declare function mayEnter(asked: RoundToEnter): Entry;
