// The sum before the first round of a plan about a table, in numbers: how long it is, and what one row moves it by.
//
//   a row moves the sums by at most √(3·standard + 2·impute mean + 1·impute most frequent): every entry of a row is in [0, 1]
//   what is summed is that, times clip / (rowsAtMost · that norm): so many rows fill the clip, and one moves it by clip / rowsAtMost

import type { Plan } from './plan.ts';
import type { ColumnStep, TablePreparation } from './preparation.ts';

/** Numbers of the sum before the first round; 0 where no step needs one. */
export function columnSumsOf({ preparation }: Pick<Plan, 'preparation'>): number {
  if (preparation.kind !== 'table') return 0;
  return preparation.steps.reduce((sum, step) => sum + widthOf(step), 0);
}

function widthOf(step: ColumnStep): number {
  if (step.kind === 'standard') return 3;
  if (step.kind !== 'impute') return 0;
  return step.with === 'mean' ? 2 : step.categories.length;
}

/** What one row moves the sums of columns by, at most. */
export const rowNorm = ({ steps }: Pick<TablePreparation, 'steps'>): number =>
  Math.sqrt(
    steps.reduce((squares, step) => {
      if (step.kind === 'standard') return squares + 3;
      return step.kind === 'impute' ? squares + (step.with === 'mean' ? 2 : 1) : squares;
    }, 0),
  );

/** By what the sums of columns are multiplied to fill the words of a round. */
export const columnScale = (
  preparation: Pick<TablePreparation, 'steps' | 'rowsAtMost'>,
  { clippingNorm }: Pick<Plan['encoding'], 'clippingNorm'>,
): number => clippingNorm / (preparation.rowsAtMost * rowNorm(preparation));

/** Sums before the first round: one, where columns need it. */
export const sumsBeforeRounds = (plan: Pick<Plan, 'preparation'>): number => (columnSumsOf(plan) > 0 ? 1 : 0);

/** All sums that a run of this plan comes to. */
export const sumsInPlan = (plan: Pick<Plan, 'preparation' | 'stopping'>): number =>
  sumsBeforeRounds(plan) + plan.stopping.rounds;

/** How many numbers a row becomes; undefined where a step names a column that is not there. */
export function preparedWidth({ columns, steps }: Pick<TablePreparation, 'columns' | 'steps'>): number | undefined {
  const widths = new Map(columns.map(({ name }) => [name, 1]));
  for (const step of steps) {
    if (step.kind === 'bound-norm') continue;
    if (widths.get(step.column) !== 1) return undefined;
    if (step.kind === 'one-hot') widths.set(step.column, step.categories.length);
  }
  return [...widths.values()].reduce((sum, width) => sum + width, 0);
}
