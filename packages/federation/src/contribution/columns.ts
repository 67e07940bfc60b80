// What turns tables into features, learned together before the first round: means, deviations and the most frequent category of each column
// come from one sum over all participants. dataset knows what is summed (localSums) and what comes of it (recipeFromSums); here the sums
// become the vector of a round, and the opened sum the recipe that everybody applies. Participants; the coordinator adds and knows no recipe.
//
// A participant of more than rowsAtMost rows is clipped with all its sums by one factor: it weighs less, and its means stay what they are.

import { localSums, type Recipe, recipeFromSums, type SharedStep } from '@sumus/dataset/prepare';
import { selectColumns, type Table } from '@sumus/dataset/table';
import { ParameterError } from '../errors.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { columnScale, columnSumsOf } from '../plan/column-sums.ts';
import type { TablePreparation } from '../plan/preparation.ts';
import type { Published } from '../release/published.ts';

/** Each of the plan's steps is one that dataset can share. */
const sharedSteps = ({ steps }: Pick<TablePreparation, 'steps'>): readonly SharedStep[] => steps;

/** The plan's columns of a table, in their order. Refuses a table that lacks one, or has it of another type. */
export function columnsOf({ columns }: Pick<TablePreparation, 'columns'>, table: Table): Table {
  const names = columns.map(({ name }) => name);
  for (const { name, type } of columns) {
    const found = table.columns.find((column) => column.name === name);
    if (found === undefined) throw new ParameterError(`the plan needs a column ${name}, and the table has none`);
    const isNumber = found.type === 'integer' || found.type === 'number';
    if (type === 'number' ? !isNumber : found.type !== type) {
      throw new ParameterError(`column ${name} holds ${found.type}s, and the plan needs ${type}s`);
    }
  }
  return selectColumns(table, names);
}

/** A participant's own sums: secret. Over its rows, whatever they are. */
export function sumsOfColumns({ preparation }: CheckedPlan, table: Table): Float32Array<ArrayBuffer> {
  if (preparation.kind !== 'table') throw new ParameterError('this plan is not about a table');
  return Float32Array.from(localSums(sharedSteps(preparation), columnsOf(preparation, table)));
}

/** The sums as what a round shares: the rest of the vector is zero. The caller's to wipe. */
export function columnVector(
  plan: Pick<CheckedPlan, 'preparation' | 'encoding'>,
  sums: Float32Array,
  length: number,
): Float32Array<ArrayBuffer> {
  const { preparation, encoding } = plan;
  if (preparation.kind !== 'table' || sums.length !== columnSumsOf(plan)) {
    throw new ParameterError(`${sums.length} sums of columns, the plan has ${columnSumsOf(plan)}`);
  }
  const scale = columnScale(preparation, encoding);
  const vector = new Float32Array(length);
  sums.forEach((sum, i) => {
    vector[i] = scale * sum;
  });
  return vector;
}

/** The recipe of what was published: the same for everybody. Undefined where the plan has none, or its sum is not opened yet. */
export function recipeOf(plan: CheckedPlan, { columnSums }: Pick<Published, 'columnSums'>): Recipe | undefined {
  const { preparation } = plan;
  if (preparation.kind !== 'table') return undefined;
  const wanted = columnSumsOf(plan);
  const totals = columnSums ?? new Float64Array(0);
  return totals.length === wanted ? recipeFromSums(sharedSteps(preparation), totals) : undefined;
}
