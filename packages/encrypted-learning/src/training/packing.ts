// Where rows and features lie in the slots of ciphertexts (after KSKLC18, eprint 2018/254, and HHCP19, eprint 2018/662,
// a block of rows times a block of columns in one ciphertext, row after row).
//
// A block has `width` columns (a power of two) and stride·rowsPerBlock = slots. Sums over rows turn by multiples of the stride and come
// round: every slot ends with the sum. Sums over columns do not come round within a row, and there are two remedies:
//
//   masked    stride = width. The sum stands in each row's first slot; the rest is masked away and the sum copied back: one level
//             and log2(width) rotations more.
//   doubled   stride = 2·width. Features and weights stand twice side by side, so that sums over `width` slots are right in a
//             row's first half as they are; the rows that multiply the residual are empty in the second half, which takes the place of
//             the mask; the gradient is copied over by one rotation. One level less an iteration, twice the slots.
//
// For logistic models a row is ±x (+ for label 1), as in HELR: the gradient is −Σ p(−⟨w, ±x⟩)(±x). For linear ones the target is one
// more column whose weight stays −1, so that a margin is the residual.

import { ParameterError } from '../errors.ts';
import type { CheckedRows } from './rows.ts';

export interface Packing {
  readonly slots: number;
  /** Of the rows; a linear model's target not counted. */
  readonly columns: number;
  /** Columns that take slots: `columns`, and one more for a linear model's target. */
  readonly packedColumns: number;
  readonly width: number;
  readonly stride: number;
  readonly doubled: boolean;
  readonly columnBlocks: number;
  readonly rowsPerBlock: number;
  readonly rowBlocks: number;
}

export interface PackingRequest {
  readonly slots: number;
  /** Rows of one step: all, or a batch. */
  readonly rowCount: number;
  readonly columns: number;
  readonly hasTargetColumn: boolean;
  readonly doubled: boolean;
  /** Columns a block; default: what costs the fewest key switches. */
  readonly width?: number;
}

export function packing(request: PackingRequest): Packing {
  const { slots, rowCount, columns, hasTargetColumn, doubled } = request;
  if (!Number.isInteger(Math.log2(slots)) || slots < 2) throw new ParameterError(`${slots} slots: not a power of two`);
  for (const [name, value] of [
    ['rows', rowCount],
    ['columns', columns],
  ] as const) {
    if (!(Number.isSafeInteger(value) && value > 0)) throw new ParameterError(`a packing of ${value} ${name}`);
  }
  const packedColumns = columns + (hasTargetColumn ? 1 : 0);
  const widest = 2 ** Math.ceil(Math.log2(packedColumns));
  const widths = request.width === undefined ? powersUpTo(widest) : [request.width];
  const possible = widths.filter((width) => Number.isInteger(Math.log2(width)) && (doubled ? 2 : 1) * width <= slots);
  const made = possible.map((width) => layout(request, packedColumns, width));
  const best = made.reduce<Packing | undefined>(
    (least, one) => (least === undefined || switches(one) < switches(least) ? one : least),
    undefined,
  );
  if (best === undefined)
    throw new ParameterError(`no block of ${request.width ?? widest} columns fits ${slots} slots`);
  return best;
}

function layout({ slots, rowCount, columns, doubled }: PackingRequest, packedColumns: number, width: number): Packing {
  const stride = doubled ? 2 * width : width;
  const rowsPerBlock = slots / stride;
  return Object.freeze({
    slots,
    columns,
    packedColumns,
    width,
    stride,
    doubled,
    columnBlocks: Math.ceil(packedColumns / width),
    rowsPerBlock,
    rowBlocks: Math.ceil(rowCount / rowsPerBlock),
  });
}

/** Key switches of one iteration, about: what the width is chosen by. */
function switches({ width, rowsPerBlock, rowBlocks, columnBlocks, doubled }: Packing): number {
  const overColumns = Math.log2(width) * (doubled ? 1 : 2);
  const overRows = Math.log2(rowsPerBlock) + (doubled ? 1 : 0);
  return rowBlocks * (overColumns + 3) + columnBlocks * (overRows + 1) + rowBlocks * columnBlocks;
}

function powersUpTo(largest: number): readonly number[] {
  return Array.from({ length: Math.log2(largest) + 1 }, (_, i) => 2 ** i);
}

export type Side = 'margins' | 'residuals';

/** The name of an encrypted block: which batch, which rows, which columns, for margins or for multiplying residuals. */
export function blockName(side: Side, batch: number, rowBlock: number, columnBlock: number): string {
  return `${side}.${batch}.${rowBlock}.${columnBlock}`;
}

/** Whether residuals multiply a block of their own: where it is not the margins' block up to a factor. */
export function hasResidualBlocks({ doubled, packedColumns, columns }: Packing): boolean {
  return doubled || packedColumns !== columns;
}

/**
 * The numbers of one block. Margins: rows over `scale`; residuals: rows as they are, without the target's column and, doubled, in the
 * first half only.
 */
export function packBlock(
  rows: CheckedRows,
  layout: Packing,
  place: {
    readonly side: Side;
    readonly from: number;
    readonly to: number;
    readonly rowBlock: number;
    readonly columnBlock: number;
    readonly scale: number;
  },
): Float64Array {
  const { width, stride, doubled, rowsPerBlock, slots, columns, packedColumns } = layout;
  if (rows.columns !== columns) throw new ParameterError(`a packing of ${columns} columns for rows of ${rows.columns}`);
  const { side, from, to, rowBlock, columnBlock, scale } = place;
  const values = new Float64Array(slots);
  const first = from + rowBlock * rowsPerBlock;
  const signed = packedColumns === columns;
  for (let i = 0; i < rowsPerBlock && first + i < to; i += 1) {
    const row = first + i;
    const sign = signed && rows.labels[row] === 0 ? -1 : 1;
    for (let j = 0; j < width; j += 1) {
      const column = columnBlock * width + j;
      const isTarget = column === columns && !signed;
      if (column >= packedColumns || (isTarget && side === 'residuals')) continue;
      const value = (isTarget ? rows.labels[row] : sign * rows.features[row * columns + column]) / scale;
      values[i * stride + j] = value;
      if (doubled && side === 'margins') values[i * stride + width + j] = value;
    }
  }
  return values;
}

/** Weights in every row of a column block; what the iterates look like. */
export function packWeights(weights: Float64Array, layout: Packing, columnBlock: number): Float64Array {
  const { slots, width } = layout;
  return Float64Array.from({ length: slots }, (_, slot) => weights[columnBlock * width + (slot % width)] ?? 0);
}

/** The weights out of the iterates' column blocks, from the first row. */
export function unpackWeights(
  blocks: readonly ArrayLike<number>[],
  { columns, width, columnBlocks }: Packing,
): Float64Array {
  if (blocks.length !== columnBlocks)
    throw new ParameterError(`${blocks.length} blocks of weights, not ${columnBlocks}`);
  return Float64Array.from({ length: columns }, (_, j) => blocks[Math.floor(j / width)][j % width]);
}

/** 1 in every row's first slot. */
export function firstSlots({ slots, stride }: Packing): Float64Array {
  return Float64Array.from({ length: slots }, (_, slot) => (slot % stride === 0 ? 1 : 0));
}
