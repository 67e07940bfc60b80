// The gradient with respect to filters, summed over images: directly, or in the transformed domain of minimal filtering, where the sum over
// images is taken before one transform back. Same choice as in filtering.ts.

import type { Engine } from '../engine/engine.ts';
import { type FilteringShape, prefersWinograd, tilesOf } from './filtering.ts';

export interface FilterGradientShape extends FilteringShape {
  /** Floats from one row of the padded image to the next. */
  readonly imageRow: number;
  /** Floats from one filter tap's channel to the next: all filters of all groups. */
  readonly filterRow: number;
}

export interface FilterGradient {
  /** target (+)= Σ over images of patchesᵀ · gradient; `fresh` replaces. Addresses of image and gradient are asked for in order. */
  sum(target: number, count: number, fresh: boolean, imageOf: AddressOf, gradientOf: AddressOf): void;
}

type AddressOf = (index: number) => number;

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

export function filterGradient(engine: Engine, shape: FilterGradientShape): FilterGradient {
  return prefersWinograd(shape) ? winogradGradient(engine, shape) : directGradient(engine, shape);
}

function directGradient({ convolution, memory }: Engine, shape: FilterGradientShape): FilterGradient {
  const { rows, columns, channels, filters, kernel, step, imageRow, filterRow, outPixel } = shape;
  const panels = memory.reserveFloats(rows * columns * roundUp(filters, 8));
  const edge = memory.reserveFloats(32);
  return {
    sum(target, count, fresh, imageOf, gradientOf) {
      for (let i = 0; i < count; i++) {
        convolution.filterGradient(
          target,
          filterRow,
          imageOf(i),
          imageRow,
          imageRow * step,
          channels * step,
          rows,
          columns,
          kernel,
          kernel * channels,
          gradientOf(i),
          outPixel,
          filters,
          fresh && i === 0 ? 0 : 1,
          panels,
          edge,
        );
      }
    },
  };
}

function winogradGradient({ convolution, memory, winograd }: Engine, shape: FilterGradientShape): FilterGradient {
  const { rows, columns, channels, filters, kernel, imageRow, filterRow, outPixel } = shape;
  const { size, tileRows, tileColumns } = tilesOf(shape);
  const tiles = tileRows * tileColumns;
  const transformed = memory.reserveFloats(36 * tiles * channels);
  const gradients = memory.reserveFloats(36 * tiles * filters);
  const sumLength = channels * filters + 16;
  const sums = memory.reserveFloats(36 * sumLength);
  const panels = memory.reserveFloats(tiles * roundUp(filters, 8));
  const scratch = memory.reserveFloats(72 * 4);
  const edge = memory.reserveFloats(32);
  return {
    sum(target, count, fresh, imageOf, gradientOf) {
      for (let i = 0; i < count; i++) {
        winograd.transformTiles(transformed, imageOf(i), imageRow, channels, tileRows, tileColumns, size, scratch);
        winograd.transformGradients(
          gradients,
          gradientOf(i),
          outPixel,
          rows,
          columns,
          filters,
          tileRows,
          tileColumns,
          size,
          scratch,
        );
        for (let point = 0; point < 36; point++) {
          convolution.filterGradient(
            sums + 4 * point * sumLength,
            filters,
            transformed + 4 * point * tiles * channels,
            0,
            0,
            channels,
            1,
            tiles,
            1,
            channels,
            gradients + 4 * point * tiles * filters,
            filters,
            filters,
            i === 0 ? 0 : 1,
            panels,
            edge,
          );
        }
      }
      const tap = channels * filterRow;
      winograd.transformFiltersBack(target, tap, filterRow, sums, kernel, channels, filters, fresh ? 0 : 1, scratch);
    },
  };
}
