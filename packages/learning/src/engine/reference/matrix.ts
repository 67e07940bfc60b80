import type { MatrixKernels } from '../matrix-kernels.ts';

export function referenceMatrix(floats: () => Float32Array): MatrixKernels {
  return {
    gemmScratchBytes: () => 16,
    gemm(m, n, k, a, aRow, aColumn, b, bRow, bColumn, c, cRow, accumulate) {
      const f = floats();
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = accumulate !== 0 ? f[c / 4 + i * cRow + j] : 0;
          for (let p = 0; p < k; p++) sum += f[a / 4 + i * aRow + p * aColumn] * f[b / 4 + p * bRow + j * bColumn];
          f[c / 4 + i * cRow + j] = sum;
        }
      }
    },
  };
}
