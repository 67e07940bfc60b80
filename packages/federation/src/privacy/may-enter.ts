// Whether a participant may enter one more round, asked of what it knows: plan, own policy, own verified ledger. A yes carries the charge,
// which is written to the ledger before anything of the round leaves; a no carries the reasons, one for each side.
//
// Two limits hold: the plan's own ε for all its rounds, and the budget of the data set over all runs. A cohort that the server draws makes
// nothing cheaper: it sees who is in it. What is charged is the mechanism that is run (plan/price.ts), not an ε: it can be accounted again.

import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { type Mechanism, under } from '@sumus/differential-privacy/mechanisms';
import type { Charged } from '../ledger/content.ts';
import type { VerifiedLedger } from '../ledger/verify.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { priceOfColumns, priceOfRound } from '../plan/price.ts';
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
  /** Whether it is the sum of columns before the first round. */
  readonly isOfColumns?: boolean | undefined;
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

export function mayEnter({ plan, planId, round, policy, ledger, now, isOfColumns = false }: RoundToEnter): Entry {
  const mechanism = isOfColumns ? priceOfColumns(plan) : priceOfRound(plan);
  const after = [...chargedUnder(ledger, planId), ...(mechanism === undefined ? [] : [mechanism])];
  const judgement = judgeRound(policy, plan, historyOf(ledger, now), isOfColumns);
  const refusals = [...refusedByPlan(plan, after), ...(judgement.kind === 'refused' ? judgement.refusals : [])];
  if (refusals.length > 0) return Object.freeze({ kind: 'refused', refusals: Object.freeze(refusals) });
  const charge: Charged | undefined = mechanism && {
    kind: 'charged',
    plan: planId,
    round,
    dataset: now.dataset,
    mechanism,
    count: 1,
  };
  return Object.freeze({ kind: 'may enter', charge, sentence: spentInWords(plan, after) });
}

/** All that this run was charged for, on whatever data set: a second data set is no second budget of the plan. Preparation counts too. */
export const chargedUnder = ({ records }: VerifiedLedger, planId: string): readonly Mechanism[] =>
  records.flatMap(({ content }) => {
    if (content.kind !== 'charged' || content.plan !== planId) return [];
    const { mechanism, count } = content;
    const { adjacency, unit } = mechanism;
    return [under({ adjacency, unit }).repetition({ inner: mechanism, count })];
  });

function refusedByPlan({ privacy }: CheckedPlan, after: readonly Mechanism[]): readonly Refusal[] {
  if (privacy.kind === 'none') return [];
  const { epsilonAtMost, delta, unit, adjacency } = privacy;
  const refusal = (why: string): readonly Refusal[] => [open('budget-overrun', 'privacy.epsilonAtMost', why)];
  if (after.some((one) => one.unit !== unit || one.adjacency !== adjacency)) {
    return refusal(`What this run was charged for is not all for a ${unit} under ${adjacency}, and does not add up.`);
  }
  const answer = tightestEpsilon(after, delta);
  if (answer.kind === 'bound' && answer.epsilon <= epsilonAtMost) return [];
  return refusal(`One more round of this participant would pass the ε of ${epsilonAtMost} that the plan promises.`);
}
