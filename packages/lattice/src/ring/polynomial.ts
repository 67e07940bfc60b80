// A polynomial's two forms are two types: one in coefficients cannot be passed where evaluations are meant.

import type { Ring } from './ring.ts';

declare const formBrand: unique symbol;

export type Form = 'coefficients' | 'evaluations';

/**
 * An element of R_q for the primes of `ring`, as residues: prime by prime, N words each, every word in [0, q_i).
 * The array is the polynomial's own; it is written only while the polynomial is made, and by wipePolynomial.
 */
export interface Polynomial<F extends Form> {
  readonly [formBrand]: F;
  readonly ring: Ring;
  readonly residues: Uint32Array<ArrayBuffer>;
}

export type CoefficientPolynomial = Polynomial<'coefficients'>;
export type EvaluationPolynomial = Polynomial<'evaluations'>;

export function coefficientPolynomial(ring: Ring, residues: Uint32Array<ArrayBuffer>): CoefficientPolynomial {
  return { ring, residues } as CoefficientPolynomial;
}

export function evaluationPolynomial(ring: Ring, residues: Uint32Array<ArrayBuffer>): EvaluationPolynomial {
  return { ring, residues } as EvaluationPolynomial;
}

/** Overwrites the residues with zeros. Copies that the runtime made on its own are out of reach (SECURITY.md). */
export function wipePolynomial(polynomial: Polynomial<Form>): void {
  polynomial.residues.fill(0);
}
