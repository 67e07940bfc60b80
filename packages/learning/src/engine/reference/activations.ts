import type { ActivationKernels } from '../activation-kernels.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const GELU = Math.sqrt(2 / Math.PI);
const geluTanh = (x: number): number => Math.tanh(GELU * (x + 0.044715 * x ** 3));

export function referenceActivations(floats: () => Float32Array): ActivationKernels {
  const forward =
    (value: (x: number) => number) =>
    (y: number, x: number, n: number): void => {
      const f = floats();
      for (let i = 0; i < n; i++) f[y / 4 + i] = value(f[x / 4 + i]);
    };
  const backward =
    (derivative: (from: number) => number) =>
    (dx: number, dy: number, from: number, n: number): void => {
      const f = floats();
      for (let i = 0; i < n; i++) f[dx / 4 + i] = f[dy / 4 + i] * derivative(f[from / 4 + i]);
    };
  /** Σ c_i·x^i, term by term. */
  const evaluate = (coefficients: ArrayLike<number>, x: number): number =>
    Array.from(coefficients).reduce((sum, c, i) => sum + c * x ** i, 0);
  return {
    relu: forward((x) => Math.max(x, 0)),
    reluGradient: backward((y) => (y > 0 ? 1 : 0)),
    leakyRelu: (y, x, n, slope) => forward((v) => (v > 0 ? v : slope * v))(y, x, n),
    leakyReluGradient: (dx, dy, x, n, slope) => backward((v) => (v > 0 ? 1 : slope))(dx, dy, x, n),
    tanh: forward(Math.tanh),
    tanhGradient: backward((y) => 1 - y * y),
    sigmoid: forward(sigmoid),
    sigmoidGradient: backward((y) => y * (1 - y)),
    softplus: forward(softplus),
    softplusGradient: backward(sigmoid),
    gelu: forward((x) => 0.5 * x * (1 + geluTanh(x))),
    geluGradient: backward((x) => {
      const t = geluTanh(x);
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU * (1 + 3 * 0.044715 * x * x);
    }),
    polynomial(y, x, n, coefficients, count) {
      const c = floats().slice(coefficients / 4, coefficients / 4 + count);
      forward((v) => evaluate(c, v))(y, x, n);
    },
    polynomialGradient(dx, dy, x, n, coefficients, count) {
      const c = floats().slice(coefficients / 4, coefficients / 4 + count);
      const derivative = Array.from(c, (value, i) => value * i).slice(1);
      backward((v) => evaluate(derivative, v))(dx, dy, x, n);
    },
    exponential: forward(Math.exp),
    logarithm: forward(Math.log),
  };
}
