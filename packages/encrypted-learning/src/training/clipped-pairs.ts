// Per-row clipping under encryption, for the comparison with doing without: ρ = p(−R·u), t = ρ²‖x‖², and rows times ρ·h(t), h a polynomial
// for min(1, C/√t). Five levels and those of h more than an iteration without: all of it per row, before anything is summed.
//
// Only where margins stand masked: outside its interval a polynomial of this degree exceeds any modulus, and would take the other slots
// with it.

import type { ClipFactor } from '../approximation/clip-factor.ts';
import type { CircuitBuilder, Wire } from '../circuit/index.ts';

export interface ClippedRow {
  /** u in every slot of the row, or undefined where all margins are zero. */
  readonly margin: Wire | undefined;
  /** ‖x‖² in every slot of the row, over `squareScale`. */
  readonly square: Wire;
  readonly squareScale: number;
}

/** p(−R·u), its constant first. */
export type SignedPolynomial = readonly number[];

/** Pairs whose products' sum is `rows`·ρ·h(t). */
export function clippedPairs(
  c: CircuitBuilder,
  { margin, square, squareScale }: ClippedRow,
  rows: Wire,
  polynomial: SignedPolynomial,
  clip: ClipFactor,
): readonly (readonly [Wire, Wire])[] {
  const toTau = (2 * squareScale) / clip.largestSquare;
  const constant = polynomial[0];
  if (margin === undefined) {
    const tau = c.combination([{ value: square, factor: toTau * constant * constant }], -1);
    return [[c.polynomial(within(c, tau), clip.coefficients), c.multiplyPlain(rows, constant)]];
  }
  const residual = c.polynomial(margin, polynomial);
  const scaled = c.multiplyPlain(square, toTau);
  const tau = c.addPlain(c.multiply(c.square(residual), scaled), -1);
  return [[c.polynomial(within(c, tau), clip.coefficients), c.multiply(residual, rows)]];
}

const within = (c: CircuitBuilder, tau: Wire): Wire =>
  c.declare(tau, 1, 'a row’s gradient is no longer than (1 + η)B while its margin lies within R');
