// Whether a participant may enter one more round, asked of what it knows: plan, own policy, own verified ledger. A yes carries the charge,
// which is written to the ledger before anything of the round leaves; a no carries the reasons, one for each side.
//
// Two limits hold: the plan's own ε for all its rounds, and the budget of the data set over all runs. A cohort that the server draws makes
// nothing cheaper: it sees who is in it. What is charged is the mechanism that is run (plan/price.ts), not an ε: it can be accounted again.

import type { Charged } from '../ledger/content.ts';
import type { VerifiedLedger } from '../ledger/verify.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { epsilonAfter, priceOfRound } from '../plan/price.ts';
import { historyOf, type Now } from '../policy/history-of-ledger.ts';
import { judgeRound } from '../policy/judge.ts';
import type { Policy } from '../policy/policy.ts';
import { open, type Refusal } from '../policy/refusal.ts';
import { spentInWords } from './in-words.ts';

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

export function mayEnter({ plan, planId, round, policy, ledger, now }: RoundToEnter): Entry {
  const charged = chargedRounds(ledger, planId);
  const judgement = judgeRound(policy, plan, historyOf(ledger, now));
  const refusals = [...refusedByPlan(plan, charged + 1), ...(judgement.kind === 'refused' ? judgement.refusals : [])];
  if (refusals.length > 0) return Object.freeze({ kind: 'refused', refusals: Object.freeze(refusals) });
  const mechanism = priceOfRound(plan);
  const charge: Charged | undefined = mechanism && {
    kind: 'charged',
    plan: planId,
    round,
    dataset: now.dataset,
    mechanism,
    count: 1,
  };
  return Object.freeze({ kind: 'may enter', charge, sentence: spentInWords(plan, charged + 1) });
}

/** Entries of this run that were paid for, on whatever data set: a second data set is no second budget of the plan. */
export const chargedRounds = ({ records }: VerifiedLedger, planId: string): number =>
  records.reduce(
    (sum, { content }) => sum + (content.kind === 'charged' && content.plan === planId ? content.count : 0),
    0,
  );

function refusedByPlan(plan: CheckedPlan, rounds: number): readonly Refusal[] {
  const { privacy } = plan;
  if (privacy.kind === 'none') return [];
  const answer = epsilonAfter(plan, rounds);
  if (answer?.kind === 'bound' && answer.epsilon <= privacy.epsilonAtMost) return [];
  return [
    open(
      'budget-overrun',
      'privacy.epsilonAtMost',
      `Round ${rounds} of this participant would pass the ε of ${privacy.epsilonAtMost} that the plan promises.`,
    ),
  ];
}
