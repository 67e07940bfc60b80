// The sigmoid as a polynomial on an interval [−R, R] that was chosen without looking at data: everything later proofs and circuits need
// to know of it. The fits are differential-privacy's; which norm is meant is in the method's name (least squares is best in the mean,
// minimax in the sup norm).
//
// Refused: even degrees and degrees beyond 9 (the sigmoid minus ½ is odd, and a circuit spends a level for each doubling).

import { type Fit, type FitMethod, fit, sigmoid } from '@sumus/differential-privacy/polynomials';
import { ParameterError } from '../errors.ts';

export type { FitMethod } from '@sumus/differential-privacy/polynomials';

export interface SigmoidLiteral {
  readonly degree: number;
  /** Default least-squares, the fit of HELR. */
  readonly method?: FitMethod;
  /** R; default 8. */
  readonly interval?: number;
}

export interface SigmoidPolynomial {
  readonly degree: number;
  readonly method: FitMethod;
  /** R. Outside [−R, R] the polynomial explodes and nothing said here holds. */
  readonly interval: number;
  /** Of 1, z, z², …; even ones beyond the constant are exactly zero. */
  readonly coefficients: readonly number[];
  /** η: the largest |p − σ| on the interval. */
  readonly supError: number;
  readonly fit: Fit;
}

const DEGREES: readonly number[] = [3, 5, 7, 9];
const DEFAULT_INTERVAL = 8;

export function sigmoidPolynomial(literal: SigmoidLiteral): SigmoidPolynomial {
  const { degree, method = 'least-squares', interval = DEFAULT_INTERVAL } = literal;
  if (!DEGREES.includes(degree)) throw new ParameterError(`a sigmoid has degree ${DEGREES.join(', ')}, not ${degree}`);
  if (!(Number.isFinite(interval) && interval > 0)) throw new ParameterError(`an interval of ±${interval}`);
  const made = fit(sigmoid, { degree, method, interval: { from: -interval, to: interval } });
  const coefficients = made.polynomial.monomials().map((c, k) => (k > 0 && k % 2 === 0 ? 0 : c));
  return Object.freeze({
    degree,
    method,
    interval,
    coefficients: Object.freeze(coefficients),
    supError: made.supError,
    fit: made,
  });
}

/** p(z) by Horner's rule. */
export function evaluateAt(coefficients: readonly number[], z: number): number {
  let value = 0;
  for (let k = coefficients.length - 1; k >= 0; k -= 1) value = value * z + coefficients[k];
  return value;
}
