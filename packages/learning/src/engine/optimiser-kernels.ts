/** One step of an optimiser; contracts in kernels/optimisers.ts. */
export interface OptimiserKernels {
  sgd(
    w: number,
    gradient: number,
    v: number,
    n: number,
    rate: number,
    momentum: number,
    nesterov: number,
    decay: number,
  ): void;
  adamW(
    w: number,
    gradient: number,
    m: number,
    v: number,
    n: number,
    rate: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
    correction1: number,
    correction2: number,
  ): void;
}
