// What a coordinator knows of the budget: the plan's own. It opens no round that the plan's ε does not pay for, whoever would take part.

import type { CheckedPlan } from '../plan/check.ts';
import { roundsWithinBudget } from '../plan/price.ts';

/** Rounds of the plan that may be held: all of them, or as many as its ε pays for. Costs a second: ask once a run. */
export const paidRounds = (plan: CheckedPlan): number => roundsWithinBudget(plan);
