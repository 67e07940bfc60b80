// Where a history grows. A Budget is a value: it can be spent from twice at the same point, which is what a forecast does, and what two
// runs must not do that each account alone for the data they share. So whatever draws or releases spends through a ledger, all runs on
// one data set through the same one, and a second ledger over the same beginning is refused.
//
// Within one process that is checked. Across processes it is the head that tells: whoever replays a text compares its head with the one
// that was kept elsewhere, for an old copy of the text is a valid history too (`History.replay` takes the kept head).

import { ParameterError } from '../errors.ts';
import type { Budget } from './budget.ts';
import type { BudgetAccountant, BudgetExhausted, Chargeable } from './chargeable.ts';
import type { Spending } from './history.ts';

/** Beginnings of histories that have a ledger. */
const kept = new WeakSet<object>();

export class Ledger<M extends Chargeable> {
  #budget: Budget<M>;

  /** From now on this budget's history grows here and nowhere else. */
  constructor(budget: Budget<M>) {
    const { origin, header } = budget.history;
    if (kept.has(origin)) {
      throw new ParameterError(
        `the history of ${header.dataset} has a ledger already: spending beside it would be accounted by neither`,
      );
    }
    kept.add(origin);
    this.#budget = budget;
  }

  /** As it is now: for statements and forecasts. What is spent from the value is not charged. */
  get budget(): Budget<M> {
    return this.#budget;
  }

  /** Charges, or says that there is not enough; then nothing has happened. */
  charge(spending: Spending<M>): BudgetExhausted | undefined {
    const after = this.#budget.spend(spending);
    if (after.kind === 'budget-exhausted') return after;
    this.#budget = after;
    return undefined;
  }

  /** Has the same history read by another accountant from now on. */
  reaccount(accountant: BudgetAccountant<M>): void {
    this.#budget = this.#budget.reaccount(accountant);
  }

  toJSON(): never {
    throw new TypeError('a ledger is not written down, its history is: history.toText()');
  }
}
