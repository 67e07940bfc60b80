// Dense layers, and convolutions as dense layers over patches: y = P·W + b, where a row of P is an input, or what one filter sees of it.
// Along a direction (V, c) of the weights: ẏ = Ṗ·W + P·V + c, and d/dε of Wᵀ's part of the gradient is ȳ˙·Wᵀ + ȳ·Vᵀ.

import type { LayerSpec } from '@sumus/learning/model';
import type { Slice } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';
import type { Matrix, Products } from './products.ts';
import { makeRows, type Rows, type TwiceLayer } from './rows.ts';

export interface Patches {
  /** Rows of patches of the whole batch, and of one example. */
  readonly count: number;
  readonly size: number;
  /** Patches of `rows`, in `room` or in the array itself where both are the same. */
  gather(rows: Float64Array, room: Float64Array): Float64Array;
  /** Adds patches back to where they came from. */
  scatterAdd(rows: Float64Array, patches: Float64Array): void;
}

export interface AffineOptions {
  readonly weight: Slice;
  readonly bias: Slice | undefined;
  readonly units: number;
  /** Nothing before this layer asks for a tangent: the input of the network has none. */
  readonly isFirst: boolean;
  readonly products: Products;
}

export function affineLayer(
  input: Rows,
  outputSize: number,
  patches: Patches,
  { weight, bias, units, isFirst, products }: AffineOptions,
): TwiceLayer {
  const count = input.value.length / input.size;
  const output = makeRows(count, outputSize);
  const matrix = (values: Float64Array): Matrix => ({
    values,
    at: weight.offset,
    rows: patches.size,
    columns: units,
  });
  const startWithBias = (out: Float64Array, values: Float64Array): void => {
    if (bias === undefined) out.fill(0);
    else for (let i = 0; i < out.length; i++) out[i] = values[bias.offset + (i % units)];
  };
  const { addProduct, addProductTransposed, addOuterProducts } = products;
  const rowsBack = new Float64Array(patches.count * patches.size);
  const [room, tangentRoom] = [new Float64Array(rowsBack.length), new Float64Array(rowsBack.length)];
  let seen: Float64Array = room;
  return {
    output,
    forward(parameters) {
      // Kept for the gradient of the weights and for the tangent.
      seen = patches.gather(input.value, room);
      startWithBias(output.value, parameters);
      addProduct(output.value, seen, matrix(parameters));
    },
    backward(parameters, gradient) {
      addOuterProducts(matrix(gradient), seen, output.gradient);
      if (bias !== undefined) {
        for (let i = 0; i < output.gradient.length; i++) gradient[bias.offset + (i % units)] += output.gradient[i];
      }
      rowsBack.fill(0);
      addProductTransposed(rowsBack, output.gradient, matrix(parameters));
      input.gradient.fill(0);
      patches.scatterAdd(input.gradient, rowsBack);
    },
    forwardTangent(parameters, direction) {
      startWithBias(output.tangent, direction);
      addProduct(output.tangent, seen, matrix(direction));
      if (!isFirst) addProduct(output.tangent, patches.gather(input.tangent, tangentRoom), matrix(parameters));
    },
    backwardTangent(parameters, direction) {
      rowsBack.fill(0);
      addProductTransposed(rowsBack, output.gradientTangent, matrix(parameters));
      addProductTransposed(rowsBack, output.gradient, matrix(direction));
      input.gradientTangent.fill(0);
      patches.scatterAdd(input.gradientTangent, rowsBack);
    },
  };
}

/** A dense layer's patches are its inputs. */
export function wholeRows({ size, value }: Rows): Patches {
  return {
    count: value.length / size,
    size,
    gather: (rows) => rows,
    scatterAdd: (rows, patches) => {
      for (let i = 0; i < rows.length; i++) rows[i] += patches[i];
    },
  };
}

type Convolution = Extract<LayerSpec, { readonly kind: 'conv2d' }>;

/** What the filters of a convolution see; zeros outside the picture. Refuses groups. */
export function filterPatches(
  input: Rows,
  [rows, columns, channels]: readonly number[],
  [outRows, outColumns]: readonly number[],
  { kernel, step = 1, padding = 0, groups = 1 }: Convolution,
): Patches {
  if (groups !== 1) throw new ParameterError(`a convolution in ${groups} groups cannot be attacked here`);
  const before = (size: number, out: number): number =>
    padding === 'same' ? Math.floor(Math.max((out - 1) * step + kernel - size, 0) / 2) : padding;
  const [top, left] = [before(rows, outRows), before(columns, outColumns)];
  const size = kernel * kernel * channels;
  const perExample = outRows * outColumns;
  // Of every number of one example's patches: where it is in the input, or -1.
  const sources = new Int32Array(perExample * size).fill(-1);
  let at = 0;
  for (let y = 0; y < outRows; y++) {
    for (let x = 0; x < outColumns; x++) {
      for (let ky = 0; ky < kernel; ky++) {
        for (let kx = 0; kx < kernel; kx++) {
          const [row, column] = [y * step + ky - top, x * step + kx - left];
          const isInside = row >= 0 && row < rows && column >= 0 && column < columns;
          for (let c = 0; c < channels; c++) {
            if (isInside) sources[at] = (row * columns + column) * channels + c;
            at += 1;
          }
        }
      }
    }
  }
  const examples = input.value.length / input.size;
  return {
    count: examples * perExample,
    size,
    gather(values, patches) {
      for (let example = 0; example < examples; example++) {
        const [from, to] = [example * input.size, example * sources.length];
        for (let i = 0; i < sources.length; i++) if (sources[i] >= 0) patches[to + i] = values[from + sources[i]];
      }
      return patches;
    },
    scatterAdd(values, patches) {
      for (let example = 0; example < examples; example++) {
        const [to, from] = [example * input.size, example * sources.length];
        for (let i = 0; i < sources.length; i++) if (sources[i] >= 0) values[to + sources[i]] += patches[from + i];
      }
    },
  };
}
