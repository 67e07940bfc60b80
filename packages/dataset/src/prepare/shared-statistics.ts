// Statistics that several participants fit together: each makes a vector of sums over its own rows, the vectors are added (by
// whoever adds: a secure sum, noise upon it), and the recipe comes from the totals. No participant's own statistic is needed in the
// clear. Values are clipped to bounds that everybody declared beforehand, so that no row weighs more than it may.
import { ParameterError } from '../errors.ts';
import { categoricalColumnOf, columnOf, type Table } from '../table/index.ts';
import type { FittedStep, Recipe, Step } from './recipe.ts';

/** A step whose statistics are sums. Numbers need bounds, categories must be declared: nobody's own range or list is shared. */
export type SharedStep =
  | Extract<Step, { kind: 'drop' | 'recode' | 'days' | 'bound-norm' }>
  | {
      readonly kind: 'impute';
      readonly column: string;
      readonly with: 'mean';
      readonly bounds: readonly [number, number];
    }
  | {
      readonly kind: 'impute';
      readonly column: string;
      readonly with: 'most frequent';
      readonly categories: readonly string[];
    }
  | {
      readonly kind: 'one-hot';
      readonly column: string;
      readonly unknown: 'refuse' | 'zeros';
      readonly categories: readonly string[];
    }
  | { readonly kind: 'ordinal'; readonly column: string; readonly categories: readonly string[] }
  | {
      readonly kind: 'min-max';
      readonly column: string;
      readonly clip: true;
      readonly bounds: readonly [number, number];
    }
  | { readonly kind: 'standard'; readonly column: string; readonly bounds: readonly [number, number] };

/** How many sums a step takes. */
const widthOf = (step: SharedStep): number => {
  if (step.kind === 'standard') return 3;
  if (step.kind === 'impute') return step.with === 'mean' ? 2 : step.categories.length;
  return 0;
};

export const sumsLength = (steps: readonly SharedStep[]): number => steps.reduce((sum, step) => sum + widthOf(step), 0);

/** One participant's sums, in [0, 1] a row and entry: values are taken relative to their bounds. */
export function localSums(steps: readonly SharedStep[], table: Table): Float64Array {
  const sums = new Float64Array(sumsLength(steps));
  let at = 0;
  for (const step of steps) {
    if (step.kind === 'standard' || (step.kind === 'impute' && step.with === 'mean')) {
      const column = columnOf(table, step.column);
      if (column.type === 'category' || column.type === 'date')
        throw new ParameterError(`column ${step.column} holds no numbers`);
      const [low, high] = checkedBounds(step);
      for (let row = 0; row < table.rowCount; row += 1) {
        const value = column.values[row];
        if (Number.isNaN(value)) continue;
        const relative = Math.min(1, Math.max(0, (value - low) / (high - low)));
        sums[at] += 1;
        sums[at + 1] += relative;
        if (step.kind === 'standard') sums[at + 2] += relative * relative;
      }
    } else if (step.kind === 'impute') {
      const column = categoricalColumnOf(table, step.column);
      const places = column.dictionary.map((text) => step.categories.indexOf(text));
      for (let row = 0; row < table.rowCount; row += 1) {
        const place = column.codes[row] < 0 ? -1 : places[column.codes[row]];
        if (place >= 0) sums[at + place] += 1;
      }
    }
    at += widthOf(step);
  }
  return sums;
}

/** The recipe that the totals give. Totals may be noisy: a negative variance is taken for none, an empty count for one. */
export function recipeFromSums(steps: readonly SharedStep[], totals: ArrayLike<number>): Recipe {
  if (totals.length !== sumsLength(steps))
    throw new ParameterError(`${totals.length} sums instead of ${sumsLength(steps)}`);
  let at = 0;
  const fitted = steps.map((step): FittedStep => {
    const start = at;
    at += widthOf(step);
    switch (step.kind) {
      case 'drop':
      case 'recode':
      case 'days':
      case 'bound-norm':
      case 'one-hot':
      case 'ordinal':
        return step;
      case 'min-max': {
        const [minimum, maximum] = checkedBounds(step);
        return { kind: 'min-max', column: step.column, clip: true, minimum, maximum };
      }
      case 'standard': {
        const [low, high] = checkedBounds(step);
        const count = Math.max(1, totals[start]);
        const mean = totals[start + 1] / count;
        const variance = Math.max(0, totals[start + 2] / count - mean * mean);
        return {
          kind: 'standard',
          column: step.column,
          mean: low + mean * (high - low),
          stddev: Math.sqrt(variance) * (high - low),
        };
      }
      case 'impute': {
        if (step.with === 'mean') {
          const [low, high] = checkedBounds(step);
          const mean = totals[start + 1] / Math.max(1, totals[start]);
          return { kind: 'impute', column: step.column, value: low + Math.min(1, Math.max(0, mean)) * (high - low) };
        }
        const counts = Array.from(step.categories, (_, place) => totals[start + place]);
        const most = counts.indexOf(counts.reduce((best, one) => Math.max(best, one), Number.NEGATIVE_INFINITY));
        return { kind: 'impute', column: step.column, value: step.categories[most] };
      }
      default:
        return step satisfies never;
    }
  });
  return { version: 1, steps: fitted };
}

function checkedBounds(step: {
  readonly column: string;
  readonly bounds: readonly [number, number];
}): readonly [number, number] {
  const [low, high] = step.bounds;
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new ParameterError(`column ${step.column}: bounds ${low} and ${high}`);
  return step.bounds;
}
