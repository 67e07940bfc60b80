/** Random bytes → residues, small integers, wide noise; contracts are stated in kernels/sampling.ts. */
export interface SamplingKernels {
  keepBelow(
    out: number,
    capacity: number,
    words: number,
    available: number,
    bound: number,
    reciprocal: number,
    shuffles: number,
    kept: number,
  ): number;
  ternaryDigits(out: number, words: number, count: number): void;
  centredBinomial(out: number, random: number, count: number, eta: number): void;
  sampleSymmetric(out: number, random: number, count: number, table: number, columns: number, planes: number): void;
  widenNoise(out: number, x: number, u: number, v: number, count: number, shift: number): void;
}
