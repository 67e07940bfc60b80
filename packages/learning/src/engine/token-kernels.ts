/** Rows by token, and dropout; contracts in kernels/tokens.ts. */
export interface TokenKernels {
  gatherRows(out: number, table: number, tokens: number, n: number, width: number): void;
  scatterRows(table: number, rows: number, tokens: number, n: number, width: number, factor: number): void;
  scatteredSquares(rows: number, tokens: number, n: number, width: number): number;
  dropout(out: number, x: number, n: number, seed: number, threshold: number, scale: number): void;
}
