// What the selections of this folder cost, as mechanisms for a budget: made from the objects that do the work, so that
// what is charged is what was drawn.

import { under } from '../mechanisms/constructors.ts';
import type { Adjacency, Mechanism, Unit } from '../mechanisms/mechanism.ts';
import { type SelectiveChoice, selectiveCost } from './shokri-shmatikov.ts';
import type { AboveThreshold, NumericSparse } from './sparse-vector.ts';
import type { TopKChoice } from './top-k.ts';

/** The adjacency and unit under which the stated sensitivities hold. */
export interface Frame {
  readonly adjacency: Adjacency;
  readonly unit: Unit;
}

/** Everything a sparse-vector object will ever answer. */
export function priceOfSparseVector(machine: AboveThreshold | NumericSparse, frame: Frame): Mechanism {
  const { threshold, queries, release } = machine.parts;
  return under(frame).sparseVector({
    thresholdEpsilon: threshold,
    queriesEpsilon: queries,
    releaseEpsilon: release,
  });
}

export function priceOfTopK({ k, epsilonPerPick }: TopKChoice, frame: Frame): Mechanism {
  return under(frame).topK({ epsilonEach: epsilonPerPick, k });
}

/** One epoch's upload of Shokri and Shmatikov's mode: eight ninths for finding, one ninth for the values. */
export function priceOfUpload(choice: SelectiveChoice, frame: Frame): Mechanism {
  const { epsilonPerEpoch } = selectiveCost(choice);
  // Of each round's ε₁/c a half is the threshold's (2γ over Lap(4.5γ c/ε)) and a half the query's (twice that over
  // twice the scale).
  const half = (4 / 9) * epsilonPerEpoch;
  return under(frame).sparseVector({
    thresholdEpsilon: half,
    queriesEpsilon: half * (1 + 2 ** -50),
    releaseEpsilon: (epsilonPerEpoch / 9) * (1 + 2 ** -50),
  });
}
