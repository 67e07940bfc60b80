/** Lanes of exact integers in coefficients; contracts are stated in kernels/integers.ts. */
export interface IntegerKernels {
  packLanes(
    out: number,
    lanes: number,
    laneStride: number,
    laneCount: number,
    weights: number,
    bias: number,
    constant: number,
    group: number,
    n: number,
    q: number,
    wordResidue: number,
    wordResidueQuotient: number,
    reciprocal: number,
  ): void;
  largestResidual(y: number, yStride: number, terms: number, reciprocals: number, n: number): number;
  unpackLanes(
    out: number,
    y: number,
    yStride: number,
    terms: number,
    counts: number,
    weights: number,
    laneCount: number,
    lowBits: number,
    highBits: number,
    isSigned: number,
    n: number,
  ): void;
  wordsWithin(words: number, n: number, lowest: number, span: number): number;
  wordsFromDoubles(out: number, values: number, n: number, lowest: number, highest: number): number;
}
