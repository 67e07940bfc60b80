// Going down the levels: rescaling divides a product by its level's primes, dropping a level keeps the content and sheds primes.

import { ParameterError } from '../errors.ts';
import { restrict } from '../keys/restrict.ts';
import { allocateBlock, multiplyScalarBlock, readBlock, writeBlock } from '../ring/blocks.ts';
import { type Division, divideBlock } from '../ring/division.ts';
import { scalar } from '../ring/modulus.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { modulusOf } from '../ring/ring.ts';
import { type Ciphertext, type CiphertextProduct, levelOf, requireKind, requireLevelLeft } from './ciphertext.ts';
import { roundingError, withError } from './estimate.ts';
import type { Level } from './level.ts';
import { roundedQuotient } from './rounding.ts';

/** Scale Δ_ℓ² → Δ_(ℓ−1) at the level below: all primes of the level at once. */
export function rescale(product: CiphertextProduct): Ciphertext {
  requireKind(product, 'product');
  requireLevelLeft(product, 'rescaling');
  const { context, level, estimate } = product;
  const plan = requireRescale(levelOf(product));
  const below = context.level(level - 1);
  const [c0, c1] = [product.c0, product.c1].map((part) => divided(part, plan));
  const error = roundingError(below.ring.degree, below.scale.value);
  return Object.freeze({
    kind: 'ciphertext',
    context,
    level: level - 1,
    c0,
    c1,
    estimate: withError(estimate, error),
  });
}

function requireRescale({ level, rescale: plan }: Level): Division {
  if (plan === undefined) throw new ParameterError(`level ${level} has nothing to divide by`);
  return plan;
}

function divided(part: EvaluationPolynomial, plan: Division): EvaluationPolynomial {
  return plan.from.engine.memory.scope(() => {
    const at = allocateBlock(plan.from);
    writeBlock(at, part);
    divideBlock(plan, at);
    return evaluationPolynomial(plan.to, readBlock(plan.to, at));
  });
}

/**
 * The same content at a lower level and at that level's scale: primes are left out, and one rescaling by a constant
 * c = ⌊Δ_target·q / Δ⌉ brings the scale to Δ_target exactly (c is off by at most half a unit in 2^scaleBits, counted as error).
 */
export function dropTo(ciphertext: Ciphertext, target: number): Ciphertext {
  requireKind(ciphertext, 'ciphertext');
  const { context, level, estimate } = ciphertext;
  if (target === level) return ciphertext;
  if (!Number.isInteger(target) || target < 0 || target > level) {
    throw new ParameterError(`a ciphertext at level ${level} cannot be brought to level ${target}`);
  }
  levelOf(ciphertext);
  const above = context.level(target + 1);
  const below = context.level(target);
  const plan = requireRescale(above);
  const q = modulusOf(above.ring) / modulusOf(below.ring);
  const { numerator } = context.level(level).scale;
  const constant = roundedQuotient(below.scale.numerator * q, numerator);
  const factors = above.ring.moduli.map((m) => scalar(constant, m));
  const [c0, c1] = [ciphertext.c0, ciphertext.c1].map((part) =>
    plan.from.engine.memory.scope(() => {
      const at = allocateBlock(plan.from);
      writeBlock(at, restrict(part, plan.from));
      multiplyScalarBlock(plan.from, at, at, factors);
      divideBlock(plan, at);
      return evaluationPolynomial(plan.to, readBlock(plan.to, at));
    }),
  );
  const rounding = roundingError(below.ring.degree, below.scale.value);
  const inexact = estimate.magnitude / (2 * Number(constant));
  return Object.freeze({
    kind: 'ciphertext',
    context,
    level: target,
    c0,
    c1,
    estimate: withError({ ...estimate, errorStddev: estimate.errorStddev + inexact }, rounding),
  });
}

/** Both at the lower of their levels. */
export function align(a: Ciphertext, b: Ciphertext): readonly [Ciphertext, Ciphertext] {
  const level = Math.min(a.level, b.level);
  return [dropTo(a, level), dropTo(b, level)];
}
