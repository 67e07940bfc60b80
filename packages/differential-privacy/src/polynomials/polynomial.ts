// A polynomial on an interval, in the Chebyshev basis: well conditioned where monomials are not (degree 9 on [−8, 8]
// already spans eight orders of magnitude in monomial coefficients). p(z) = Σ c_k T_k(t), t = (2z − a − b)/(b − a) in
// [−1, 1].

import { ParameterError } from '../errors.ts';

export interface Interval {
  readonly from: number;
  readonly to: number;
}

export function requireInterval({ from, to }: Interval): void {
  if (!(Number.isFinite(from) && Number.isFinite(to) && from < to)) {
    throw new ParameterError(`[${from}, ${to}] is no interval`);
  }
}

export class Polynomial {
  readonly interval: Interval;
  /** c_0 … c_degree. */
  readonly coefficients: readonly number[];

  constructor(interval: Interval, coefficients: readonly number[]) {
    requireInterval(interval);
    if (coefficients.length === 0 || !coefficients.every(Number.isFinite)) {
      throw new ParameterError('a polynomial has at least one coefficient, all of them finite');
    }
    this.interval = Object.freeze({ ...interval });
    this.coefficients = Object.freeze([...coefficients]);
  }

  get degree(): number {
    return this.coefficients.length - 1;
  }

  /** Clenshaw's recurrence. Outside the interval too, where it grows like t^degree. */
  at(z: number): number {
    const { from, to } = this.interval;
    const t = (2 * z - from - to) / (to - from);
    let b1 = 0;
    let b2 = 0;
    for (let k = this.degree; k >= 1; k--) {
      const b0 = 2 * t * b1 - b2 + this.coefficients[k];
      b2 = b1;
      b1 = b0;
    }
    return t * b1 - b2 + this.coefficients[0];
  }

  /** p′: d_{k−1} = d_{k+1} + 2k·c_k, d_0 halved, scaled by dt/dz. */
  derivative(): Polynomial {
    const { from, to } = this.interval;
    const n = this.degree;
    if (n === 0) return new Polynomial(this.interval, [0]);
    const d: number[] = new Array<number>(n + 2).fill(0);
    for (let k = n; k >= 1; k--) d[k - 1] = d[k + 1] + 2 * k * this.coefficients[k];
    d[0] /= 2;
    return new Polynomial(
      this.interval,
      d.slice(0, n).map((one) => (one * 2) / (to - from)),
    );
  }

  /**
   * Coefficients of 1, z, z², …, for an evaluator that wants them. Accurate for moderate degrees only (below about 25).
   */
  monomials(): number[] {
    const { from, to } = this.interval;
    // T_{k+1} = 2t·T_k − T_{k−1} with t = scale·z + shift.
    const scale = 2 / (to - from);
    const shift = -(from + to) / (to - from);
    const timesT = (p: readonly number[]): number[] => {
      const product = new Array<number>(p.length + 1).fill(0);
      p.forEach((one, i) => {
        product[i] += one * shift;
        product[i + 1] += one * scale;
      });
      return product;
    };
    const sum = new Array<number>(this.degree + 1).fill(0);
    let before: number[] = [];
    let now: number[] = [1];
    for (const c of this.coefficients) {
      now.forEach((one, i) => {
        sum[i] += c * one;
      });
      const next = timesT(now).map((one, i) => (before.length === 0 ? one : 2 * one - (before[i] ?? 0)));
      before = now;
      now = next;
    }
    return sum;
  }
}

/** The polynomial of this degree through the values of `f` at the Chebyshev nodes; `f` itself if it has that degree. */
export function interpolate(f: (z: number) => number, interval: Interval, degree: number): Polynomial {
  return chebyshevSeries(f, interval, { degree, nodes: degree + 1 });
}

/** The first degree + 1 coefficients of the interpolant at more nodes: nearly those of the Chebyshev series of `f`. */
export function chebyshevSeries(
  f: (z: number) => number,
  interval: Interval,
  { degree, nodes }: { readonly degree: number; readonly nodes: number },
): Polynomial {
  requireInterval(interval);
  const centre = (interval.from + interval.to) / 2;
  const half = (interval.to - interval.from) / 2;
  const angle = (j: number): number => ((j + 0.5) * Math.PI) / nodes;
  const values = Array.from({ length: nodes }, (_, j) => f(centre + half * Math.cos(angle(j))));
  const coefficients = Array.from({ length: degree + 1 }, (_, k) => {
    const sum = values.reduce((total, value, j) => total + value * Math.cos(k * angle(j)), 0);
    return ((k === 0 ? 1 : 2) * sum) / nodes;
  });
  return new Polynomial(interval, coefficients);
}
