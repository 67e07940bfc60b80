// The training in the clear, on doubles: the twin of the encrypted run, what hyper-parameters are tuned on, and the model of what an
// encrypted run may release. Each step reads one batch, adds the noise it is handed, and moves; with a projection radius both iterates
// are brought back to the ball.
//
// It never releases: what comes out is a trajectory, and release.ts decides.

import { projectInPlace } from '@sumus/differential-privacy/sensitivity';
import { ParameterError } from '../errors.ts';
import { addPublicGradient, dataGradient, type RowRange } from './gradient.ts';
import type { Recipe } from './recipe.ts';
import { CheckedRows } from './rows.ts';

export interface Trajectory {
  readonly recipe: Recipe;
  /** What is known of the rows it was made of. */
  readonly bounds: RowBounds;
  /** w_T. */
  readonly weights: Float64Array;
  /** The largest |⟨v_t, x⟩| of every step: v_t is where the gradient was taken. */
  readonly margins: readonly number[];
  /** ‖w_t‖ after every step. */
  readonly norms: readonly number[];
  /** The first step whose iterate was not finite any more; there the run stopped. */
  readonly stoppedAt: number | undefined;
}

/** How many rows, of what, and what they were checked against. */
export type RowBounds = Pick<CheckedRows, 'count' | 'columns' | 'normBound' | 'labelSet'>;

export interface DescentOptions {
  /** Adds to the sum (not the mean) of a step's gradient, in place; noise of privacy comes in here. */
  readonly perturb?: (sum: Float64Array, step: number) => void;
  /** Per-row clipping: the comparison's, not the method's. */
  readonly clippingNorm?: number;
  /** Called after every step: progress, or a snapshot. */
  readonly onStep?: (step: number, weights: Float64Array) => void;
}

export function descend(rows: CheckedRows, recipe: Recipe, options: DescentOptions = {}): Trajectory {
  if (!CheckedRows.areChecked(rows)) throw new ParameterError('rows are checked before anything is trained on them');
  requireFits(recipe, rows);
  const { columns } = rows;
  let weights = new Float64Array(columns);
  let ahead = new Float64Array(columns);
  const margins: number[] = [];
  const norms: number[] = [];
  let stoppedAt: number | undefined;
  for (const [t, { rate, momentum }] of recipe.steps.entries()) {
    const range = batchOf(recipe, rows.count, t);
    const { sum, largestMargin } = dataGradient(rows, range, ahead, recipe, options.clippingNorm);
    margins.push(largestMargin);
    options.perturb?.(sum, t);
    const gradient = sum.map((value) => value / (range.to - range.from));
    addPublicGradient(gradient, ahead, recipe);
    const next = ahead.map((value, j) => value - rate * gradient[j]);
    const moved = next.map((value, j) => value + momentum * (value - weights[j]));
    if (!moved.every(Number.isFinite)) {
      stoppedAt = t;
      break;
    }
    if (recipe.projectionRadius !== undefined) {
      projectInPlace(next, recipe.projectionRadius);
      projectInPlace(moved, recipe.projectionRadius);
    }
    weights = next;
    ahead = moved;
    norms.push(Math.hypot(...weights));
    options.onStep?.(t, weights);
  }
  const { count, normBound, labelSet } = rows;
  const bounds = Object.freeze({ count, columns, normBound, labelSet });
  return Object.freeze({ recipe, bounds, weights, margins, norms, stoppedAt });
}

/** Consecutive rows, in turn; the last batch of a pass is dropped where it would be shorter, so that every batch weighs the same. */
export function batchOf({ batchSize }: Pick<Recipe, 'batchSize'>, rowCount: number, step: number): RowRange {
  if (batchSize === undefined) return { from: 0, to: rowCount };
  const batches = Math.floor(rowCount / batchSize);
  const from = (step % batches) * batchSize;
  return { from, to: from + batchSize };
}

export function requireFits({ model, batchSize }: Recipe, rows: CheckedRows): void {
  if (batchSize !== undefined && batchSize > rows.count) {
    throw new ParameterError(`batches of ${batchSize} rows, of which there are ${rows.count}`);
  }
  if ((model.kind === 'linear') !== (rows.labelSet !== 'binary')) {
    throw new ParameterError(
      `a ${model.kind} model cannot be trained on ${rows.labelSet === 'binary' ? 'labels 0 and 1' : 'real targets'}`,
    );
  }
}

/** ⟨w, x⟩ of every row. */
export function margins(rows: CheckedRows, weights: Float64Array): Float64Array {
  if (weights.length !== rows.columns) {
    throw new ParameterError(`${weights.length} weights for rows of ${rows.columns} columns`);
  }
  const found = new Float64Array(rows.count);
  for (let row = 0; row < rows.count; row += 1) {
    let z = 0;
    for (let j = 0; j < rows.columns; j += 1) z += weights[j] * rows.features[row * rows.columns + j];
    found[row] = z;
  }
  return found;
}
