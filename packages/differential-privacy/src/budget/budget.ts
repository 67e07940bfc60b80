// A budget is a value: a limit (ε, δ), a history, and an accountant's reading of it. Spending gives another budget or
// says that it is exhausted; nothing is ever un-spent. Any number of runs share one history (history.ts says why).
//
// Refuses: δ outside (0, 1); ε not positive or not finite ("infinite" budgets); an accountant that does not cover a
// mechanism, or that needs the mechanisms fixed in advance where the history says they are not; an additional δ where they
// are chosen adaptively. An ε without its δ,
// adjacency and unit cannot be had from it.

import { ParameterError } from '../errors.ts';
import type { Adjacency, Unit } from '../mechanisms/mechanism.ts';
import type { BudgetAccountant, BudgetExhausted, Chargeable } from './chargeable.ts';
import type { History, Spending } from './history.ts';

export interface Limit {
  readonly epsilon: number;
  readonly delta: number;
}

/** The whole statement; no part of it means anything alone. */
export interface PrivacyStatement {
  readonly epsilon: number;
  readonly delta: number;
  readonly adjacency: Adjacency;
  readonly unit: Unit;
  readonly dataset: string;
  readonly accountant: string;
  readonly head: string;
}

const MOST_ROUNDS = 2 ** 40;

export class Budget<M extends Chargeable> {
  readonly kind = 'budget';
  readonly limit: Limit;
  readonly history: History<M>;
  readonly #accountant: BudgetAccountant<M>;
  readonly #spent: number;

  private constructor(history: History<M>, limit: Limit, accountant: BudgetAccountant<M>, spent: number) {
    this.history = history;
    this.limit = limit;
    this.#accountant = accountant;
    this.#spent = spent;
  }

  /** A budget over a history, which may already hold entries: what other runs spent is spent. */
  static over<M extends Chargeable>(history: History<M>, limit: Limit, accountant: BudgetAccountant<M>): Budget<M> {
    const { epsilon, delta } = limit;
    if (!(epsilon > 0 && Number.isFinite(epsilon)))
      throw new ParameterError(`a budget's ε is positive and finite, not ${epsilon}`);
    if (!(delta > 0 && delta < 1)) throw new ParameterError(`a budget's δ is in (0, 1), not ${delta}`);
    if (history.header.parameters === 'adaptive' && !accountant.fullyAdaptive) {
      throw new ParameterError(
        `${accountant.name} needs the mechanisms fixed in advance; this history chooses them adaptively`,
      );
    }
    return new Budget(history, Object.freeze({ epsilon, delta }), accountant, epsilonOf(history, delta, accountant));
  }

  /** ε of the history so far, with all that it means. */
  get statement(): PrivacyStatement {
    const { dataset, adjacency, unit } = this.history.header;
    return Object.freeze({
      epsilon: this.#spent,
      delta: this.limit.delta,
      adjacency,
      unit,
      dataset,
      accountant: this.#accountant.name,
      head: this.history.head,
    });
  }

  /** The budget after this, or that there is not enough; then nothing has happened. */
  spend(spending: Spending<M>): Budget<M> | BudgetExhausted {
    const history = this.history.append(spending);
    const wouldBe = epsilonOf(history, this.limit.delta, this.#accountant);
    if (!(wouldBe <= this.limit.epsilon)) {
      return Object.freeze({ kind: 'budget-exhausted', limit: this.limit, spent: this.#spent, wouldBe });
    }
    return new Budget(history, this.limit, this.#accountant, wouldBe);
  }

  /** The same history read by another accountant. */
  reaccount(accountant: BudgetAccountant<M>): Budget<M> {
    return Budget.over(this.history, this.limit, accountant);
  }

  /** How many more times this mechanism can run, never one too many. At most 2^40. */
  roundsLeft(mechanism: M): number {
    const affordable = (count: number): boolean => this.spend({ mechanism, count }).kind === 'budget';
    let low = 0;
    let high = 1;
    while (high <= MOST_ROUNDS && affordable(high)) {
      low = high;
      high *= 2;
    }
    high = Math.min(high, MOST_ROUNDS + 1);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (affordable(middle)) low = middle;
      else high = middle;
    }
    return low;
  }

  /**
   * The least noise, to within `tolerance` relative and never below it, with which this many rounds can be afforded;
   * undefined if even `most` is too little. `withNoise` makes the mechanism of a round at a noise multiplier.
   */
  noiseNeeded(
    rounds: number,
    withNoise: (noiseMultiplier: number) => M,
    { least = 0.05, most = 1e5, tolerance = 1e-4 }: { least?: number; most?: number; tolerance?: number } = {},
  ): number | undefined {
    if (!(least > 0 && most > least && tolerance > 0))
      throw new ParameterError(`a search for noise in [${least}, ${most}]`);
    const affordable = (noise: number): boolean =>
      this.spend({ mechanism: withNoise(noise), count: rounds }).kind === 'budget';
    if (!affordable(most)) return undefined;
    let low = least;
    let high = most;
    // `high` is affordable at all times: the safe side is the only one that can be returned.
    while (high / low > 1 + tolerance) {
      const middle = Math.sqrt(low * high);
      if (affordable(middle)) high = middle;
      else low = middle;
    }
    return high;
  }
}

function epsilonOf<M extends Chargeable>(history: History<M>, delta: number, accountant: BudgetAccountant<M>): number {
  if (history.length === 0) return 0;
  const taken = history.additionalDelta;
  if (taken > 0 && history.header.parameters === 'adaptive') {
    // A filter stops at a ρ that was fixed; a δ that shrinks by choices made on the way moves the ρ it would stop at.
    throw new ParameterError('an additional δ is accounted where the mechanisms are fixed in advance, not adaptively');
  }
  // Rounded down: what is left for the accountant.
  const left = taken === 0 ? delta : (delta - taken) * (1 - 2 ** -50);
  if (!(left > 0)) return Number.POSITIVE_INFINITY;
  const epsilon = accountant.epsilon(history.charges, left);
  if (epsilon === undefined) throw new ParameterError(`${accountant.name} does not cover a mechanism of this history`);
  if (Number.isNaN(epsilon)) throw new ParameterError(`${accountant.name} gave no number`);
  return epsilon;
}
