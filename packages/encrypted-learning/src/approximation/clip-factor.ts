// The factor of per-row clipping, min(1, C/√t) for t = ‖g‖² in [0, T], as a polynomial: what the comparison with clipping needs under
// encryption. The kink at t = C² makes it dear: the error falls only like 1/degree, and a bound on clipped rows is C plus what the
// polynomial overshoots.
//
// Refused: C that never clips, degrees that are none.

import { fit, type Target } from '@sumus/differential-privacy/polynomials';
import { ParameterError } from '../errors.ts';
import { evaluateAt } from './sigmoid.ts';

export interface ClipFactor {
  /** C. */
  readonly norm: number;
  /** T: largest ‖g‖² that may come. */
  readonly largestSquare: number;
  readonly degree: number;
  /** Of 1, τ, τ², …, τ = 2t/T − 1 in [−1, 1]. */
  readonly coefficients: readonly number[];
  /** Largest |polynomial − min(1, C/√t)|. */
  readonly supError: number;
  /** Largest √t·|polynomial|: the length that clipped rows keep in truth. */
  readonly clippedNorm: number;
}

const GRID = 20_000;

export function clipFactor({
  norm,
  largestSquare,
  degree,
}: Pick<ClipFactor, 'norm' | 'largestSquare' | 'degree'>): ClipFactor {
  if (!(norm > 0 && largestSquare > norm * norm)) {
    throw new ParameterError(`rows up to ${Math.sqrt(largestSquare)} are never clipped to ${norm}`);
  }
  const at = (tau: number): number => Math.min(1, norm / Math.sqrt(Math.max(0, ((tau + 1) / 2) * largestSquare)));
  const target: Target = {
    name: 'clip factor',
    at,
    slopeAt: () => 0,
    line: { constant: 0, slope: 0 },
    restParity: 'even',
    rising: false,
  };
  // An interval that is not symmetric, so that no parity is taken for granted.
  const interval = { from: -1, to: 1 + 2 ** -40 };
  const { polynomial } = fit(target, { degree, interval, method: 'minimax' });
  const coefficients = polynomial.monomials();
  let supError = 0;
  let clippedNorm = 0;
  for (let i = 0; i <= GRID; i += 1) {
    const tau = (2 * i) / GRID - 1;
    const value = evaluateAt(coefficients, tau);
    supError = Math.max(supError, Math.abs(value - at(tau)));
    clippedNorm = Math.max(clippedNorm, Math.sqrt(((tau + 1) / 2) * largestSquare) * Math.abs(value));
  }
  return Object.freeze({
    norm,
    largestSquare,
    degree,
    coefficients: Object.freeze(coefficients),
    supError,
    clippedNorm,
  });
}
