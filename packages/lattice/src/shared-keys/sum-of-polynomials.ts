// What collective keys and answers are made of: sums of many polynomials, without a new array for each step.

import { addBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';

/** Σ of polynomials of one ring; at least one. */
export function sumOf([first, ...rest]: readonly EvaluationPolynomial[]): EvaluationPolynomial {
  const { ring } = first;
  return ring.engine.memory.secretScope(() => {
    const sum = loadBlock(first);
    for (const p of rest) ring.engine.memory.scope(() => addBlock(ring, sum, sum, loadBlock(p)));
    return evaluationPolynomial(ring, readBlock(ring, sum));
  });
}
