/** The number-theoretic transform over one prime; ranges, tables and output order are described in kernels/ntt.ts. */
export interface NttKernels {
  forwardNtt(values: number, roots: number, quotients: number, n: number, q: number): void;
  inverseNtt(
    values: number,
    roots: number,
    quotients: number,
    n: number,
    q: number,
    scale: number,
    scaleQuotient: number,
    scaledRoot: number,
    scaledRootQuotient: number,
  ): void;
}
