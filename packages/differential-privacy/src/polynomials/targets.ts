// The functions that polynomials stand in for. Each is a line plus an odd or even rest: on a symmetric interval the
// best polynomial is that line plus one of the same parity, which halves the work and keeps p(0) exact.

export interface Target {
  readonly name: string;
  at(z: number): number;
  /** Its derivative, for comparing slopes. */
  slopeAt(z: number): number;
  /** constant + slope·z, taken out before fitting. */
  readonly line: { readonly constant: number; readonly slope: number };
  readonly restParity: 'odd' | 'even';
  /** Whether the function itself never falls. */
  readonly rising: boolean;
}

const logistic = (z: number): number => (z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z)));
const softplusAt = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

export const sigmoid: Target = {
  name: 'sigmoid',
  at: logistic,
  slopeAt: (z) => logistic(z) * logistic(-z),
  line: { constant: 0.5, slope: 0 },
  restParity: 'odd',
  rising: true,
};

export const tanh: Target = {
  name: 'tanh',
  at: Math.tanh,
  slopeAt: (z) => 1 / Math.cosh(z) ** 2,
  line: { constant: 0, slope: 0 },
  restParity: 'odd',
  rising: true,
};

/** max(z, 0) = z/2 + |z|/2. */
export const relu: Target = {
  name: 'relu',
  at: (z) => Math.max(z, 0),
  slopeAt: (z) => (z > 0 ? 1 : 0),
  line: { constant: 0, slope: 0.5 },
  restParity: 'even',
  rising: true,
};

/** ln(1 + e^z) = z/2 + ln(2 cosh(z/2)); its slope is the sigmoid. */
export const softplus: Target = {
  name: 'softplus',
  at: softplusAt,
  slopeAt: logistic,
  line: { constant: 0, slope: 0.5 },
  restParity: 'even',
  rising: true,
};

/** ln(1 + e^−z), the logistic loss of a margin z. */
export const logLoss: Target = {
  name: 'log-loss',
  at: (z) => softplusAt(-z),
  slopeAt: (z) => -logistic(-z),
  line: { constant: 0, slope: -0.5 },
  restParity: 'even',
  rising: false,
};
