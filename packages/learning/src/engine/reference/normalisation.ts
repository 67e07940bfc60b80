import type { NormalisationKernels } from '../normalisation-kernels.ts';

export function referenceNormalisation(floats: () => Float32Array): NormalisationKernels {
  const places = (rows: number, width: number, stride: number): number[] =>
    Array.from({ length: rows * width }, (_, i) => Math.floor(i / width) * stride + (i % width));
  const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    standardise(hat, x, rows, width, stride, epsilon) {
      const f = floats();
      const at = places(rows, width, stride);
      const mean = meanOf(at.map((i) => f[x / 4 + i]));
      const variance = meanOf(at.map((i) => (f[x / 4 + i] - mean) ** 2));
      const scale = 1 / Math.sqrt(variance + epsilon);
      for (const i of at) f[hat / 4 + i] = (f[x / 4 + i] - mean) * scale;
      return Math.fround(scale);
    },
    standardiseGradient(dx, dy, gain, hat, rows, width, stride, scale) {
      const f = floats();
      const at = places(rows, width, stride);
      const g = at.map((i, place) => f[dy / 4 + i] * f[gain / 4 + (place % width)]);
      const mean = meanOf(g);
      const slope = meanOf(g.map((value, place) => value * f[hat / 4 + at[place]]));
      at.forEach((i, place) => {
        f[dx / 4 + i] = scale * (g[place] - mean - f[hat / 4 + i] * slope);
      });
    },
    affine(y, hat, gain, bias, rows, columns) {
      const f = floats();
      for (let i = 0; i < rows * columns; i++) {
        f[y / 4 + i] = f[hat / 4 + i] * f[gain / 4 + (i % columns)] + f[bias / 4 + (i % columns)];
      }
    },
    addProductRows(out, a, b, rows, columns) {
      const f = floats();
      for (let c = 0; c < columns; c++) {
        let sum = f[out / 4 + c];
        for (let r = 0; r < rows; r++) sum += f[a / 4 + r * columns + c] * f[b / 4 + r * columns + c];
        f[out / 4 + c] = sum;
      }
    },
  };
}
