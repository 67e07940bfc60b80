// How many are in a contribution, counted as the plan counts: people where it says so, each once however many rows they have. The floor is
// the participant's own to hold: nobody else sees its rows. It is data minimisation and no guarantee: an aggregate of many can still
// show one of them.
//
// Under Poisson batches with a promise of privacy the floor is on the set that batches are drawn from: to refuse by the draw would tell
// of the draw, whose secrecy is part of the price. There noise protects, and an empty batch is sent like any other.

import { ParameterError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';

export interface TooFew {
  readonly kind: 'too few';
  readonly found: number;
  readonly needed: number;
  readonly countedIn: 'people' | 'rows';
}

export interface CountedRows {
  readonly rowCount: number;
  /** The person of each row, by any number; undefined where the data set names no unit column. */
  readonly unitOfRow: Uint32Array | undefined;
}

/** How many different people (or rows) a contribution of these batches has, or that they are too few. */
export function unitsIn(
  { batching, privacy }: Pick<Plan, 'batching' | 'privacy'>,
  { rowCount, unitOfRow }: CountedRows,
  batches: readonly Uint32Array[],
): number | TooFew {
  const { countedIn, minimumUnits, sampling } = batching;
  if (countedIn === 'people' && unitOfRow === undefined) {
    throw new ParameterError('the plan counts people, and the data set names no unit column: name one');
  }
  if (unitOfRow !== undefined && unitOfRow.length !== rowCount) {
    throw new ParameterError(`${rowCount} rows have ${unitOfRow.length} units`);
  }
  const isOfTheSet = sampling.kind === 'poisson' && privacy.kind !== 'none';
  const units = new Set<number>();
  const count = (row: number): void => {
    units.add(countedIn === 'people' ? (unitOfRow?.[row] ?? row) : row);
  };
  if (isOfTheSet) for (let row = 0; row < rowCount; row++) count(row);
  else for (const batch of batches) for (const row of batch) count(row);
  if (units.size >= minimumUnits) return units.size;
  return { kind: 'too few', found: units.size, needed: minimumUnits, countedIn };
}
