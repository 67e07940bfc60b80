/** Encoding and decoding: the transform of the canonical embedding, and residues of its doubles. Contracts: kernels/embedding/. */
export interface EmbeddingKernels {
  coefficientsToSlots(real: number, imaginary: number, data: number, middle: number, last: number, slots: number): void;
  slotsToCoefficients(data: number, real: number, imaginary: number, middle: number, last: number, slots: number): void;
  exceedsMagnitude(values: number, n: number, bound: number): number;
  splitCoefficients(highs: number, lows: number, values: number, n: number, factor: number): void;
  residuesFromHalves(
    out: number,
    highs: number,
    lows: number,
    n: number,
    q: number,
    shift: number,
    shiftQuotient: number,
    offset: number,
    reciprocal: number,
  ): void;
  mirrorResidues(values: number, n: number, q: number): void;
  spreadResidues(out: number, values: number, n: number, stride: number): void;
  collectResidues(out: number, values: number, n: number, stride: number): void;
  composeOne(out: number, residues: number, n: number, q: number, factor: number): void;
  composeTwo(
    out: number,
    a: number,
    b: number,
    n: number,
    p: number,
    q: number,
    offset: number,
    inverse: number,
    inverseQuotient: number,
    factor: number,
  ): void;
  addDigits(out: number, digits: number, n: number, q: number, weight: number): void;
  scaleDoubles(values: number, n: number, factor: number): void;
}
