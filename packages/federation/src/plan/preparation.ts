// What everybody does to its own data before the model sees them: part of the plan, so that all do the same. preparation-schema.ts holds it
// to its ranges, preparation-rules.ts to the rest of the plan.
//
// Of a table, means, deviations and most frequent categories come from one sum before the first round, under the plan's own protection, words
// and noise; no participant's own statistic is seen by anybody. Bounds and categories are declared by people: nobody's own range or list leaves.
//
//   a row moves the sums by at most √(3·standard + 2·impute mean + 1·impute most frequent): every entry of a row is in [0, 1]
//   what is summed is that, times clip / (rowsAtMost · that norm): so many rows fill the clip, and one moves it by clip / rowsAtMost

import type { Plan } from './plan.ts';

export type Preparation = AsGiven | ScatteringPreparation | TablePreparation;

/** The data are the model's inputs. */
export interface AsGiven {
  readonly kind: 'as-given';
}

/** Wavelet scattering of images of 28 × 28: fixed filters, nothing is learned from data. Of one round, the exchange names its features. */
export interface ScatteringPreparation {
  readonly kind: 'scattering';
  /** After a public random projection; the model's inputs. */
  readonly featureCount: number;
  /** Every image's features are brought to this L2 norm. */
  readonly radius: number;
}

/** The columns of a table become numbers by a recipe that everybody fits together. */
export interface TablePreparation {
  readonly kind: 'table';
  /** What every table has to have; what else it has is not looked at. In the order of the model's inputs. */
  readonly columns: readonly TableColumn[];
  /** What is predicted; classes in the order of the model's outputs. */
  readonly target: { readonly column: string; readonly classes: readonly string[] };
  /** In order, each on what the ones before it made. */
  readonly steps: readonly ColumnStep[];
  /** Rows of one participant that count whole; one of more weighs as if it had so many, and bends none of its means. */
  readonly rowsAtMost: number;
}

export interface TableColumn {
  readonly name: string;
  readonly type: 'number' | 'category' | 'date';
}

/** Those of dataset's shared steps (prepare/shared-statistics.ts) that a plan can say; the compiler holds each to be one of them. */
export type ColumnStep =
  | Impute
  | {
      readonly kind: 'one-hot';
      readonly column: string;
      readonly unknown: 'refuse' | 'zeros';
      readonly categories: readonly string[];
    }
  | { readonly kind: 'ordinal'; readonly column: string; readonly categories: readonly string[] }
  | { readonly kind: 'days'; readonly column: string }
  | {
      readonly kind: 'min-max';
      readonly column: string;
      readonly clip: true;
      readonly bounds: Bounds;
    }
  | { readonly kind: 'standard'; readonly column: string; readonly bounds: Bounds }
  | { readonly kind: 'bound-norm'; readonly bound: number };

export type Impute =
  | { readonly kind: 'impute'; readonly column: string; readonly with: 'mean'; readonly bounds: Bounds }
  | {
      readonly kind: 'impute';
      readonly column: string;
      readonly with: 'most frequent';
      readonly categories: readonly string[];
    };

/** Least and most, declared beforehand; what lies outside counts as the bound. */
export type Bounds = readonly [number, number];

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
