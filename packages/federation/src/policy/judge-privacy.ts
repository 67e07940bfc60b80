// A plan's price held against the budget of the data set that it would use: all that earlier runs cost on it, and what this one adds,
// composed and accounted together. What was spent is the participant's own business and not told to the coordinator.

import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import { type Mechanism, under } from '@sumus/differential-privacy/mechanisms';
import type { CheckedPlan } from '../plan/check.ts';
import type { Promised } from '../plan/plan.ts';
import type { ParticipantHistory } from './participant-history.ts';
import type { DataBudget, Policy } from './policy.ts';
import { open, type Refusal } from './refusal.ts';

/** What is to be charged, so many times. */
export interface Priced {
  readonly mechanism: Mechanism;
  readonly count: number;
}

/** `ahead`: what the plan would cost; undefined where it promises nothing. */
export function refusedPrivacy(
  policy: Policy,
  plan: CheckedPlan,
  history: ParticipantHistory,
  ahead: readonly Priced[] | undefined,
): readonly Refusal[] {
  const budgets = policy.budgets.filter(({ dataset }) => dataset === history.dataset);
  if (budgets.length === 0) {
    return [
      {
        code: 'data-set-not-allowed',
        path: '',
        toParticipant: `The data set ${history.dataset} has no budget in the file. Add one, if it may be used.`,
        toCoordinator: 'This participant has no data set that it may use for this run.',
      },
    ];
  }
  const capped = budgets.filter(({ epsilonAtMost }) => epsilonAtMost !== null);
  const { privacy } = plan;
  if (ahead === undefined || privacy.kind === 'none') {
    return capped.map(({ epsilonAtMost, unit }) =>
      open('no-privacy', 'privacy.kind', `Nothing is promised; ε ≤ ${epsilonAtMost} for a ${unit} is demanded.`),
    );
  }
  // Hiding a participant's presence does not bound what replacing one of its records shows, nor the other way round: units are held apart.
  const own = budgets.filter(({ unit }) => unit === privacy.unit);
  if (own.length === 0) {
    const units = budgets.map(({ unit }) => unit).join(' or ');
    return [open('another-unit', 'privacy.unit', `A ${privacy.unit} is protected; a ${units} is to be.`)];
  }
  return own.flatMap((budget) => refusedByBudget(budget, privacy, history, ahead));
}

function refusedByBudget(
  { dataset, epsilonAtMost, delta }: DataBudget,
  { unit, adjacency }: Promised,
  { charges }: ParticipantHistory,
  ahead: readonly Priced[],
): readonly Refusal[] {
  // Without a cap, this unit's cost is written down and not held against anything.
  if (epsilonAtMost === null) return [];
  const spent = charges.filter(({ mechanism }) => mechanism.unit === unit);
  const overrun = (why: string): readonly Refusal[] => [
    {
      code: 'budget-overrun',
      path: 'privacy',
      toParticipant: `${dataset} may cost ε = ${epsilonAtMost}: ${why}.`,
      toCoordinator: "This participant's budget does not pay for it: fewer rounds or more noise may.",
    },
  ];
  if (ahead.length === 0) return overrun("not one round is paid for by the plan's own limit");
  if (spent.some(({ mechanism }) => mechanism.adjacency !== adjacency)) {
    return overrun(`what was spent before is not for ${adjacency}, and cannot be added to it`);
  }
  const mechanisms = under({ adjacency, unit });
  const answer = tightestEpsilon(
    [...spent, ...ahead].map(({ mechanism, count }) => mechanisms.repetition({ inner: mechanism, count })),
    delta,
  );
  if (answer.kind === 'refused') return overrun(answer.reason);
  if (answer.epsilon <= epsilonAtMost) return [];
  return overrun(`together with what was spent it would come to ε = ${answer.epsilon} at δ = ${delta}`);
}
