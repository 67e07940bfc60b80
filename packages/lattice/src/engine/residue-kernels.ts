/** Pointwise arithmetic modulo one prime and basis conversions; contracts are stated in kernels/residues.ts. */
export interface ResidueKernels {
  addResidues(out: number, a: number, b: number, n: number, q: number): void;
  subtractResidues(out: number, a: number, b: number, n: number, q: number): void;
  negateResidues(out: number, a: number, n: number, q: number): void;
  residuesFromSigned(out: number, a: number, n: number, q: number): void;
  addSignedResidues(out: number, a: number, signed: number, n: number, q: number): void;
  liftSignedResidues(out: number, a: number, n: number, q: number, word: number, wordQuotient: number): void;
  reduceWords(out: number, a: number, n: number, q: number, reciprocal: number): void;
  multiplyResidues(out: number, a: number, b: number, n: number, q: number, shift: number, mu: number): void;
  multiplyAddResidues(out: number, a: number, b: number, n: number, q: number, shift: number, mu: number): void;
  multiplyLiftedAddResidues(out: number, a: number, b: number, n: number, q: number): void;
  multiplyLiftedSubtractResidues(out: number, a: number, b: number, n: number, q: number): void;
  multiplyFixedResidues(out: number, a: number, w: number, quotients: number, n: number, q: number): void;
  multiplyFixedAddResidues(out: number, a: number, w: number, quotients: number, n: number, q: number): void;
  multiplyScalarResidues(out: number, a: number, n: number, q: number, w: number, quotient: number): void;
  multiplyScalarAddResidues(out: number, a: number, n: number, q: number, w: number, quotient: number): void;
  subtractScaleResidues(out: number, a: number, b: number, n: number, q: number, w: number, quotient: number): void;
  innerProductResidues(
    out: number,
    a: number,
    aStride: number,
    b: number,
    bStride: number,
    terms: number,
    n: number,
    q: number,
    wordResidue: number,
    wordResidueQuotient: number,
    reciprocal: number,
  ): void;
  basisOverflow(out: number, y: number, yStride: number, terms: number, reciprocals: number, n: number): void;
  convertBasis(
    out: number,
    y: number,
    yStride: number,
    terms: number,
    weights: number,
    overflow: number,
    overflowWeight: number,
    n: number,
    q: number,
    wordResidue: number,
    wordResidueQuotient: number,
    reciprocal: number,
  ): void;
  permuteResidues(out: number, a: number, index: number, n: number): void;
  permuteSignedResidues(out: number, a: number, index: number, n: number, q: number): void;
}
