// All blocks of a training's rows by their names: what is encrypted, one block after another. Takes checked rows and nothing else.

import { ParameterError } from '../errors.ts';
import { batchOf } from './descent.ts';
import { blockName, hasResidualBlocks, type Packing, packBlock, type Side } from './packing.ts';
import type { Recipe } from './recipe.ts';
import { CheckedRows } from './rows.ts';

export interface PackedBlock {
  readonly name: string;
  readonly values: Float64Array;
  /** Bound on every |number|, from B and not from the numbers. */
  readonly magnitude: number;
}

export function* packedBlocks(rows: CheckedRows, recipe: Recipe, packing: Packing): Generator<PackedBlock> {
  if (!CheckedRows.areChecked(rows)) throw new ParameterError('rows are checked before they are packed');
  const batches = recipe.batchSize === undefined ? 1 : Math.floor(rows.count / recipe.batchSize);
  const sides: readonly Side[] = hasResidualBlocks(packing) ? ['margins', 'residuals'] : ['margins'];
  for (let batch = 0; batch < batches; batch += 1) {
    const { from, to } = batchOf(recipe, rows.count, batch);
    for (const side of sides) {
      const scale = side === 'margins' ? (recipe.activation?.interval ?? 1) : 1;
      const magnitude = blockMagnitude(rows) / scale;
      for (let rowBlock = 0; rowBlock < packing.rowBlocks; rowBlock += 1) {
        for (let columnBlock = 0; columnBlock < packing.columnBlocks; columnBlock += 1) {
          const values = packBlock(rows, packing, { side, from, to, rowBlock, columnBlock, scale });
          yield { name: blockName(side, batch, rowBlock, columnBlock), values, magnitude };
        }
      }
    }
  }
}

/** Of what a block may hold before it is scaled: features, and targets of linear models. */
export function blockMagnitude({ featureBound, labelSet }: Pick<CheckedRows, 'featureBound' | 'labelSet'>): number {
  return labelSet === 'binary' ? featureBound : Math.max(featureBound, labelSet);
}
