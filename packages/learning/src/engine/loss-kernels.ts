type Loss = (losses: number, gradient: number, outputs: number, targets: number, rows: number, columns: number) => void;

/** Losses with their gradients; contracts in kernels/losses.ts. */
export interface LossKernels {
  readonly crossEntropy: Loss;
  readonly binaryCrossEntropy: Loss;
  readonly squaredError: Loss;
  huber(
    losses: number,
    gradient: number,
    outputs: number,
    targets: number,
    rows: number,
    columns: number,
    delta: number,
  ): void;
}
