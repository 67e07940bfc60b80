// Packed filters are plain here: the biases, then the matrix of filters row by row. Only this engine's `convolve` reads them.

import type { ConvolutionKernels } from '../convolution-kernels.ts';

export function referenceConvolution(floats: () => Float32Array): ConvolutionKernels {
  return {
    placeImage(out, outRow, outPixel, image, inPixel, rows, columns, channels) {
      const f = floats();
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          for (let c = 0; c < channels; c++) {
            f[out / 4 + y * outRow + x * outPixel + c] = f[image / 4 + (y * columns + x) * inPixel + c];
          }
        }
      }
    },
    packFilters(out, filters, rowStride, rows, n, bias) {
      const f = floats();
      for (let j = 0; j < n; j++) f[out / 4 + j] = bias === 0 ? 0 : f[bias / 4 + j];
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < n; j++) f[out / 4 + (i + 1) * n + j] = f[filters / 4 + i * rowStride + j];
      }
    },
    packFlippedFilters(out, filters, rowStride, taps, channels, n) {
      const f = floats();
      for (let j = 0; j < channels; j++) f[out / 4 + j] = 0;
      for (let t = 0; t < taps; t++) {
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < channels; j++) {
            f[out / 4 + (t * n + i + 1) * channels + j] =
              f[filters / 4 + ((taps - 1 - t) * channels + j) * rowStride + i];
          }
        }
      }
    },
    convolve(out, outRow, image, imageRow, rowStep, pixelStep, rows, columns, kernelRows, segment, packed, n, floor) {
      const f = floats();
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < columns; x++) {
          for (let j = 0; j < n; j++) {
            let sum = f[packed / 4 + j];
            for (let ky = 0; ky < kernelRows; ky++) {
              for (let i = 0; i < segment; i++) {
                const at = image / 4 + y * rowStep + x * pixelStep + ky * imageRow + i;
                sum += f[at] * f[packed / 4 + (ky * segment + i + 1) * n + j];
              }
            }
            f[out / 4 + (y * columns + x) * outRow + j] = Math.max(sum, floor);
          }
        }
      }
    },
    filterGradient(
      out,
      outRow,
      image,
      imageRow,
      rowStep,
      pixelStep,
      rows,
      columns,
      kernelRows,
      segment,
      gradient,
      gradientRow,
      n,
      accumulate,
    ) {
      const f = floats();
      for (let ky = 0; ky < kernelRows; ky++) {
        for (let i = 0; i < segment; i++) {
          for (let j = 0; j < n; j++) {
            const target = out / 4 + (ky * segment + i) * outRow + j;
            let sum = accumulate !== 0 ? f[target] : 0;
            for (let y = 0; y < rows; y++) {
              for (let x = 0; x < columns; x++) {
                const at = image / 4 + y * rowStep + x * pixelStep + ky * imageRow + i;
                sum += f[at] * f[gradient / 4 + (y * columns + x) * gradientRow + j];
              }
            }
            f[target] = sum;
          }
        }
      }
    },
  };
}
