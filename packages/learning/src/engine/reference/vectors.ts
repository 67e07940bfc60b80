import type { EngineMemory } from '../memory.ts';
import type { VectorKernels } from '../vector-kernels.ts';

export function referenceVectors(memory: EngineMemory, floats: () => Float32Array): VectorKernels {
  const squares = (x: number, n: number): number => memory.f32(x, n).reduce((sum, v) => sum + v * v, 0);
  const kernels: VectorKernels = {
    addScaled(out, x, factor, n) {
      const f = floats();
      for (let i = 0; i < n; i++) f[out / 4 + i] += factor * f[x / 4 + i];
    },
    scale(out, x, factor, n) {
      const f = floats();
      for (let i = 0; i < n; i++) f[out / 4 + i] = factor * f[x / 4 + i];
    },
    sum(out, a, b, n) {
      const f = floats();
      for (let i = 0; i < n; i++) f[out / 4 + i] = f[a / 4 + i] + f[b / 4 + i];
    },
    repeatRow(out, row, rows, columns) {
      const f = floats();
      for (let i = 0; i < rows * columns; i++) f[out / 4 + i] = f[row / 4 + (i % columns)];
    },
    addRows(out, x, rows, columns, stride) {
      const f = floats();
      for (let c = 0; c < columns; c++) {
        let sum = f[out / 4 + c];
        for (let r = 0; r < rows; r++) sum += f[x / 4 + r * stride + c];
        f[out / 4 + c] = sum;
      }
    },
    scaleRows(out, x, factors, rows, columns) {
      const f = floats();
      for (let i = 0; i < rows * columns; i++) {
        f[out / 4 + i] = f[factors / 4 + Math.floor(i / columns)] * f[x / 4 + i];
      }
    },
    addWeightedRows(out, x, factors, rows, columns, stride) {
      const f = floats();
      for (let c = 0; c < columns; c++) {
        let sum = f[out / 4 + c];
        for (let r = 0; r < rows; r++) sum += f[factors / 4 + r] * f[x / 4 + r * stride + c];
        f[out / 4 + c] = sum;
      }
    },
    sumOfSquares: squares,
    rowSumsOfSquares(out, x, rows, columns) {
      const sums = memory.f64(out, rows);
      for (let r = 0; r < rows; r++) sums[r] = squares(x + 4 * r * columns, columns);
    },
    allFinite: (x, n) => (memory.f32(x, n).every(Number.isFinite) ? 1 : 0),
  };
  return kernels;
}
