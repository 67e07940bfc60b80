// Σ coefficient·x + constant with real numbers known in the clear: one rescaling for all terms, no key, nothing allocated in between.
// The heart of a layer whose slots are examples: thousands of terms, each a multiply-accumulate of two polynomials by a scalar.

import { ParameterError } from '../errors.ts';
import { product } from '../parameters/ckks-chain.ts';
import { type Ciphertext, requireKind, requireLevelLeft, requireSameContext } from './ciphertext.ts';
import { combination, rescaled, scaledOf, settledAt } from './scaled.ts';

export interface LinearTerm {
  readonly coefficient: number;
  readonly value: Ciphertext;
}

/**
 * One level below `level`, which is that of the lowest term unless told. Terms may stand higher, each on a level of its own: the constants
 * bring them to one scale. Coefficients are rounded to multiples of 1/scale.
 */
export function linearCombination(terms: readonly LinearTerm[], constant: number = 0, level?: number): Ciphertext {
  const [first] = terms;
  if (first === undefined) throw new ParameterError('a linear combination needs at least one term');
  const lowest = terms.reduce((least, { value }) => Math.min(least, value.level), first.value.level);
  const at = level ?? lowest;
  for (const { coefficient, value } of terms) {
    requireKind(value, 'ciphertext');
    requireSameContext(first.value, value);
    if (!Number.isFinite(coefficient)) throw new ParameterError(`coefficient ${coefficient} is not a finite number`);
  }
  if (!Number.isFinite(constant)) throw new ParameterError(`constant ${constant} is not a finite number`);
  if (!Number.isInteger(at) || at > lowest) {
    throw new ParameterError(`terms stand at level ${lowest} and above: they cannot be combined at level ${at}`);
  }
  requireLevelLeft({ level: at }, 'a linear combination');
  const { parameters } = first.value.context;
  const scale = parameters.scales[at - 1].numerator * product(parameters.levels[at - 1]);
  const scaled = terms.map(({ coefficient, value }) => ({ coefficient, factor: scaledOf(value) }));
  return settledAt(rescaled(combination(scaled, constant, at, scale)));
}
