// What a budget needs to know of a mechanism, and what it answers when it cannot pay.

import type { Adjacency, Unit } from '../mechanisms/mechanism.ts';

/** A mechanism as plain data that names the neighbours and the unit it is stated for. */
export interface Chargeable {
  readonly adjacency: Adjacency;
  readonly unit: Unit;
}

/** A mechanism and how many times it ran. */
export interface Charge<M> {
  readonly mechanism: M;
  readonly count: number;
}

/** Turns a history into ε. */
export interface BudgetAccountant<M> {
  readonly name: string;
  /**
   * Whether the bound holds when later mechanisms are chosen from earlier outputs. Rényi and zCDP filters do (Feldman,
   * Zrnic 2021, arXiv 2008.11193; Whitehouse and others 2023, arXiv 2203.05481); numerical composition of privacy-loss
   * distributions is stated for a sequence fixed in advance.
   */
  readonly fullyAdaptive: boolean;
  /**
   * An ε never below the true one at this δ; undefined where the family is not covered. The order of charges does not
   * matter.
   */
  epsilon(charges: readonly Charge<M>[], delta: number): number | undefined;
}

/** An expected outcome, not an error: the charge was not made. */
export interface BudgetExhausted {
  readonly kind: 'budget-exhausted';
  readonly limit: { readonly epsilon: number; readonly delta: number };
  /** ε already spent. */
  readonly spent: number;
  /** ε that the refused charge would have led to. */
  readonly wouldBe: number;
}
