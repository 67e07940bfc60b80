// Elementwise layers with two derivatives. ẏ = f'(x)·ẋ; x̄ = f'(x)·ȳ; x̄˙ = f'(x)·ȳ˙ + f''(x)·ẋ·ȳ. A ReLU has no second derivative where it
// has a first, which is why it makes matching hard: what the weights say of an input is the same over whole cells.

import { makeRows, type Rows, type TwiceLayer } from './rows.ts';

/** A function and its two derivatives at x, where it has the value y. */
export interface Curve {
  readonly value: (x: number) => number;
  readonly slope: (x: number, y: number) => number;
  readonly bend: (x: number, y: number) => number;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

export const curves: Readonly<Record<'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'square', Curve>> = {
  relu: { value: (x) => Math.max(x, 0), slope: (x) => (x > 0 ? 1 : 0), bend: () => 0 },
  sigmoid: { value: logistic, slope: (_, y) => y * (1 - y), bend: (_, y) => y * (1 - y) * (1 - 2 * y) },
  tanh: { value: Math.tanh, slope: (_, y) => 1 - y * y, bend: (_, y) => -2 * y * (1 - y * y) },
  softplus: {
    value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: logistic,
    bend: (x) => logistic(x) * logistic(-x),
  },
  square: { value: (x) => x * x, slope: (x) => 2 * x, bend: () => 2 },
};

export const leakyCurve = (slope: number): Curve => ({
  value: (x) => (x > 0 ? x : slope * x),
  slope: (x) => (x > 0 ? 1 : slope),
  bend: () => 0,
});

/** `value` of the coefficients' polynomial, lowest first, and of its derivatives. */
export function polynomialCurve(coefficients: readonly number[]): Curve {
  const at =
    (own: readonly number[]) =>
    (x: number): number =>
      own.reduceRight((sum, c) => sum * x + c, 0);
  const derived = (own: readonly number[]): readonly number[] => own.slice(1).map((c, i) => c * (i + 1));
  return { value: at(coefficients), slope: at(derived(coefficients)), bend: at(derived(derived(coefficients))) };
}

export function elementwiseLayer(input: Rows, { value, slope, bend }: Curve): TwiceLayer {
  const output = makeRows(input.value.length / input.size, input.size);
  const slopes = new Float64Array(input.value.length);
  return {
    output,
    forward() {
      for (let i = 0; i < slopes.length; i++) {
        const x = input.value[i];
        const y = value(x);
        output.value[i] = y;
        slopes[i] = slope(x, y);
      }
    },
    backward() {
      for (let i = 0; i < slopes.length; i++) input.gradient[i] = slopes[i] * output.gradient[i];
    },
    forwardTangent() {
      for (let i = 0; i < slopes.length; i++) output.tangent[i] = slopes[i] * input.tangent[i];
    },
    backwardTangent() {
      for (let i = 0; i < slopes.length; i++) {
        const bent = bend(input.value[i], output.value[i]) * input.tangent[i] * output.gradient[i];
        input.gradientTangent[i] = slopes[i] * output.gradientTangent[i] + bent;
      }
    },
  };
}
