type Forward = (y: number, x: number, n: number) => void;
type Backward = (dx: number, dy: number, from: number, n: number) => void;

/** Activations on whole vectors of four; contracts in kernels/activations.ts. */
export interface ActivationKernels {
  readonly relu: Forward;
  readonly reluGradient: Backward;
  leakyRelu(y: number, x: number, n: number, slope: number): void;
  leakyReluGradient(dx: number, dy: number, x: number, n: number, slope: number): void;
  readonly tanh: Forward;
  readonly tanhGradient: Backward;
  readonly sigmoid: Forward;
  readonly sigmoidGradient: Backward;
  readonly softplus: Forward;
  readonly softplusGradient: Backward;
  readonly gelu: Forward;
  readonly geluGradient: Backward;
  polynomial(y: number, x: number, n: number, coefficients: number, count: number): void;
  polynomialGradient(dx: number, dy: number, x: number, n: number, coefficients: number, count: number): void;
  readonly exponential: Forward;
  readonly logarithm: Forward;
}
