// What a training circuit is asked for. Refused: projection, exact sigmoids, folds of batches, batches that do not fit the packing.

import type { ClipFactor } from '../approximation/clip-factor.ts';
import { ParameterError } from '../errors.ts';
import type { Packing } from './packing.ts';
import type { Recipe } from './recipe.ts';

export interface TrainingCircuitRequest {
  readonly recipe: Recipe;
  readonly packing: Packing;
  readonly rowCount: number;
  /** Bound on every |feature|, and of a linear model's targets: what is declared of encrypted blocks (packed-inputs.ts). */
  readonly featureBound: number;
  /** Iterations (from 0) before which both iterates get new levels. */
  readonly refreshBefore?: readonly number[];
  /** Where γ/n multiplies; default 'before'. */
  readonly scaling?: 'before' | 'after';
  /** Encrypted noise shares noise.0.k, noise.1.k, … added to the result, each within ±noiseMagnitude. */
  readonly noiseShares?: number;
  readonly noiseMagnitude?: number;
  /** Bound on every |weight|, that nobody proves: a run that exceeds it has diverged. Default 4R. */
  readonly weightBound?: number;
  readonly spareLevels?: number;
  /** Margins of every step as outputs watched.t.r: the key's owner sees every one that left the interval. */
  readonly watchMargins?: boolean;
  /** Train on all rows but those whose number is `index` modulo `count`: cross-validation on rows that were encrypted once. */
  readonly leaveOut?: LeaveOut;
  /** Rows clipped one by one, for comparison (clipped-pairs.ts): masked packings only. */
  readonly clip?: ClipFactor;
}

export interface LeaveOut {
  readonly index: number;
  readonly count: number;
}

export function requireEncryptable({ recipe, packing, rowCount, clip, leaveOut }: TrainingCircuitRequest): void {
  if (recipe.projectionRadius !== undefined) {
    throw new ParameterError(
      'a projection needs its iterate opened: a circuit cannot do it. Train with openings, or without projection',
    );
  }
  if (recipe.model.kind === 'logistic-exact')
    throw new ParameterError('the sigmoid itself is not computed on ciphertexts: choose a degree');
  if (leaveOut !== undefined) {
    const { index, count } = leaveOut;
    if (
      !(
        Number.isSafeInteger(count) &&
        count >= 2 &&
        count <= rowCount &&
        Number.isSafeInteger(index) &&
        index >= 0 &&
        index < count
      )
    ) {
      throw new ParameterError(`fold ${index} of ${count} of ${rowCount} rows`);
    }
    if (recipe.batchSize !== undefined) throw new ParameterError('folds are left out of all rows, not of batches');
  }
  if (clip !== undefined && (packing.doubled || recipe.model.kind !== 'logistic')) {
    throw new ParameterError('rows are clipped for logistic models on masked packings only');
  }
  const rows = recipe.batchSize ?? rowCount;
  if (Math.ceil(rows / packing.rowsPerBlock) !== packing.rowBlocks) {
    throw new ParameterError(
      `the packing is for up to ${packing.rowBlocks * packing.rowsPerBlock} rows a step, not for ${rows}`,
    );
  }
  if ((recipe.model.kind === 'linear') !== (packing.packedColumns !== packing.columns)) {
    throw new ParameterError('a linear model’s packing has a column for the target, and no other');
  }
}
