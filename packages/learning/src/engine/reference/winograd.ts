// The transforms as matrices, multiplied out. Packed filters are plain here, as in reference/convolution.ts: n zeros, then the matrix.

import type { WinogradKernels } from '../winograd-kernels.ts';

const POINTS = [0, 1, -1, 2, -2];
const FACTORS = [1 / 4, -1 / 6, -1 / 6, 1 / 24, 1 / 24];

/** Bᵀ of Lavin and Gray, arXiv 1509.09308 §4.3. */
const IMAGE = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

/** Powers of the points, the last row the point at infinity: G of a filter of `taps` taps. */
const filterMatrix = (taps: number): number[][] => [
  ...POINTS.map((point, p) => Array.from({ length: taps }, (_, i) => FACTORS[p] * point ** i)),
  Array.from({ length: taps }, (_, i) => (i === taps - 1 ? 1 : 0)),
];

/** Aᵀ for `size` outputs. */
const outputMatrix = (size: number): number[][] =>
  Array.from({ length: size }, (_, i) => [...POINTS.map((point) => point ** i), i === size - 1 ? 1 : 0]);

const transposed = (m: readonly (readonly number[])[]): number[][] => m[0].map((_, j) => m.map((row) => row[j]));

/** M·X·Mᵀ */
function sandwich(m: readonly (readonly number[])[], x: readonly (readonly number[])[]): number[][] {
  const left = m.map((row) => x[0].map((_, j) => row.reduce((sum, value, i) => sum + value * x[i][j], 0)));
  return left.map((row) => m.map((other) => other.reduce((sum, value, i) => sum + value * row[i], 0)));
}

const square = (size: number, value: (y: number, x: number) => number): number[][] =>
  Array.from({ length: size }, (_, y) => Array.from({ length: size }, (__, x) => value(y, x)));

export function referenceWinograd(floats: () => Float32Array): WinogradKernels {
  return {
    transformTiles(out, image, imageRow, channels, tileRows, tileColumns, advance) {
      const f = floats();
      const tiles = tileRows * tileColumns;
      for (let tile = 0; tile < tiles; tile++) {
        const [ty, tx] = [Math.floor(tile / tileColumns) * advance, (tile % tileColumns) * advance];
        for (let c = 0; c < channels; c++) {
          const d = square(6, (y, x) => f[image / 4 + (ty + y) * imageRow + (tx + x) * channels + c]);
          sandwich(IMAGE, d).forEach((row, y) => {
            row.forEach((value, x) => {
              f[out / 4 + ((6 * y + x) * tiles + tile) * channels + c] = value;
            });
          });
        }
      }
    },
    transformTilesBack(out, outPixel, rows, columns, products, filters, tileRows, tileColumns, size, bias, floor) {
      const f = floats();
      const tiles = tileRows * tileColumns;
      for (let tile = 0; tile < tiles; tile++) {
        const [ty, tx] = [Math.floor(tile / tileColumns) * size, (tile % tileColumns) * size];
        for (let j = 0; j < filters; j++) {
          const m = square(6, (y, x) => f[products / 4 + ((6 * y + x) * tiles + tile) * filters + j]);
          sandwich(outputMatrix(size), m).forEach((row, y) => {
            row.forEach((value, x) => {
              if (ty + y >= rows || tx + x >= columns) return;
              const sum = value + (bias === 0 ? 0 : f[bias / 4 + j]);
              f[out / 4 + ((ty + y) * columns + tx + x) * outPixel + j] = Math.max(sum, floor);
            });
          });
        }
      }
    },
    packTransformedFilters(out, filters, tapStride, channelStride, filterStride, kernel, channels, n) {
      const f = floats();
      // As far apart as the panels of eight of the other engine, so that callers step alike.
      const matrix = (channels + 1) * Math.ceil(n / 8) * 8;
      for (let p = 0; p < 36; p++) f.fill(0, out / 4 + p * matrix, out / 4 + p * matrix + n);
      for (let c = 0; c < channels; c++) {
        for (let j = 0; j < n; j++) {
          const start = filters / 4 + c * channelStride + j * filterStride;
          const g = square(kernel, (y, x) => f[start + (y * kernel + x) * tapStride]);
          sandwich(filterMatrix(kernel), g).forEach((row, y) => {
            row.forEach((value, x) => {
              f[out / 4 + (6 * y + x) * matrix + (c + 1) * n + j] = value;
            });
          });
        }
      }
    },
    transformGradients(out, gradient, gradientPixel, rows, columns, filters, tileRows, tileColumns, size) {
      const f = floats();
      const tiles = tileRows * tileColumns;
      const back = transposed(outputMatrix(size));
      for (let tile = 0; tile < tiles; tile++) {
        const [ty, tx] = [Math.floor(tile / tileColumns) * size, (tile % tileColumns) * size];
        for (let j = 0; j < filters; j++) {
          const y = square(size, (row, column) =>
            ty + row < rows && tx + column < columns
              ? f[gradient / 4 + ((ty + row) * columns + tx + column) * gradientPixel + j]
              : 0,
          );
          sandwich(back, y).forEach((row, p) => {
            row.forEach((value, q) => {
              f[out / 4 + ((6 * p + q) * tiles + tile) * filters + j] = value;
            });
          });
        }
      }
    },
    transformFiltersBack(out, tapStride, channelStride, matrices, kernel, channels, n, accumulate) {
      const f = floats();
      const back = transposed(filterMatrix(kernel));
      for (let c = 0; c < channels; c++) {
        for (let j = 0; j < n; j++) {
          const m = square(6, (y, x) => f[matrices / 4 + (6 * y + x) * (channels * n + 16) + c * n + j]);
          sandwich(back, m).forEach((row, y) => {
            row.forEach((value, x) => {
              const at = out / 4 + (y * kernel + x) * tapStride + c * channelStride + j;
              f[at] = value + (accumulate === 0 ? 0 : f[at]);
            });
          });
        }
      }
    },
  };
}
