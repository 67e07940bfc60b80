// Arithmetic in a residue number system that schemes of one's own need besides operations.ts: a polynomial modulo other primes, and
// products summed up. Refuses operands of other rings, degrees or engines.

import { ParameterError } from '../errors.ts';
import { basisConversion, convertBlock } from './basis-conversion.ts';
import { allocateBlock, loadBlock, multiplyAddBlock, readBlock, writeBlock } from './blocks.ts';
import {
  type CoefficientPolynomial,
  coefficientPolynomial,
  type EvaluationPolynomial,
  evaluationPolynomial,
} from './polynomial.ts';
import type { Ring } from './ring.ts';

/**
 * The polynomial with the same coefficients, taken in (−Q/2, Q/2], modulo the primes of another ring: more of them, fewer, or others.
 * Exact, but for coefficients within Q·2^-23·primes of ±Q/2, which may come out on the other side (off by Q).
 */
export function extendBasis(p: CoefficientPolynomial, to: Ring): CoefficientPolynomial {
  const { ring: from } = p;
  if (from.degree !== to.degree || from.engine !== to.engine) {
    throw new ParameterError(`a polynomial of degree ${from.degree} in another ring of degree ${to.degree} or engine`);
  }
  const conversion = basisConversion(from, to);
  return to.engine.memory.scope(() => {
    const out = allocateBlock(to);
    convertBlock(conversion, out, loadBlock(p));
    return coefficientPolynomial(to, readBlock(to, out));
  });
}

/** sum + a·b. */
export function multiplyAdd(
  sum: EvaluationPolynomial,
  a: EvaluationPolynomial,
  b: EvaluationPolynomial,
): EvaluationPolynomial {
  return accumulated(sum, [a], [b]);
}

/** Σ a[i]·b[i], of equally many factors, at least one. */
export function innerProduct(
  a: readonly EvaluationPolynomial[],
  b: readonly EvaluationPolynomial[],
): EvaluationPolynomial {
  const [first] = a;
  if (first === undefined || a.length !== b.length) {
    throw new ParameterError(`an inner product of ${a.length} and ${b.length} polynomials`);
  }
  const { ring } = first;
  return accumulated(evaluationPolynomial(ring, new Uint32Array(ring.degree * ring.moduli.length)), a, b);
}

function accumulated(
  sum: EvaluationPolynomial,
  a: readonly EvaluationPolynomial[],
  b: readonly EvaluationPolynomial[],
): EvaluationPolynomial {
  const { ring } = sum;
  if ([...a, ...b].some((p) => p.ring !== ring)) throw new ParameterError('operands belong to different rings');
  return ring.engine.memory.scope(() => {
    const total = loadBlock(sum);
    const x = allocateBlock(ring);
    const y = allocateBlock(ring);
    a.forEach((left, i) => {
      writeBlock(x, left);
      writeBlock(y, b[i]);
      multiplyAddBlock(ring, total, x, y);
    });
    return evaluationPolynomial(ring, readBlock(ring, total));
  });
}
