// Scores of a linear model that nobody has opened: weights as a training left them in ciphertexts, examples packed beside them, one product and
// a sum over columns. Takes the packing of the training (../training/packing.ts): weights repeat every `width` slots there, and an
// example stands at the beginning of its stride. One level, so the training is planned with one to spare.

import { type Circuit, circuit, type Wire } from '../circuit/index.ts';
import { ParameterError } from '../errors.ts';

/** What this needs to know of a packing. */
export interface LinearLayout {
  readonly slots: number;
  readonly columns: number;
  /** Columns a block, a power of two. */
  readonly width: number;
  /** Slots from one row to the next. */
  readonly stride: number;
  readonly columnBlocks: number;
  readonly rowsPerBlock: number;
}

export interface LinearBounds {
  /** Every |feature| is at most this. */
  readonly feature: number;
  /** Every |weight|. */
  readonly weight: number;
}

export const SCORES = 'scores';
export const linearWeights = (block: number): string => `weights.${block}`;
export const linearExamples = (block: number): string => `examples.${block}`;

export function linearScores(layout: LinearLayout, bounds: LinearBounds): Circuit {
  const { slots, columnBlocks, width, stride } = layout;
  const magnitude = bounds.feature / largestScore(layout, bounds);
  return circuit('scores of an encrypted linear model', slots, (c) => {
    const pairs = Array.from({ length: columnBlocks }, (_, block): readonly [Wire, Wire] => [
      c.input(linearWeights(block), { magnitude: bounds.weight, packing: `weights, repeated every ${width} slots` }),
      c.input(linearExamples(block), { magnitude, packing: `a row every ${stride} slots, over the largest score` }),
    ]);
    const summed = c.innerSum(c.sumOfProducts(pairs), width);
    c.output(SCORES, c.declare(summed, 1, 'examples are divided by the largest score there can be'));
  });
}

/** Of every slot: those in the middle of a row hold the end of one score and the beginning of the next. */
function largestScore({ columns }: LinearLayout, { feature, weight }: LinearBounds): number {
  return feature * weight * columns;
}

/** Slots of one block of columns, for up to rowsPerBlock examples; over the largest score. */
export function packLinearExamples(
  layout: LinearLayout,
  bounds: LinearBounds,
  block: number,
  examples: readonly ArrayLike<number>[],
): Float64Array {
  const { slots, columns, width, stride, columnBlocks, rowsPerBlock } = layout;
  const largest = largestScore(layout, bounds);
  if (!Number.isInteger(block) || block < 0 || block >= columnBlocks) {
    throw new ParameterError(`block ${block} of ${columnBlocks}`);
  }
  if (examples.length > rowsPerBlock) {
    throw new ParameterError(`${examples.length} examples; one run takes ${rowsPerBlock}`);
  }
  const packed = new Float64Array(slots);
  examples.forEach((example, row) => {
    if (example.length !== columns) {
      throw new ParameterError(`example ${row} has ${example.length} numbers, the model ${columns}`);
    }
    for (let column = block * width; column < Math.min(columns, (block + 1) * width); column++) {
      packed[row * stride + (column - block * width)] = example[column] / largest;
    }
  });
  return packed;
}

export function linearScoresOf(
  layout: LinearLayout,
  bounds: LinearBounds,
  opened: ArrayLike<number>,
  count: number,
): Float64Array {
  const largest = largestScore(layout, bounds);
  return Float64Array.from({ length: count }, (_, row) => largest * opened[row * layout.stride]);
}
