/** Vectors and rows; contracts in kernels/vectors.ts. */
export interface VectorKernels {
  addScaled(out: number, x: number, factor: number, n: number): void;
  scale(out: number, x: number, factor: number, n: number): void;
  sum(out: number, a: number, b: number, n: number): void;
  repeatRow(out: number, row: number, rows: number, columns: number): void;
  addRows(out: number, x: number, rows: number, columns: number, stride: number): void;
  scaleRows(out: number, x: number, factors: number, rows: number, columns: number): void;
  addWeightedRows(out: number, x: number, factors: number, rows: number, columns: number, stride: number): void;
  sumOfSquares(x: number, n: number): number;
  rowSumsOfSquares(out: number, x: number, rows: number, columns: number): void;
  allFinite(x: number, n: number): number;
}
