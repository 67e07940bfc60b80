// One prediction soon: all numbers of a layer in the slots of one ciphertext (LoLa19, which has more packings than the two
// here).
//
//   convolution of the input   the image, padded, once a filter: block f of the slots computes filter f. A tap is one diagonal, so a kernel of
//                              5×5 is 25 diagonals; the output of row r, column c stands where its window begins.
//   any other affine map       the diagonals of the matrix with its rows repeated (JVC18, §4): as many as outputs, rounded up to a power of two, then log2(inputs/outputs) rotations.
//
// Slots that hold no number of the layer meet zeros in the next layer's diagonals. Every affine map is one level, every square one.

import { ParameterError } from '../errors.ts';
import { type AffineMap, eachEntry } from './affine-map.ts';
import type { BoundedNetwork } from './bounded-network.ts';
import type { ConvolutionGeometry } from './polynomial-network.ts';

/** Which slot holds which number; slots repeat with the period. */
export interface Layout {
  readonly period: number;
  readonly positions: Uint32Array;
}

/** y = Σ_k diagonal_k ⊙ rot_k(x), then slot j becomes the sum of slots j, j + stride, …; then the bias. */
export interface PackedAffine {
  readonly kind: 'affine';
  readonly diagonals: ReadonlyMap<number, Float64Array>;
  readonly innerSum: { readonly count: number; readonly stride: number };
  readonly bias: Float64Array;
  readonly output: Layout;
}

export type PackedStage = PackedAffine | { readonly kind: 'polynomial'; readonly coefficients: readonly number[] };

export interface PackedNetwork {
  readonly slots: number;
  readonly input: Layout;
  readonly stages: readonly PackedStage[];
  readonly output: Layout;
}

export function packFeatures(network: BoundedNetwork): PackedNetwork {
  const [first] = network.stages;
  if (first?.kind !== 'affine') throw new ParameterError('a network begins with an affine map');
  const geometry = first.convolution;
  const input = geometry === undefined ? inOrder(network.inputs) : paddedImage(geometry);
  let slots = input.period;
  let layout = input;
  const stages = network.stages.map((stage, at): PackedStage => {
    if (stage.kind === 'polynomial') return stage;
    const packed =
      at === 0 && geometry !== undefined ? packConvolution(stage.map, geometry, input) : packMatrix(stage.map, layout);
    layout = packed.output;
    slots = Math.max(slots, layout.period, ...[...packed.diagonals.values()].map((diagonal) => diagonal.length));
    return packed;
  });
  return {
    slots,
    input,
    output: layout,
    stages: stages.map((stage) => (stage.kind === 'affine' ? repeated(stage, slots) : stage)),
  };
}

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));

function inOrder(count: number): Layout {
  return { period: powerOfTwo(count), positions: Uint32Array.from({ length: count }, (_, i) => i) };
}

/** Rows and columns of the image with the zeros that a convolution reads around it. */
function paddedSize({ image, kernel, step, before, output }: ConvolutionGeometry): readonly [number, number] {
  const size = (length: number, zeros: number, outputs: number): number =>
    Math.max(zeros + length, (outputs - 1) * step + kernel);
  return [size(image.rows, before[0], output[0]), size(image.columns, before[1], output[1])];
}

function paddedImage(geometry: ConvolutionGeometry): Layout {
  const { image, before } = geometry;
  const [rows, columns] = paddedSize(geometry);
  const positions = new Uint32Array(image.rows * image.columns * image.channels);
  for (let r = 0; r < image.rows; r++) {
    for (let c = 0; c < image.columns; c++) {
      for (let ch = 0; ch < image.channels; ch++) {
        const at = ((r + before[0]) * columns + c + before[1]) * image.channels + ch;
        positions[(r * image.columns + c) * image.channels + ch] = at;
      }
    }
  }
  return { period: powerOfTwo(rows * columns * image.channels), positions };
}

function packConvolution(map: AffineMap, geometry: ConvolutionGeometry, input: Layout): PackedAffine {
  const { image, step, output, filters } = geometry;
  const [, columns] = paddedSize(geometry);
  const period = input.period * powerOfTwo(filters);
  const positions = new Uint32Array(map.outputs);
  for (let r = 0; r < output[0]; r++) {
    for (let c = 0; c < output[1]; c++) {
      for (let filter = 0; filter < filters; filter++) {
        const at = filter * input.period + (r * columns + c) * step * image.channels;
        positions[(r * output[1] + c) * filters + filter] = at;
      }
    }
  }
  const diagonals = new Map<number, Float64Array>();
  eachEntry(map, (row, column, weight) => {
    const k = input.positions[column] - (positions[row] % input.period);
    diagonalOf(diagonals, k, period)[positions[row]] = weight;
  });
  return withBias(map, { diagonals, innerSum: { count: 1, stride: 1 }, output: { period, positions } });
}

function packMatrix(map: AffineMap, input: Layout): PackedAffine {
  const rows = powerOfTwo(map.outputs);
  const period = Math.max(rows, input.period);
  const diagonals = new Map<number, Float64Array>();
  // Entry (o, i) is met by slot j = o mod rows on diagonal k = position(i) − j, of all such j the one with 0 ≤ k < rows.
  eachEntry(map, (row, column, weight) => {
    const position = input.positions[column];
    const k = (((position - row) % rows) + rows) % rows;
    const wide = rows >= input.period;
    const turned = wide ? (((position - row) % input.period) + input.period) % input.period : k;
    const slot = wide ? row : (((position - k) % period) + period) % period;
    diagonalOf(diagonals, turned, period)[slot] = weight;
  });
  const positions = Uint32Array.from({ length: map.outputs }, (_, row) => row);
  const innerSum = { count: period / rows, stride: rows };
  return withBias(map, { diagonals, innerSum, output: { period: rows, positions } });
}

function diagonalOf(diagonals: Map<number, Float64Array>, k: number, period: number): Float64Array {
  const diagonal = diagonals.get(k) ?? new Float64Array(period);
  diagonals.set(k, diagonal);
  return diagonal;
}

function withBias(map: AffineMap, packed: Omit<PackedAffine, 'kind' | 'bias'>): PackedAffine {
  const bias = new Float64Array(packed.output.period);
  packed.output.positions.forEach((at, row) => {
    bias[at] = map.bias[row];
  });
  return { kind: 'affine', ...packed, bias };
}

/** Every vector at its full length. */
function repeated(stage: PackedAffine, slots: number): PackedAffine {
  const whole = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: slots }, (_, slot) => values[slot % values.length]);
  const diagonals = new Map([...stage.diagonals].map(([k, values]) => [k, whole(values)]));
  return { ...stage, diagonals, bias: whole(stage.bias) };
}

/** Numbers at the slots of a layout, the other slots zero. */
export function spread({ period, positions }: Layout, slots: number, values: ArrayLike<number>): Float64Array {
  const spreadOut = new Float64Array(slots);
  positions.forEach((at, i) => {
    for (let slot = at; slot < slots; slot += period) spreadOut[slot] = values[i];
  });
  return spreadOut;
}
