/** The Walsh–Hadamard transform and the sign flips around it; contracts are stated in kernels/hadamard.ts. */
export interface HadamardKernels {
  hadamard(address: number, layers: number): void;
  flipAndScale(
    out: number,
    values: number,
    count: number,
    signs: number,
    firstBit: number,
    first: number,
    second: number,
  ): void;
}
