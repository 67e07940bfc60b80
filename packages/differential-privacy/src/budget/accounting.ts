// This package's accountants as a budget asks them.

import type { Answer } from '../accountants/answer.ts';
import { concentratedEpsilon } from '../accountants/concentrated.ts';
import type { History as Mechanisms } from '../accountants/history.ts';
import { renyiEpsilon } from '../accountants/renyi.ts';
import { tightestEpsilon } from '../accountants/tightest.ts';
import { mechanismFrom, under } from '../mechanisms/constructors.ts';
import type { Mechanism } from '../mechanisms/mechanism.ts';
import type { BudgetAccountant, Charge } from './chargeable.ts';

/** Every charge is checked again: a literal that no constructor made (a negative rate, say) has no price, least of all zero. */
const mechanismsOf = (charges: readonly Charge<Mechanism>[]): Mechanism[] =>
  charges.map(({ mechanism: written, count }) => {
    const mechanism = mechanismFrom(written);
    const { adjacency, unit } = mechanism;
    return count === 1 ? mechanism : under({ adjacency, unit }).repetition({ inner: mechanism, count });
  });

function asked(
  name: string,
  fullyAdaptive: boolean,
  account: (history: Mechanisms, delta: number) => Answer,
): BudgetAccountant<Mechanism> {
  return Object.freeze({
    name,
    fullyAdaptive,
    epsilon(charges: readonly Charge<Mechanism>[], delta: number): number | undefined {
      const answer = account(mechanismsOf(charges), delta);
      return answer.kind === 'bound' && answer.sound ? answer.epsilon : undefined;
    },
  });
}

/** The least sound bound; mechanisms fixed in advance. */
export const tightest: BudgetAccountant<Mechanism> = asked('tightest', false, tightestEpsilon);

/**
 * Rényi. The best order is chosen at the end, which a filter over one order does not cover: mechanisms fixed in
 * advance.
 */
export const renyi: BudgetAccountant<Mechanism> = asked('Rényi', false, renyiEpsilon);

/**
 * zCDP: ε rises with ρ alone, so stopping at an ε is stopping at a ρ, and ρ may be spent on mechanisms chosen from what
 * was seen (Whitehouse and others 2023, arXiv 2203.05481). The one to use where a later step's noise depends on an
 * earlier step's result.
 */
export const concentrated: BudgetAccountant<Mechanism> = asked('zCDP', true, concentratedEpsilon);
