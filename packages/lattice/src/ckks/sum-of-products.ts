// Σ a·b with one relinearisation and one rescaling for all, and Σ a·p with one rescaling: the accumulators stay in the engine's memory, and
// nothing in between becomes a value.

import { ParameterError } from '../errors.ts';
import { type RelinearisationKey, relinearisationErrorFactor } from '../keys/evaluation-key.ts';
import { addBlock, allocateBlock, loadBlock, multiplyAddBlock, readBlock, writeBlock } from '../ring/blocks.ts';
import { divideBlock } from '../ring/division.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import { type Ciphertext, requireAlike, requireKind, requireLevelLeft, requireSameContext } from './ciphertext.ts';
import { afterAddition, afterProduct, type Estimate, keySwitchingError, roundingError, withError } from './estimate.ts';
import { requireKeySwitching } from './key-switch.ts';
import { multiply, relinearisedBlocks, tensorBlocks } from './multiply.ts';
import type { Plaintext } from './plaintext.ts';

/** Σ a·b over the pairs, slot by slot: one level lower than the operands, which all stand on one. */
export function sumOfProducts(
  pairs: readonly (readonly [Ciphertext, Ciphertext])[],
  relinearisation: RelinearisationKey,
): Ciphertext {
  const [first] = pairs;
  if (first === undefined) throw new ParameterError('a sum of products needs at least one pair');
  if (pairs.length === 1) return multiply(first[0], first[1], relinearisation);
  for (const pair of pairs) {
    for (const factor of pair) {
      requireKind(factor, 'ciphertext');
      requireAlike(first[0], factor);
    }
  }
  requireLevelLeft(first[0], 'multiplication');
  const { context, level } = first[0];
  const { ring } = context.level(level);
  const below = context.level(level - 1);
  const plan = requireKeySwitching(context, context.level(level), relinearisation.key);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const sums = tensorBlocks(ring, first[0], first[1]);
    for (const [a, b] of pairs.slice(1)) {
      ring.engine.memory.scope(() => {
        const next = tensorBlocks(ring, a, b);
        addBlock(ring, sums.d0, sums.d0, next.d0);
        addBlock(ring, sums.d1, sums.d1, next.d1);
        addBlock(ring, sums.d2, sums.d2, next.d2);
      });
    }
    return relinearisedBlocks(plan, ring, sums, relinearisation, true);
  });
  const total = pairs.map(([a, b]) => afterProduct(a.estimate, b.estimate)).reduce(afterAddition);
  const dropped = context.level(level).scale.value ** 2 / below.scale.value;
  const switching =
    relinearisationErrorFactor(relinearisation) *
    keySwitchingError(context.parameters, level, below.scale.value, dropped);
  const estimate = withError(withError(total, switching), roundingError(ring.degree, below.scale.value));
  return Object.freeze({ kind: 'ciphertext', context, level: level - 1, c0, c1, estimate });
}

/** Σ a·p over the pairs, slot by slot: one level lower than the operands, which all stand on one. */
export function sumOfPlainProducts(pairs: readonly (readonly [Ciphertext, Plaintext])[]): Ciphertext {
  const [first] = pairs;
  if (first === undefined) throw new ParameterError('a sum of products needs at least one pair');
  for (const [a, p] of pairs) {
    requireKind(a, 'ciphertext');
    requireKind(p, 'plaintext');
    requireAlike(first[0], a);
    requireSameContext(a, p);
    if (p.level !== a.level) {
      throw new ParameterError(`the plaintext was encoded for level ${p.level}, the ciphertext is at ${a.level}`);
    }
  }
  requireLevelLeft(first[0], 'a product');
  const { context, level } = first[0];
  const { ring, rescale: division } = context.level(level);
  if (division === undefined) throw new ParameterError(`level ${level} has nothing to divide by`);
  const [c0, c1] = ring.engine.memory.scope(() => {
    const sums = [allocateBlock(ring), allocateBlock(ring)];
    for (const sum of sums) ring.engine.memory.u32(sum, ring.degree * ring.moduli.length).fill(0);
    const part = allocateBlock(ring);
    for (const [a, { polynomial }] of pairs) {
      ring.engine.memory.scope(() => {
        const factor = loadBlock(polynomial);
        [a.c0, a.c1].forEach((half, i) => {
          writeBlock(part, half);
          multiplyAddBlock(ring, sums[i], part, factor);
        });
      });
    }
    return sums.map((sum) => {
      divideBlock(division, sum);
      return evaluationPolynomial(division.to, readBlock(division.to, sum));
    });
  });
  const total: Estimate = pairs.map(([a, p]) => afterProduct(a.estimate, p.estimate)).reduce(afterAddition);
  const estimate = withError(total, roundingError(ring.degree, context.level(level - 1).scale.value));
  return Object.freeze({ kind: 'ciphertext', context, level: level - 1, c0, c1, estimate });
}
