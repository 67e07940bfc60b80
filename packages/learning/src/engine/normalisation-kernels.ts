/** Normalisation of one example; contracts in kernels/normalisation.ts. */
export interface NormalisationKernels {
  standardise(hat: number, x: number, rows: number, width: number, stride: number, epsilon: number): number;
  standardiseGradient(
    dx: number,
    dy: number,
    gain: number,
    hat: number,
    rows: number,
    width: number,
    stride: number,
    scale: number,
  ): void;
  affine(y: number, hat: number, gain: number, bias: number, rows: number, columns: number): void;
  addProductRows(out: number, a: number, b: number, rows: number, columns: number): void;
}
