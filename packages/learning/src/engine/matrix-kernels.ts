/** Matrix products; contract in kernels/gemm.ts. */
export interface MatrixKernels {
  gemmScratchBytes(n: number): number;
  gemm(
    m: number,
    n: number,
    k: number,
    a: number,
    aRow: number,
    aColumn: number,
    b: number,
    bRow: number,
    bColumn: number,
    c: number,
    cRow: number,
    accumulate: number,
    scratch: number,
  ): void;
}
