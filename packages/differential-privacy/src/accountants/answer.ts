// What an accountant answers: a bound with the side it is on, or a refusal that says why. A refusal is an expected outcome.
import type { Adjacency, Unit } from '../mechanisms/mechanism.ts';

/** Rare losses and lattices are contour integrals as well, of labelled outcomes and over one period. */
export type AccountantName =
  | 'closed form'
  | 'contour'
  | 'rare losses'
  | 'lattice'
  | 'loss distribution'
  | 'Rényi'
  | 'zCDP'
  | 'Gaussian DP';

/** Holds the truth: for the dominating pair, lower ≤ ε ≤ upper. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

export interface Bound {
  readonly kind: 'bound';
  readonly accountant: AccountantName;
  /** Never below the true ε (rounding goes up) where `sound`. */
  readonly epsilon: number;
  readonly delta: number;
  /** A proven lower bound on the mechanism's true ε, where the dominating pair is attained; null where it is not. */
  readonly lower: number | null;
  readonly adjacency: Adjacency;
  readonly unit: Unit;
  /** False marks an approximation shown for comparison: no guarantee rests on it. */
  readonly sound: boolean;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly accountant: AccountantName;
  readonly reason: string;
}

export type Answer = Bound | Refusal;
